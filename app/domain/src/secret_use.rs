//! Where a secret of the organization is used, and what would stand in its place.

use super::environment::{Environment, Scope, SlotView, Status};
use super::ids::ConfigurationId;
use super::{KeyName, RelativePath};
use serde::{Deserialize, Serialize};

/// A configuration whose files name the secret's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretUse {
    /// Which configuration.
    pub configuration: ConfigurationId,
    /// Its name.
    pub name: String,
    /// The files, in the spec's order.
    pub files: Vec<FileUse>,
}

/// One file that names the secret's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileUse {
    /// Where the file lies, from the workspace down.
    pub place: RelativePath,
    /// What becomes of the key without the secret.
    pub without: Without,
}

/// What becomes of a slot once the organization has no value for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Without {
    /// It is required, and nothing takes the value's place.
    Missing,
    /// It is optional, and nothing takes the value's place.
    Empty,
    /// The spec's default takes its place.
    Default,
    /// Nothing changes: a narrower value is used, or the repositories disagree.
    Same,
}

impl Without {
    /// What becomes of this slot; nothing where the organization has no value for it.
    pub fn of(slot: &SlotView) -> Option<Self> {
        let is_organizations = |scope: &Scope| *scope == Scope::Organization;
        if slot.hidden.iter().any(|value| is_organizations(&value.scope)) {
            return Some(Self::Same);
        }
        slot.winner.as_ref().filter(|winner| is_organizations(&winner.scope))?;
        Some(match (&slot.default, slot.required) {
            (Some(_), _) => Self::Default,
            (None, true) => Self::Missing,
            (None, false) => Self::Empty,
        })
    }
}

/// What a value of the organization reaches, told before it is saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretReach {
    /// Configurations that use it at once.
    pub uses: usize,
    /// Required values that are missing now and would not be.
    pub fills: usize,
    /// Configurations that name its key and use it only once it is released to them.
    pub held: usize,
}

impl SecretReach {
    /// Adds one configuration: how it stands `before` the values of these keys are saved, and how it would `after`.
    pub fn add(&mut self, keys: &[KeyName], before: &Environment, after: &Environment) {
        let slots = || after.slots().map(|(_, slot)| slot).filter(|slot| keys.contains(&slot.key));
        self.uses += usize::from(slots().any(|slot| Without::of(slot).is_some_and(|without| without != Without::Same)));
        self.held += usize::from(slots().any(|slot| slot.status == Status::Held));
        self.fills += before.missing_required().saturating_sub(after.missing_required());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{AttachedRepository, StoredValue, stored_value as stored};
    use crate::release::Releases;
    use crate::{EnvSpec, KeyName, resolve};

    #[test]
    fn what_takes_the_place_of_an_organizations_value_is_told_slot_by_slot() {
        let spec = EnvSpec::from_json(
            r#"{"files":[{"path":".env","mode":"shared","keys":[
                {"key":"REQUIRED"},{"key":"OPTIONAL","required":false},{"key":"DEFAULTED","default":"1"},
                {"key":"NARROWER"},{"key":"TORN"},{"key":"ABSENT"}]}]}"#,
        )
        .expect("a spec");
        let attached = ["web", "api"].map(|name| AttachedRepository {
            id: name.into(),
            name: name.to_owned(),
            workspace_path: RelativePath::new(name).expect("a path"),
        });
        let mut values: Vec<_> = ["REQUIRED", "OPTIONAL", "DEFAULTED", "NARROWER", "TORN"]
            .map(|key| stored(key, Scope::Organization, "x"))
            .into();
        values.push(stored("NARROWER", Scope::Repository("web".into()), "y"));
        values.push(stored("TORN", Scope::Repository("web".into()), "y"));
        values.push(stored("TORN", Scope::Repository("api".into()), "z"));
        let environment = resolve(1, &spec, &attached, &Releases::all(), &values);
        let without: Vec<_> = environment.slots().map(|(_, slot)| Without::of(slot)).collect();
        let expected = [Without::Missing, Without::Empty, Without::Default, Without::Same, Without::Same];
        assert_eq!(without, expected.map(Some).into_iter().chain([None]).collect::<Vec<_>>());
        let held = resolve(1, &spec, &attached, &Releases::default(), &values);
        assert!(held.slots().all(|(_, slot)| Without::of(slot).is_none()), "what is not released is not used");
    }

    #[test]
    fn what_a_value_reaches_is_told_before_it_is_saved() {
        let spec = EnvSpec::from_json(
            r#"{"files":[{"path":".env","keys":[{"key":"A"},{"key":"B"}]},{"path":"b/.env","keys":[{"key":"A"}]}]}"#,
        )
        .expect("a spec");
        let (saved, own) = ([stored("A", Scope::Organization, "x")], [stored("A", Scope::Session, "y")]);
        let mut reach = SecretReach::default();
        for (releases, before) in [
            (Releases::all(), &[][..]),
            (Releases::of([KeyName::new("A").expect("a key")]), &saved[..]),
            (Releases::default(), &[][..]),
            (Releases::default(), &own[..]),
        ] {
            let after: Vec<_> =
                before.iter().filter(|value| value.scope != Scope::Organization).chain(&saved).cloned().collect();
            let environment = |values: &[StoredValue]| resolve(1, &spec, &[], &releases, values);
            reach.add(std::slice::from_ref(&saved[0].key), &environment(before), &environment(&after));
        }
        assert_eq!(reach, SecretReach { uses: 2, fills: 1, held: 1 });
    }
}
