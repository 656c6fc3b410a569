//! Where a secret of the organization is used, and what would stand in its place.

use super::RelativePath;
use super::environment::{Scope, SlotView};
use super::ids::ConfigurationId;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::environment::{AttachedRepository, StoredValue};
    use crate::domain::{EnvSpec, KeyName, resolve};

    fn stored(key: &str, scope: Scope, fingerprint: &str) -> StoredValue {
        StoredValue {
            key: KeyName::new(key).expect("a key"),
            scope,
            version: 1,
            set_by: "Ada".to_owned(),
            set_at: 0,
            length: Some(1),
            fingerprint: fingerprint.to_owned(),
            readable: true,
            warnings: Vec::new(),
        }
    }

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
        let environment = resolve(1, &spec, &attached, &values);
        let without: Vec<_> = environment.slots().map(|(_, slot)| Without::of(slot)).collect();
        let expected = [Without::Missing, Without::Empty, Without::Default, Without::Same, Without::Same];
        assert_eq!(without, expected.map(Some).into_iter().chain([None]).collect::<Vec<_>>());
    }
}
