//! What an import says.

use crate::api::import::{ImportOutcome, Imported};
use crate::components::icon::Shape;
use crate::components::words;
use domain::dotenv::read::Note;
use domain::environment::{AttachedRepository, StoredValue};
use domain::import::{Choice, Planned, Verdict};
use domain::release::Releasers;
use domain::warnings::Warning;

/// A choice of scope in words.
pub fn choice(choice: Choice, repositories: &[AttachedRepository]) -> String {
    match (choice, repositories) {
        (Choice::Repository, [only]) => format!("Repository {}", only.name),
        (Choice::Repository, _) => "The file's repository".to_owned(),
        (Choice::Organization, _) => "Organization".to_owned(),
        (Choice::Session, _) => "This session only".to_owned(),
    }
}

/// The chip of a line: word, icon and tone.
pub fn verdict(verdict: Verdict) -> (&'static str, Shape, &'static str) {
    match verdict {
        Verdict::New => ("New", Shape::Plus, "good"),
        Verdict::Replaces => ("Replaces", Shape::Key, "warn"),
        Verdict::Same => ("Same as now", Shape::Check, "plain"),
        Verdict::NotInSpec => ("Not in the spec", Shape::Dash, "plain"),
        Verdict::Invalid => ("Cannot be read", Shape::Cross, "bad"),
        Verdict::Repeated => ("Repeated", Shape::Dash, "plain"),
    }
}

/// A verdict as the `data-verdict` attribute has it.
pub fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::New => "new",
        Verdict::Replaces => "replaces",
        Verdict::Same => "same",
        Verdict::NotInSpec => "not-in-spec",
        Verdict::Invalid => "invalid",
        Verdict::Repeated => "repeated",
    }
}

