//! What a slot row says, and which scopes it offers.

use crate::api::environment::EnvironmentTarget;
use crate::components::icon::Shape;
use crate::components::words;
use domain::environment::{AttachedRepository, Counts, Scope, SlotView, Status, StoredValue};
use domain::request::KeyOutcome;

/// The chip of a slot: word, icon and tone.
pub fn chip(slot: &SlotView) -> (&'static str, Shape, &'static str) {
    match slot.status {
        Status::Set => ("Set", Shape::Check, "good"),
        Status::Default => ("Default", Shape::Dash, "info"),
        Status::Missing if slot.required => ("Missing", Shape::Alert, "warn"),
        Status::Missing => ("Optional", Shape::Circle, "plain"),
        Status::Held => ("Held", Shape::Pause, "warn"),
        Status::Conflict => ("Conflict", Shape::Split, "bad"),
        Status::Unreadable => ("Unreadable", Shape::Lock, "bad"),
    }
}

/// A status as the `data-status` attribute has it.
pub fn status_name(status: Status) -> &'static str {
    match status {
        Status::Set => "set",
        Status::Default => "default",
        Status::Missing => "missing",
        Status::Held => "held",
        Status::Conflict => "conflict",
        Status::Unreadable => "unreadable",
    }
}

/// An outcome as the `data-outcome` attribute has it.
pub fn outcome_name(outcome: KeyOutcome) -> &'static str {
    match outcome {
        KeyOutcome::Submitted => "submitted",
        KeyOutcome::Skipped => "skipped",
        KeyOutcome::AlreadySet => "already_set",
        KeyOutcome::Expired => "expired",
        KeyOutcome::Cancelled => "cancelled",
    }
}

/// "Already set for the organization by Ada".
pub fn answered(outcome: Option<KeyOutcome>, value: &StoredValue, repositories: &[AttachedRepository]) -> String {
    let start = if outcome == Some(KeyOutcome::AlreadySet) { "Already set" } else { "Set" };
    format!("{start} for {} by {}", words::the(&words::scope(&value.scope, repositories)), value.set_by)
}

/// What stands between a slot and being written, when it is more than a missing value.
pub fn trouble(slot: &SlotView) -> Option<&'static str> {
    match slot.status {
        Status::Conflict => Some(
            "The attached repositories have different values, and this file belongs to none of them alone. \
             Until one value is chosen, nothing is written.",
        ),
        Status::Unreadable => {
            Some("A value is stored, but it cannot be opened with the server's key. Save it again to repair it.")
        }
        // The offer to use it says what stands in the way.
        Status::Set | Status::Default | Status::Missing | Status::Held => None,
    }
}

/// `5 of 8 required set`.
pub fn progress(counts: Counts) -> String {
    match counts {
        Counts { required: 0, .. } => "Nothing is required".to_owned(),
        Counts { required_set, required, .. } => format!("{required_set} of {required} required set"),
    }
}

/// The sentence that is read out after a change.
pub fn spoken(counts: Counts) -> String {
    match counts.required - counts.required_set {
        _ if counts.required == 0 => String::new(),
        0 => "All required values are set.".to_owned(),
        1 => "1 value is missing.".to_owned(),
        missing => format!("{missing} values are missing."),
    }
}

/// Which scopes a value may be saved for, each with its words, the usual one first.
pub fn scopes(
    slot: &SlotView,
    owner: Option<&AttachedRepository>,
    target: &EnvironmentTarget,
    repositories: &[AttachedRepository],
) -> Vec<(Scope, String)> {
    let mut scopes = Vec::new();
    if let Some(owner) = owner {
        scopes.push((Scope::Repository(owner.id.clone()), format!("This repository ({})", owner.name)));
    }
    // A conflict ends when the repositories agree, or for one session.
    for value in &slot.conflict {
        scopes.push((value.scope.clone(), words::scope(&value.scope, repositories)));
    }
    let organization = (Scope::Organization, "Organization".to_owned());
    let session = (Scope::Session, "This session only".to_owned());
    let in_session = matches!(target, EnvironmentTarget::Session(_));
    match slot.status == Status::Conflict && in_session {
        true => scopes.insert(0, session),
        // The organization, which reaches furthest, is never the usual one.
        false if scopes.is_empty() => {
            scopes.extend(in_session.then_some(session));
            scopes.push(organization);
        }
        false => {
            scopes.push(organization);
            scopes.extend(in_session.then_some(session));
        }
    }
    scopes
}

