//! Releases: which of the organization's values a configuration may use.
//!
//! An organization value reaches a configuration only where somebody released it to it. Whoever can change a spec can
//! name any key, so a name alone must never be enough to read a value.

use super::KeyName;
use super::member::Role;
use super::words::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who may release a value of the organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Releasers {
    /// Owners and admins.
    #[default]
    Admins,
    /// Members too.
    Members,
}

words!(Releasers, "group of people who may release", Admins = "admins", Members = "members");

impl Releasers {
    /// Whether somebody with this role is one of them.
    pub fn include(self, role: Role) -> bool {
        role >= match self {
            Self::Admins => Role::Admin,
            Self::Members => Role::Member,
        }
    }
}

/// How a configuration comes to the organization's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseMode {
    /// Each key is released on its own.
    #[default]
    Each,
    /// It uses every value of the organization, because its repositories are trusted.
    All,
}

words!(ReleaseMode, "way to release", Each = "each", All = "all");

/// What was released to one configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Releases {
    /// Whether everything is.
    pub mode: ReleaseMode,
    /// The keys that were released on their own.
    pub keys: BTreeSet<KeyName>,
}

impl Releases {
    /// Everything.
    pub fn all() -> Self {
        Self { mode: ReleaseMode::All, keys: BTreeSet::new() }
    }

    /// These keys.
    pub fn of(keys: impl IntoIterator<Item = KeyName>) -> Self {
        Self { mode: ReleaseMode::Each, keys: keys.into_iter().collect() }
    }

    /// Whether the organization's value of a key may be used.
    pub fn cover(&self, key: &KeyName) -> bool {
        self.mode == ReleaseMode::All || self.keys.contains(key)
    }
}
