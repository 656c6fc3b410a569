//! What wins, what is missing and what never happens.

use super::*;
use crate::environment::Readiness;
use crate::environment::stored_value as value;
use crate::ids::RepositoryId;
use crate::release::Releases;
use proptest::prelude::*;
use proptest::sample::select;

fn repository(id: &str, at: &str) -> AttachedRepository {
    let workspace_path = RelativePath::new(at).expect("a path");
    AttachedRepository { id: RepositoryId::from(id), name: id.to_owned(), workspace_path }
}

fn of(id: &str) -> Scope {
    Scope::Repository(RepositoryId::from(id))
}

fn spec(json: &str) -> EnvSpec {
    EnvSpec::from_json(json).expect("a spec")
}

fn one_key() -> EnvSpec {
    spec(r#"{"files":[{"path":".env","keys":[{"key":"A"}]}]}"#)
}

fn only_slot(environment: &Environment) -> &SlotView {
    &environment.files[0].slots[0]
}

fn winner_scope(slot: &SlotView) -> Option<Scope> {
    slot.winner.as_ref().map(|winner| winner.scope.clone())
}

#[test]
fn the_narrowest_value_wins_and_hides_the_broader_ones() {
    let attached = [repository("web", ".")];
    let stored = [value("A", Scope::Organization, "o"), value("A", of("web"), "r"), value("A", Scope::Session, "s")];
    for (known, expected) in [(1, Scope::Organization), (2, of("web")), (3, Scope::Session)] {
        let environment = resolve(1, &one_key(), &attached, &Releases::all(), &stored[..known]);
        let slot = only_slot(&environment);
        assert_eq!((slot.status, winner_scope(slot)), (Status::Set, Some(expected)));
        assert_eq!(slot.hidden.len(), known - 1);
    }
}

#[test]
fn a_missing_required_key_is_needed_and_an_optional_one_is_not() {
    let spec = spec(r#"{"files":[{"path":".env","keys":[{"key":"A"},{"key":"B","required":false}]}]}"#);
    let environment = resolve(1, &spec, &[], &Releases::all(), &[]);
    assert_eq!(environment.readiness(), Readiness::Needs(1));
    assert_eq!(environment.counts().optional, 1);
}

#[test]
fn an_empty_value_saved_on_purpose_counts_as_set() {
    let mut empty = value("A", Scope::Organization, "e");
    empty.length = Some(0);
    assert_eq!(resolve(1, &one_key(), &[], &Releases::all(), &[empty]).readiness(), Readiness::Ready);
}

#[test]
fn an_unreadable_value_is_not_replaced_by_a_broader_one() {
    let mut broken = value("A", of("web"), "r");
    broken.readable = false;
    let stored = [broken, value("A", Scope::Organization, "o")];
    let environment = resolve(1, &one_key(), &[repository("web", ".")], &Releases::all(), &stored);
    assert_eq!(only_slot(&environment).status, Status::Unreadable);
    assert_eq!(environment.readiness(), Readiness::Needs(1));
}

#[test]
fn a_file_hears_only_the_repository_that_owns_it() {
    let attached = [repository("web", "web"), repository("api", "api"), repository("inner", "web/inner")];
    let spec = spec(
        r#"{"files":[{"workspacePath":"web","path":".env","keys":[{"key":"A"}]},
            {"workspacePath":".","path":"api/.env","keys":[{"key":"A"}]},
            {"workspacePath":"web","path":"inner/.env","keys":[{"key":"A"}]}]}"#,
    );
    let stored = [value("A", of("web"), "w"), value("A", of("api"), "a")];
    let environment = resolve(1, &spec, &attached, &Releases::all(), &stored);
    let winners: Vec<_> = environment.files.iter().map(|file| winner_scope(&file.slots[0])).collect();
    assert_eq!(winners, [Some(of("web")), Some(of("api")), None]);
}

