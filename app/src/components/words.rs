//! Wording that several screens share.

use crate::api::sessions::{SessionKind, SessionState};
use domain::environment::{AttachedRepository, Readiness, Scope};
use domain::key::KeyName;
use domain::path::RelativePath;
use domain::token::TokenPurpose;
use domain::warnings::{self, Warning};

/// `1 value`, `2 values`.
pub fn count(number: usize, noun: &str) -> String {
    let ending = match number {
        1 => "",
        _ if noun.ends_with(['s', 'x']) => "es",
        _ => "s",
    };
    format!("{number} {noun}{ending}")
}

/// `340 bytes`, `12.3 MB`, `1.2 GB`: as disks are sold, in powers of a thousand.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if number < 1000 {
        return count(usize::try_from(number).unwrap_or(0), "byte");
    }
    // In tenths of the unit, rounded to the nearest.
    let (mut tenths, mut unit) = ((number + 50) / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        (tenths, unit) = ((tenths + 500) / 1000, unit + 1);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// `A`, `A and B`, `A, B and C`; more than `limit` end in `and 4 more`.
pub fn list(keys: &[KeyName], limit: usize) -> String {
    let shown = keys.len().min(limit);
    let names: Vec<&str> = keys.iter().take(shown).map(KeyName::as_str).collect();
    match (names.as_slice(), keys.len() - shown) {
        ([], _) => String::new(),
        ([one], 0) => (*one).to_owned(),
        ([most @ .., last], 0) => format!("{} and {last}", most.join(", ")),
        (all, more) => format!("{} and {more} more", all.join(", ")),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn sentence(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Submodules that were not checked out.
pub fn submodules(places: &[RelativePath]) -> String {
    let names: Vec<String> = places.iter().map(RelativePath::to_string).collect();
    let them = if names.len() == 1 { "it" } else { "them" };
    format!(
        "Not checked out: {} {}. Add an auto-start command such as git submodule update --init if the project needs \
         {them}.",
        if names.len() == 1 { "submodule" } else { "submodules" },
        sentence(&names),
    )
}

/// Readiness in words.
pub fn readiness(readiness: Readiness) -> String {
    match readiness {
        Readiness::NoSpec => "No spec yet".to_owned(),
        Readiness::Ready => "Ready".to_owned(),
        Readiness::Needs(values) => format!("Needs {}", count(values, "value")),
        Readiness::Conflict(1) => "Conflict".to_owned(),
        Readiness::Conflict(slots) => count(slots, "conflict"),
    }
}

/// Tone of a chip for a readiness, as styles name it.
pub fn readiness_tone(readiness: Readiness) -> &'static str {
    match readiness {
        Readiness::NoSpec => "plain",
        Readiness::Ready => "good",
        Readiness::Needs(_) => "warn",
        Readiness::Conflict(_) => "bad",
    }
}

/// A session's kind in words.
pub fn kind(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Setup => "Setup session",
        SessionKind::Work => "Work session",
    }
}

/// What a token is for, in words.
pub fn purpose(purpose: TokenPurpose) -> &'static str {
    match purpose {
        TokenPurpose::Agent => "An agent (MCP and HTTP)",
        TokenPurpose::Sandbox => "A sandbox elsewhere",
    }
}

/// A session's state in words.
pub fn state(state: SessionState) -> &'static str {
    match state {
        SessionState::Cloning => "Cloning",
        SessionState::Scanning => "Scanning",
        SessionState::Open => "Open",
        SessionState::Waiting => "Waiting for values",
        SessionState::Booting => "Booting",
        SessionState::Running => "Running",
        SessionState::Finished => "Finished",
        SessionState::Failed => "Failed",
    }
}

/// Tone of a chip for a session's state.
pub fn state_tone(state: SessionState) -> &'static str {
    match state {
        SessionState::Cloning | SessionState::Scanning | SessionState::Booting => "busy",
        SessionState::Waiting => "warn",
        SessionState::Open => "info",
        SessionState::Running => "good",
        SessionState::Finished => "plain",
        SessionState::Failed => "bad",
    }
}

/// The percentage in a line of progress, such as "Receiving objects: 45% (9/20)".
pub fn percent(progress: &str) -> Option<u8> {
    let before = progress.split_once('%')?.0;
    let digits = before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    before.get(digits..)?.parse().ok().filter(|percent| *percent <= 100)
}

