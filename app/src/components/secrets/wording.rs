//! What the page of secrets says.

use crate::api::secrets::SecretView;
use crate::components::words;
use domain::KeyName;
use domain::secret_use::{SecretUse, Without};

/// What is wrong with a key as it is typed; nothing while it is empty or good.
pub fn key_problem(typed: &str) -> Option<String> {
    let problem = KeyName::new(typed.trim()).err().filter(|_| !typed.trim().is_empty())?;
    let text = problem.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    Some(format!("{first}{}.", letters.as_str()))
}

/// `12 of 300 secrets`, or how many there are when all are shown.
pub fn found(shown: usize, all: usize) -> String {
    if shown == all { words::count(all, "secret") } else { format!("{shown} of {}", words::count(all, "secret")) }
}

/// How long a value is.
pub fn length(bytes: i64) -> String {
    match bytes {
        0 => "empty on purpose".to_owned(),
        bytes => words::count(usize::try_from(bytes).unwrap_or(0), "byte"),
    }
}

/// What a deletion does to some of the files: a sentence's start, and the files by configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// What becomes of the files.
    pub what: &'static str,
    /// Whether something breaks.
    pub breaks: bool,
    /// Each configuration with its files, as text.
    pub files: Vec<String>,
}

/// What deleting a secret does, the worst first; nothing when it is unused.
pub fn consequences(uses: &[SecretUse]) -> Vec<Consequence> {
    let of = |wanted: Without, what: &'static str| {
        let files: Vec<String> = uses.iter().filter_map(|one| files_of(one, wanted)).collect();
        let breaks = matches!(wanted, Without::Missing | Without::Empty);
        (!files.is_empty()).then_some(Consequence { what, breaks, files })
    };
    let all = [
        of(Without::Missing, "Will be missing, though it is required:"),
        of(Without::Empty, "Will be left out, nothing takes its place:"),
        of(Without::Default, "Will use the default of the spec:"),
        of(Without::Same, "Will not change, a narrower value counts there:"),
    ];
    all.into_iter().flatten().collect()
}

fn files_of(one: &SecretUse, wanted: Without) -> Option<String> {
    let places: Vec<_> =
        one.files.iter().filter(|file| file.without == wanted).map(|file| file.place.to_string()).collect();
    (!places.is_empty()).then(|| format!("{}: {}", one.name, places.join(", ")))
}

/// The question before a secret is deleted.
pub fn question(secret: &SecretView) -> String {
    let start = format!("Delete {} for the whole organization? The value cannot be brought back.", secret.key);
    match secret.uses.is_empty() {
        true => format!("{start} No configuration uses it."),
        false => format!("{start} Running sandboxes lose it at once."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::secrets::samples::{secret, used_by};

    #[test]
    fn a_key_is_explained_as_it_is_typed() {
        assert_eq!(key_problem(""), None);
        assert_eq!(key_problem("STRIPE_KEY "), None);
        assert_eq!(
            key_problem("A-B").as_deref(),
            Some("A key name has only letters, digits and underscores; '-' is not allowed.")
        );
        assert!(key_problem("1A").is_some_and(|text| text.contains("digit")));
    }

    #[test]
    fn a_deletion_names_what_breaks_before_what_does_not() {
        let uses = [
            used_by("Api", &[(".env", Without::Same)]),
            used_by(
                "Shop",
                &[(".env", Without::Missing), ("web/.env", Without::Default), ("b/.env", Without::Missing)],
            ),
        ];
        let told: Vec<_> = consequences(&uses).into_iter().map(|one| (one.breaks, one.files)).collect();
        assert_eq!(
            told,
            [
                (true, vec!["Shop: .env, b/.env".to_owned()]),
                (false, vec!["Shop: web/.env".to_owned()]),
                (false, vec!["Api: .env".to_owned()]),
            ]
        );
        assert_eq!(consequences(&[]), []);
    }

    #[test]
    fn the_question_says_whether_anything_uses_it() {
        let mut one = secret("A");
        assert!(question(&one).ends_with("No configuration uses it."));
        one.uses.push(used_by("Shop", &[]));
        assert!(question(&one).ends_with("lose it at once."));
    }

    #[test]
    fn numbers_are_told_in_words() {
        assert_eq!((found(1, 1), found(300, 300)), ("1 secret".to_owned(), "300 secrets".to_owned()));
        assert_eq!(found(12, 300), "12 of 300 secrets");
        assert_eq!((length(0), length(1)), ("empty on purpose".to_owned(), "1 byte".to_owned()));
    }
}
