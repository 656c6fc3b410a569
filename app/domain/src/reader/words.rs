//! What several models ask of texts.

/// Whether a shell takes it for the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Which characters a parser skips where.
pub(super) struct Skips {
    /// In front of a statement.
    pub before: fn(char) -> bool,
    /// What must follow `export`, so that it is no part of a name.
    pub ends_export: fn(char) -> bool,
    /// Behind `export`.
    pub after_export: fn(char) -> bool,
}

/// The next statement in `rest`: behind white space, lines of comments and `export`. Also where its line starts in
/// `text`, of which `rest` is the end.
pub(super) fn next_statement<'a>(text: &str, rest: &'a str, skips: &Skips) -> Option<(usize, &'a str)> {
    let mut rest = rest.trim_start_matches(skips.before);
    while rest.starts_with('#') {
        rest = rest[rest.find('\n').unwrap_or(rest.len())..].trim_start_matches(skips.before);
    }
    let exported = rest.strip_prefix("export").filter(|after| after.starts_with(skips.ends_export));
    let statement = exported.map_or(rest, |after| after.trim_start_matches(skips.after_export));
    (!rest.is_empty()).then_some((text.len() - rest.len(), statement))
}