/// The same with one of them first: whoever replaces a value means that value's scope, unless it is the organization's,
/// which others use too.
pub fn with_first(mut scopes: Vec<(Scope, String)>, first: Option<&Scope>) -> Vec<(Scope, String)> {
    let first = first.filter(|scope| **scope != Scope::Organization);
    if let Some(at) = scopes.iter().position(|(scope, _)| Some(scope) == first) {
        scopes[..=at].rotate_right(1);
    }
    scopes
}

/// Which scopes a value of this session may be kept for, and whose value there it replaces.
pub fn kept_scopes(
    slot: &SlotView,
    owner: Option<&AttachedRepository>,
    target: &EnvironmentTarget,
    repositories: &[AttachedRepository],
) -> Vec<(Scope, String)> {
    let others = scopes(slot, owner, target, repositories).into_iter().filter(|(scope, _)| *scope != Scope::Session);
    let named = others.map(|(scope, name)| match slot.hidden.iter().find(|value| value.scope == scope) {
        Some(stored) => (scope, format!("{name}, replacing {}'s value", stored.set_by)),
        None => (scope, name),
    });
    named.collect()
}

/// What is used once the winner is deleted.
pub fn after_delete(slot: &SlotView, repositories: &[AttachedRepository]) -> String {
    match (slot.hidden.first(), &slot.default, slot.required) {
        (Some(next), ..) => {
            format!("The value of the {} is used then.", bare(&words::scope(&next.scope, repositories)))
        }
        (None, Some(_), _) => "The default is used then.".to_owned(),
        (None, None, true) => "The key will be missing then.".to_owned(),
        (None, None, false) => "The key will be left out then.".to_owned(),
    }
}

/// What a broader value is to the one that hides it.
pub fn compared(hidden: &StoredValue, winner: Option<&StoredValue>) -> &'static str {
    match winner {
        Some(winner) if winner.fingerprint == hidden.fingerprint => "the same value",
        _ => "another value",
    }
}

/// What the value that wins hides, in short.
pub fn hides(hidden: &[StoredValue], repositories: &[AttachedRepository]) -> Option<String> {
    match hidden {
        [] => None,
        [one] => Some(format!("hides the value of {}", words::the(&words::scope(&one.scope, repositories)))),
        several => Some(format!("hides {}", words::count(several.len(), "broader value"))),
    }
}

/// "version 3, 24 bytes"
pub fn version_and_length(value: &StoredValue) -> String {
    match value.length.map(usize::try_from) {
        None => format!("version {}", value.version),
        Some(Ok(0) | Err(_)) => format!("version {}, empty on purpose", value.version),
        Some(Ok(bytes)) => format!("version {}, {}", value.version, words::count(bytes, "byte")),
    }
}

/// The text by which a plain form asks to replace or delete the value that is shown.
pub fn token(place: &str, slot: &SlotView) -> String {
    format!("{place}:{}:{}", slot.key, slot.winner.as_ref().map_or(0, |value| value.version))
}

