//! What readers of env files take differently in a line that is read here in one way.

/// Something to know about a line that was read without a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A `$NAME` or `${NAME}` outside of single quotes: it is kept as text, and some readers put a variable there.
    Reference,
    /// A `#` without a blank before it: some readers start a comment there and others do not.
    Hash,
}

/// The notes for what stands behind the `=`; `quote` is what surrounds it.
pub(super) fn notes(value: &str, quote: Option<char>) -> Vec<Note> {
    let mut notes = Vec::new();
    if quote.is_none_or(|quote| quote == '"') && has_reference(value) {
        notes.push(Note::Reference);
    }
    if quote.is_none() && has_doubtful_hash(value) {
        notes.push(Note::Hash);
    }
    notes
}

fn has_reference(value: &str) -> bool {
    let named = |c: char| c == '{' || c == '_' || c.is_ascii_alphabetic();
    value.match_indices('$').any(|(at, _)| {
        let escapes = value[..at].chars().rev().take_while(|c| *c == '\\').count();
        escapes % 2 == 0 && value[at + 1..].starts_with(named)
    })
}

/// Looks at the first `#` only: behind one that surely starts a comment, nothing counts.
fn has_doubtful_hash(value: &str) -> bool {
    value.find('#').is_some_and(|at| !value[..at].ends_with(char::is_whitespace))
}