/// A scope in words, as in "saved for …" and "from …".
pub fn scope(scope: &Scope, repositories: &[AttachedRepository]) -> String {
    match scope {
        Scope::Session => "this session".to_owned(),
        Scope::Organization => "organization".to_owned(),
        Scope::Repository(id) => match repositories.iter().find(|repository| &repository.id == id) {
            Some(repository) => format!("repository {}", repository.name),
            None => "another repository".to_owned(),
        },
    }
}

/// The same with its article inside a sentence: "for the organization", but "for this session".
pub fn the(scope: &str) -> String {
    if scope == "organization" { format!("the {scope}") } else { scope.to_owned() }
}

/// What looks wrong with a value, and why that matters.
pub fn warning(warning: Warning, key: &KeyName) -> String {
    match warning {
        Warning::BoundaryWhitespace => {
            "It starts or ends with white space, which becomes part of the value.".to_owned()
        }
        Warning::TrailingNewline => "It ends with a line break, which becomes part of the value.".to_owned(),
        Warning::Placeholder => "It looks like a placeholder and not like a value.".to_owned(),
        Warning::NotUrl => "A URL is expected, such as https://example.com.".to_owned(),
        Warning::NotPem => "A PEM block is expected, which starts with -----BEGIN.".to_owned(),
        Warning::CutPem => "The PEM block has no end: a line with -----END is missing.".to_owned(),
        Warning::NotJson => "JSON is expected, and this is none.".to_owned(),
        Warning::OtherPrefix => {
            let known = warnings::prefixes(key).unwrap_or_default();
            format!("Values of {key} usually start with {}.", known.join(" or "))
        }
    }
}

/// Something that can stand in an `id` attribute and in a list of ids.
pub fn dom_id(parts: &[&str]) -> String {
    parts.join(":").replace('%', "%25").split_whitespace().collect::<Vec<_>>().join("%20")
}

/// Text as HTML that shows it.
pub fn as_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!((count(0, "value"), count(1, "value")), ("0 values".to_owned(), "1 value".to_owned()));
        assert_eq!(readiness(Readiness::Needs(1)), "Needs 1 value");
        assert_eq!(readiness(Readiness::Needs(2)), "Needs 2 values");
        assert_eq!(readiness(Readiness::Conflict(1)), "Conflict");
        assert_eq!(readiness(Readiness::Conflict(3)), "3 conflicts");
    }

    #[test]
    fn sizes_are_told_in_round_units() {
        let told = [0, 1, 999, 1000, 12_345, 999_949, 999_950, 12_345_678, 1_234_567_890, 5_000_000_000_000].map(bytes);
        let expected = [
            "0 bytes",
            "1 byte",
            "999 bytes",
            "1.0 kB",
            "12.3 kB",
            "999.9 kB",
            "1.0 MB",
            "12.3 MB",
            "1.2 GB",
            "5.0 TB",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_percentage_is_found_in_a_line_of_progress() {
        assert_eq!(percent("Receiving objects: 45% (9/20)"), Some(45));
        assert_eq!(percent("100%"), Some(100));
        for none in ["Counting objects", "%", "x%", "300% sure"] {
            assert_eq!(percent(none), None, "{none}");
        }
    }

    #[test]
    fn keys_are_listed_as_a_sentence_would() {
        let keys: Vec<KeyName> = ["A", "B", "C"].into_iter().filter_map(|key| KeyName::new(key).ok()).collect();
        assert_eq!(list(&keys[..0], 9), "");
        assert_eq!(list(&keys[..1], 9), "A");
        assert_eq!(list(&keys[..2], 9), "A and B");
        assert_eq!(list(&keys, 9), "A, B and C");
        assert_eq!(list(&keys, 2), "A, B and 1 more");
    }

    #[test]
    fn a_scope_names_its_repository() {
        let web =
            AttachedRepository { id: "r1".into(), name: "web".into(), workspace_path: domain::RelativePath::root() };
        assert_eq!(scope(&Scope::Repository("r1".into()), std::slice::from_ref(&web)), "repository web");
        assert_eq!(scope(&Scope::Repository("r2".into()), &[web]), "another repository");
        assert_eq!(the(&scope(&Scope::Organization, &[])), "the organization");
        assert_eq!(the(&scope(&Scope::Session, &[])), "this session");
    }

    #[test]
    fn ids_hold_no_blanks() {
        assert_eq!(dom_id(&["value", "a b/.env", "KEY"]), "value:a%20b/.env:KEY");
    }
}