#[test]
fn repositories_that_disagree_over_a_common_file_are_a_conflict_until_somebody_decides() {
    let attached = [repository("web", "web"), repository("api", "api")];
    let mut stored = vec![value("A", of("web"), "1"), value("A", of("api"), "2"), value("A", Scope::Organization, "1")];
    let environment = resolve(1, &one_key(), &attached, &Releases::all(), &stored);
    assert_eq!(only_slot(&environment).status, Status::Conflict);
    assert_eq!(only_slot(&environment).conflict.len(), 2);
    assert_eq!(environment.readiness(), Readiness::Conflict(1));

    stored[1].fingerprint = "1".to_owned();
    assert_eq!(only_slot(&resolve(1, &one_key(), &attached, &Releases::all(), &stored)).status, Status::Set);

    stored[1].fingerprint = "2".to_owned();
    stored.push(value("A", Scope::Session, "3"));
    let environment = resolve(1, &one_key(), &attached, &Releases::all(), &stored);
    assert_eq!(winner_scope(only_slot(&environment)), Some(Scope::Session));
}

#[test]
fn defaults_fill_plain_keys_but_never_a_secret_files_sensitive_key() {
    let defaults = |mode: &str| {
        let json = format!(
            r#"{{"files":[{{"path":".env","mode":"{mode}","keys":[{{"key":"PORT","default":"3000"}},
                {{"key":"API_KEY","default":"x"}},{{"key":"BASE","default":"http://u:p@h/"}},
                {{"key":"EMPTY","default":""}}]}}]}}"#
        );
        let environment = resolve(1, &spec(&json), &[], &Releases::all(), &[]);
        environment.files[0].slots.iter().map(|slot| slot.status).collect::<Vec<_>>()
    };
    use Status::{Default, Missing};
    assert_eq!(defaults("secret"), [Default, Missing, Missing, Missing]);
    assert_eq!(defaults("shared"), [Default, Default, Default, Missing]);
}

