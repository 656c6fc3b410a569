//! What readers of env files take differently in a line that is read here in one way.

/// Something to know about a line that was read without a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A `$NAME`, `${NAME}`, `$1` or `$(command)` outside of single quotes: it is kept as text, and some readers put
    /// something else there.
    Reference,
    /// A `#` without a blank before it: some readers start a comment there and others do not.
    Hash,
}

/// The notes for a value without quotes; `text` is all that stands behind the `=`.
pub(super) fn unquoted_notes(value: &str, text: &str) -> Vec<Note> {
    let reference = has_reference(value).then_some(Note::Reference);
    let hash = has_doubtful_hash(text).then_some(Note::Hash);
    reference.into_iter().chain(hash).collect()
}

/// The notes for what stands between two quotes; `tail` is what stands behind them.
pub(super) fn quoted_notes(text: &str, quote: char, tail: &str) -> Vec<Note> {
    let reference = (quote == '"' && has_reference(text)).then_some(Note::Reference);
    let hash = tail.starts_with('#').then_some(Note::Hash);
    reference.into_iter().chain(hash).collect()
}

fn has_reference(value: &str) -> bool {
    let named = |c: char| matches!(c, '{' | '(' | '_') || c.is_ascii_alphanumeric();
    value.match_indices('$').any(|(at, _)| {
        let escapes = value[..at].chars().rev().take_while(|c| *c == '\\').count();
        escapes % 2 == 0 && value[at + 1..].starts_with(named)
    })
}

/// Looks at the first `#` only: behind one that surely starts a comment, nothing counts.
fn has_doubtful_hash(value: &str) -> bool {
    value.find('#').is_some_and(|at| !value[..at].ends_with(char::is_whitespace))
}