/// "8 new, 2 replaced. Left out: 1 the same as now, 1 not in the spec."
pub fn summary(planned: &[Planned]) -> String {
    let count = |wanted: &dyn Fn(&&Planned) -> bool| planned.iter().filter(wanted).count();
    let saved = |row: &Planned| row.ticked && row.possible;
    let replacing = count(&|row| saved(row) && !row.replaced.is_empty());
    let new = count(&|row| saved(row) && row.replaced.is_empty());
    let part = |count: usize, words: &str| (count > 0).then(|| format!("{count} {words}"));
    let kept: Vec<_> = [part(new, "new"), part(replacing, "replaced")].into_iter().flatten().collect();
    let left = |verdict: Verdict| count(&|row| row.verdict == verdict && !saved(row));
    let out: Vec<_> = [
        part(left(Verdict::Same), "the same as now"),
        part(left(Verdict::NotInSpec), "not in the spec"),
        part(left(Verdict::Invalid), "not readable"),
        part(left(Verdict::Repeated), "repeated"),
        part(left(Verdict::New) + left(Verdict::Replaces), "not ticked"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut text = match kept.is_empty() {
        true => "Nothing is ticked.".to_owned(),
        false => format!("{}.", kept.join(", ")),
    };
    if !out.is_empty() {
        text += &format!(" Left out: {}.", out.join(", "));
    }
    text
}

/// "Imported 12 values. 3 were stored already."
pub fn done(imported: &Imported) -> String {
    let saved = imported.values.iter().filter(|value| value.outcome == ImportOutcome::Saved).count();
    let unchanged = imported.values.len() - saved;
    let mut text = format!("Imported {}.", words::count(saved, "value"));
    match unchanged {
        0 => {}
        1 => text += " 1 was stored already.",
        more => text += &format!(" {more} were stored already."),
    }
    text
}

/// Whose value a line replaces.
pub fn replaced(value: &StoredValue, repositories: &[AttachedRepository]) -> String {
    format!("{}'s value of {}", value.set_by, words::the(&words::scope(&value.scope, repositories)))
}

/// Why a line that only the organization could keep is not ticked.
pub const WANTS_CHOICE: &str = "belongs to no repository; tick it to save it for the organization";

/// What becomes of a key whose value of the organization this configuration may not use yet; `may` says whether whoever
/// looks may release it.
pub fn held(row: &Planned, may: impl Fn(Releasers) -> bool) -> Option<String> {
    let held = row.held.as_ref()?;
    Some(match (row.choice, may(held.releasers)) {
        (Choice::Organization, true) => {
            format!("replaces {}'s value of the organization and lets this configuration use it", held.set_by)
        }
        (Choice::Organization, false) => {
            "the organization has a value that you cannot let this configuration use; save it elsewhere".to_owned()
        }
        _ => "used instead of the organization's value, which this configuration does not use yet".to_owned(),
    })
}

/// What becomes of a key that no file asks for.
pub fn not_in_spec(row: &Planned) -> String {
    match row.replaced.first() {
        Some(value) => format!("no file asks for it; ticked it replaces {}'s organization secret", value.set_by),
        None => "no file asks for it; ticked it becomes an organization secret".to_owned(),
    }
}

/// What looks wrong with a line, in words.
pub fn warnings(row: &Planned) -> Vec<String> {
    let words = |warning: &Warning| match warning {
        Warning::BoundaryWhitespace => "starts or ends with white space",
        Warning::TrailingNewline => "ends with a line break",
        Warning::Placeholder => "looks like a placeholder",
        Warning::NotUrl => "a URL is expected",
        Warning::NotPem => "a PEM block is expected",
        Warning::CutPem => "the PEM block has no end",
        Warning::NotJson => "JSON is expected",
        Warning::OtherPrefix => "starts with something unusual for this key",
    };
    let note = |note: &Note| match note {
        Note::Reference => "the $ is kept as text; no variable is put in its place",
        Note::Hash => "some programs start a comment at a # without a space before it; put quotes around the value",
    };
    let notes = row.notes.iter().map(|one| note(one).to_owned());
    row.warnings.iter().map(|warning| words(warning).to_owned()).chain(notes).collect()
}

/// The length of a value in words.
pub fn length(bytes: usize) -> String {
    if bytes == 0 { "empty".to_owned() } else { words::count(bytes, "byte") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::import::ImportedValue;
    use domain::KeyName;
    use domain::environment::Scope;
    use domain::import::{Plan, Ruling, SameAsNow, parse};

    fn planned(text: &str, rulings: &[Ruling]) -> Vec<Planned> {
        Plan::of_organization().rows(&parse(text), Choice::Organization, rulings, &SameAsNow::new())
    }

    #[test]
    fn the_summary_counts_what_is_saved_and_what_is_left_out() {
        assert_eq!(summary(&planned("A=1\nB=2\nA=3\n?", &[])), "2 new. Left out: 1 not readable, 1 repeated.");
        let out = Ruling { ticked: Some(false), choice: None };
        assert_eq!(summary(&planned("A=1", &[out])), "Nothing is ticked. Left out: 1 not ticked.");
    }

    #[test]
    fn what_programs_read_differently_is_said_beside_the_line() {
        let said = |text: &str| warnings(&planned(text, &[])[0]).join("; ");
        for text in ["A=x-$HOME", "A=\"$HOME/x\""] {
            assert!(said(text).contains("kept as text"), "{text}: {}", said(text));
        }
        for text in ["A=b#c", "A=#ff0000", "A=# why"] {
            assert!(said(text).contains("start a comment"), "{text}: {}", said(text));
        }
        for text in ["A='$HOME#x'", "A=\"a#b\"", "A=5$", "A=b # c#d", "A=\"\\$HOME\""] {
            assert_eq!(said(text), "", "{text}");
        }
    }

    #[test]
    fn what_an_import_does_to_a_held_key_is_said_beside_the_line() {
        use crate::components::panel::samples::{environment, file, slot, stored};
        let mut held = slot("A", true, domain::environment::Status::Held);
        held.held = Some(stored(Scope::Organization, "x"));
        let environment = environment([file(".env", [held])]);
        let said = |choice, may: bool| {
            let row = Plan::new(&environment, true).rows(&parse("A=1"), choice, &[], &SameAsNow::new()).remove(0);
            super::held(&row, |_| may).expect("a word")
        };
        assert!(said(Choice::Organization, true).ends_with("and lets this configuration use it"));
        assert!(said(Choice::Organization, false).ends_with("save it elsewhere"));
        assert!(said(Choice::Session, true).starts_with("used instead of the organization's value"));
    }

    #[test]
    fn a_lone_repository_is_named() {
        let shop = crate::components::panel::samples::repository("r1", "shop");
        assert_eq!(choice(Choice::Repository, std::slice::from_ref(&shop)), "Repository shop");
        assert_eq!(choice(Choice::Repository, &[shop.clone(), shop]), "The file's repository");
        assert_eq!(choice(Choice::Session, &[]), "This session only");
    }

    #[test]
    fn what_came_of_an_import_is_told_in_figures() {
        let value =
            |outcome| ImportedValue { key: KeyName::new("A").expect("a key"), scope: Scope::Organization, outcome };
        let of = |outcomes: &[ImportOutcome]| {
            done(&Imported { values: outcomes.iter().copied().map(value).collect(), environment: None })
        };
        use ImportOutcome::{Saved, Unchanged};
        assert_eq!(of(&[Saved]), "Imported 1 value.");
        assert_eq!(of(&[Saved, Saved, Unchanged]), "Imported 2 values. 1 was stored already.");
        assert_eq!(of(&[Unchanged, Unchanged]), "Imported 0 values. 2 were stored already.");
    }
}