#[test]
fn a_key_in_two_files_of_one_owner_needs_one_value() {
    let spec = spec(r#"{"files":[{"path":"a","keys":[{"key":"A"}]},{"path":"b","keys":[{"key":"A"}]}]}"#);
    assert_eq!(resolve(1, &spec, &[repository("web", ".")], &Releases::all(), &[]).missing_required(), 1);
}

#[test]
fn an_organizations_value_is_held_until_it_is_released() {
    let stored = [value("A", Scope::Organization, "o")];
    let held = resolve(1, &one_key(), &[], &Releases::default(), &stored);
    assert_eq!((only_slot(&held).status, &only_slot(&held).winner), (Status::Held, &None));
    assert_eq!((held.readiness(), held.lacking().len()), (Readiness::Needs(1), 1), "it counts as missing");
    assert_eq!(held.releasable(), [&stored[0]]);
    assert_eq!(only_slot(&held).seen().at(&Scope::Organization), Some(1), "whoever saves there replaces it knowingly");

    for released in [Releases::of([stored[0].key.clone()]), Releases::all()] {
        let environment = resolve(1, &one_key(), &[], &released, &stored);
        assert_eq!((only_slot(&environment).status, &only_slot(&environment).held), (Status::Set, &None));
        assert_eq!((environment.readiness(), environment.release_mode), (Readiness::Ready, released.mode));
    }
}

#[test]
fn a_value_that_is_held_gives_way_to_everything_else() {
    let attached = [repository("web", ".")];
    let with = |narrower: Scope| [value("A", Scope::Organization, "o"), value("A", narrower, "n")];
    for narrower in [Scope::Session, of("web")] {
        let environment = resolve(1, &one_key(), &attached, &Releases::default(), &with(narrower.clone()));
        assert_eq!(winner_scope(only_slot(&environment)), Some(narrower));
        assert_eq!((only_slot(&environment).hidden.len(), environment.releasable().len()), (0, 0));
    }
    let spec = spec(r#"{"files":[{"path":".env","keys":[{"key":"PORT","default":"1"}]}]}"#);
    let stored = [value("PORT", Scope::Organization, "o")];
    let environment = resolve(1, &spec, &[], &Releases::default(), &stored);
    assert_eq!(only_slot(&environment).status, Status::Default, "the default is written meanwhile");
    assert_eq!(environment.releasable().len(), 1, "and the value is offered all the same");
}

fn any_releases() -> impl Strategy<Value = Releases> {
    let keys = proptest::collection::btree_set(select(vec!["A", "B", "C"]), 0..3);
    let key = |name: &str| KeyName::new(name).expect("a key");
    prop_oneof![
        1 => Just(Releases::all()),
        3 => keys.prop_map(move |keys| Releases::of(keys.into_iter().map(key))),
    ]
}

fn any_scope() -> impl Strategy<Value = Scope> {
    select(vec![Scope::Session, of("web"), of("api"), of("other"), Scope::Organization])
}

/// At most one value for each key and scope, as the store guarantees.
fn any_stored() -> impl Strategy<Value = Vec<StoredValue>> {
    let one = (select(vec!["A", "B", "C"]), any_scope(), select(vec!["1", "2"]), any::<bool>());
    proptest::collection::vec(one, 0..12).prop_map(|values| {
        let unique: BTreeMap<_, _> = values.into_iter().map(|(k, s, f, r)| ((k, s), (f, r))).collect();
        let build =
            |((key, scope), (fingerprint, readable))| StoredValue { readable, ..value(key, scope, fingerprint) };
        unique.into_iter().map(build).collect()
    })
}

fn any_spec() -> impl Strategy<Value = EnvSpec> {
    let place = select(vec![".env", "web/.env", "api/.env", "web/sub/.env"]);
    proptest::collection::btree_set(place, 1..4).prop_map(|places| {
        let keys = r#"[{"key":"A"},{"key":"B","required":false,"default":"d"},{"key":"C"}]"#;
        let files = places.iter().map(|path| format!(r#"{{"path":"{path}","keys":{keys}}}"#)).collect::<Vec<_>>();
        spec(&format!(r#"{{"files":[{}]}}"#, files.join(",")))
    })
}

fn both() -> [AttachedRepository; 2] {
    [repository("web", "web"), repository("api", "api")]
}

proptest! {
    #[test]
    fn adding_a_broader_value_never_changes_a_narrower_outcome(spec in any_spec(), stored in any_stored(), releases in any_releases(), extra in any_scope()) {
        let taken = |value: &StoredValue| value.key.as_str() == "A" && value.scope == extra;
        let stored: Vec<_> = stored.into_iter().filter(|value| !taken(value)).collect();
        let before = resolve(1, &spec, &both(), &releases, &stored);
        let mut more = stored.clone();
        more.push(value("A", extra.clone(), "9"));
        let after = resolve(1, &spec, &both(), &releases, &more);
        for ((_, old), (_, new)) in before.slots().zip(after.slots()) {
            let narrower = old.winner.as_ref().is_some_and(|winner| winner.scope < extra && matches!(winner.scope, Scope::Session))
                || (extra == Scope::Organization && (old.winner.is_some() || old.status == Status::Conflict));
            if old.key.as_str() != "A" || narrower {
                prop_assert_eq!((old.status, &old.winner), (new.status, &new.winner));
            }
        }
    }

    #[test]
    fn no_repositorys_value_reaches_another_repositorys_file(spec in any_spec(), stored in any_stored(), releases in any_releases()) {
        for (file, slot) in resolve(1, &spec, &both(), &releases, &stored).slots() {
            for seen in slot.known() {
                if let (Scope::Repository(id), Some(owner)) = (&seen.scope, &file.owner) {
                    prop_assert_eq!(id, &owner.id);
                }
                prop_assert_ne!(&seen.scope, &of("other"));
            }
        }
    }

    #[test]
    fn a_slot_is_set_exactly_when_a_readable_value_wins(spec in any_spec(), stored in any_stored(), releases in any_releases()) {
        for (_, slot) in resolve(1, &spec, &both(), &releases, &stored).slots() {
            let readable = slot.winner.as_ref().map(|winner| winner.readable);
            prop_assert_eq!(slot.status == Status::Set, readable == Some(true));
            prop_assert_eq!(slot.status == Status::Unreadable, readable == Some(false));
            prop_assert_eq!(slot.status == Status::Conflict, !slot.conflict.is_empty());
        }
    }

    #[test]
    fn the_order_in_which_values_are_found_does_not_matter(spec in any_spec(), stored in any_stored(), releases in any_releases()) {
        let mut reversed = stored.clone();
        reversed.reverse();
        prop_assert_eq!(resolve(1, &spec, &both(), &releases, &stored), resolve(1, &spec, &both(), &releases, &reversed));
    }

    #[test]
    fn what_the_next_session_lacks_is_what_it_would_lack_without_session_values(spec in any_spec(), stored in any_stored(), releases in any_releases()) {
        let here = resolve(1, &spec, &both(), &releases, &stored);
        let lasting: Vec<_> = stored.into_iter().filter(|value| value.scope != Scope::Session).collect();
        let next = resolve(1, &spec, &both(), &releases, &lasting);
        for ((_, now), (_, then)) in here.slots().zip(next.slots()) {
            prop_assert_eq!(now.is_lacking_next(), then.is_lacking());
        }
    }

    #[test]
    fn no_value_of_the_organization_is_used_or_hidden_that_was_not_released(spec in any_spec(), stored in any_stored(), releases in any_releases()) {
        let environment = resolve(1, &spec, &both(), &releases, &stored);
        for (_, slot) in environment.slots() {
            let of_organization = |value: &&StoredValue| value.scope == Scope::Organization;
            let used = slot.winner.iter().chain(&slot.hidden).chain(&slot.conflict).find(of_organization);
            prop_assert!(used.is_none() || releases.cover(&slot.key));
            prop_assert!(slot.held.is_none() || !releases.cover(&slot.key));
            let stored = stored.iter().any(|value| value.key == slot.key && value.scope == Scope::Organization);
            prop_assert_eq!(stored, used.is_some() || slot.held.is_some(), "either way it is told that there is one");
            prop_assert!(slot.status != Status::Held || slot.held.is_some() && slot.winner.is_none());
        }
    }

    #[test]
    fn a_value_that_was_not_released_changes_nothing_that_is_written(spec in any_spec(), stored in any_stored(), releases in any_releases()) {
        let without: Vec<_> =
            stored.iter().filter(|value| value.scope != Scope::Organization || releases.cover(&value.key)).cloned().collect();
        let (held, absent) = (resolve(1, &spec, &both(), &releases, &stored), resolve(1, &spec, &both(), &releases, &without));
        for ((_, with), (_, without)) in held.slots().zip(absent.slots()) {
            prop_assert_eq!(with.status.is_written(), without.status.is_written());
            prop_assert_eq!((&with.winner, &with.hidden, &with.conflict), (&without.winner, &without.hidden, &without.conflict));
            prop_assert_eq!((with.is_lacking(), with.is_lacking_next()), (without.is_lacking(), without.is_lacking_next()));
        }
        prop_assert_eq!((held.readiness(), held.lacking()), (absent.readiness(), absent.lacking()));
    }

    #[test]
    fn what_is_releasable_is_written_once_it_is_released(spec in any_spec(), stored in any_stored(), releases in any_releases()) {
        let before = resolve(1, &spec, &both(), &releases, &stored);
        let keys = before.releasable().into_iter().map(|value| value.key.clone());
        let more = Releases { keys: releases.keys.iter().cloned().chain(keys).collect(), mode: releases.mode };
        let after = resolve(1, &spec, &both(), &more, &stored);
        prop_assert!(after.releasable().is_empty());
        for ((_, old), (_, new)) in before.slots().zip(after.slots()) {
            match old.releasable() {
                Some(value) => prop_assert_eq!(new.winner.as_ref(), Some(value)),
                None => prop_assert_eq!(old.status, new.status),
            }
        }
    }
}