fn bare(scope: &str) -> &str {
    scope.strip_prefix("this ").unwrap_or(scope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::panel::samples::{repository, slot, stored};

    fn target(session: bool) -> EnvironmentTarget {
        match session {
            true => EnvironmentTarget::Session("s".into()),
            false => EnvironmentTarget::Configuration("c".into()),
        }
    }

    fn names(scopes: Vec<(Scope, String)>) -> Vec<String> {
        scopes.into_iter().map(|(scope, _)| scope.to_string()).collect()
    }

    #[test]
    fn the_usual_scope_is_the_owning_repository_or_else_the_session_and_never_the_organization() {
        let slot = slot("A", true, Status::Missing);
        let web = repository("r1", "web");
        assert_eq!(names(scopes(&slot, Some(&web), &target(true), &[])), ["repository:r1", "organization", "session"]);
        assert_eq!(names(scopes(&slot, None, &target(true), &[])), ["session", "organization"]);
        let replacing = with_first(scopes(&slot, Some(&web), &target(true), &[]), Some(&Scope::Session));
        assert_eq!(names(replacing), ["session", "repository:r1", "organization"]);
        let replacing = with_first(scopes(&slot, Some(&web), &target(true), &[]), Some(&Scope::Organization));
        assert_eq!(names(replacing), ["repository:r1", "organization", "session"]);
    }

    #[test]
    fn session_values_are_offered_in_a_session_only() {
        let slot = slot("A", true, Status::Missing);
        assert_eq!(names(scopes(&slot, None, &target(false), &[])), ["organization"]);
    }

    #[test]
    fn a_card_tells_what_was_there_from_what_was_answered() {
        let value = stored(Scope::Organization, "x");
        assert_eq!(answered(Some(KeyOutcome::AlreadySet), &value, &[]), "Already set for the organization by Ada");
        assert_eq!(answered(None, &stored(Scope::Session, "x"), &[]), "Set for this session by Ada");
    }

    #[test]
    fn keeping_a_session_value_names_whose_value_it_replaces() {
        let mut slot = slot("A", true, Status::Set);
        slot.winner = Some(stored(Scope::Session, "x"));
        slot.hidden.push(stored(Scope::Organization, "y"));
        let web = repository("r1", "web");
        let names: Vec<_> =
            kept_scopes(&slot, Some(&web), &target(true), &[]).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["This repository (web)", "Organization, replacing Ada's value"]);
    }

    #[test]
    fn a_conflict_offers_what_can_end_it() {
        let mut slot = slot("A", true, Status::Conflict);
        slot.conflict = ["r1", "r2"].map(|id| stored(Scope::Repository(id.into()), id)).into();
        assert_eq!(names(scopes(&slot, None, &target(true), &[])), ["session", "repository:r1", "repository:r2"]);
    }

    #[test]
    fn deleting_tells_what_shows_through() {
        let mut slot = slot("A", true, Status::Set);
        assert_eq!(after_delete(&slot, &[]), "The key will be missing then.");
        slot.default = Some("1".into());
        assert_eq!(after_delete(&slot, &[]), "The default is used then.");
        slot.hidden.push(stored(Scope::Organization, "x"));
        assert_eq!(after_delete(&slot, &[]), "The value of the organization is used then.");
    }

    #[test]
    fn a_missing_optional_key_is_no_alarm() {
        assert_eq!(chip(&slot("A", true, Status::Missing)).0, "Missing");
        assert_eq!(chip(&slot("A", false, Status::Missing)).0, "Optional");
    }

    #[test]
    fn what_is_hidden_is_told_in_short() {
        let one = stored(Scope::Organization, "x");
        assert_eq!(hides(&[], &[]), None);
        assert_eq!(hides(std::slice::from_ref(&one), &[]).as_deref(), Some("hides the value of the organization"));
        assert_eq!(hides(&[one.clone(), one.clone()], &[]).as_deref(), Some("hides 2 broader values"));
        assert_eq!(version_and_length(&one), "version 2, 3 bytes");
        assert_eq!(version_and_length(&StoredValue { length: Some(0), ..one.clone() }), "version 2, empty on purpose");
        assert_eq!(version_and_length(&StoredValue { length: None, ..one }), "version 2");
    }

    #[test]
    fn equal_fingerprints_mean_the_same_value() {
        let (one, two) = (stored(Scope::Session, "x"), stored(Scope::Organization, "y"));
        assert_eq!(compared(&two, Some(&two)), "the same value");
        assert_eq!(compared(&two, Some(&one)), "another value");
    }

    #[test]
    fn progress_is_told_in_figures_and_read_out_when_it_changes() {
        let counts = Counts { required: 8, required_set: 5, ..Counts::default() };
        assert_eq!(progress(counts), "5 of 8 required set");
        assert_eq!(spoken(counts), "3 values are missing.");
        assert_eq!(spoken(Counts { required_set: 7, ..counts }), "1 value is missing.");
        assert_eq!(spoken(Counts { required_set: 8, ..counts }), "All required values are set.");
        assert_eq!(spoken(Counts::default()), "", "where nothing is required nothing is said");
        assert_eq!(progress(Counts::default()), "Nothing is required");
    }
}
