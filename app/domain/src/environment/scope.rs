//! Where a value counts, and which versions were seen there.

use crate::ids::RepositoryId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Where a value counts; narrower scopes win.
///
/// Its text form, used in forms, JSON and the vault, is `session`, `repository:<id>` or `organization`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// This session alone.
    Session,
    /// Every session in which this repository is attached.
    Repository(RepositoryId),
    /// The whole organization.
    Organization,
}

/// A text that names no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a scope is \"session\", \"organization\" or \"repository:\" with the repository's id")]
pub struct ScopeError;

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session => f.write_str("session"),
            Self::Repository(id) => write!(f, "repository:{id}"),
            Self::Organization => f.write_str("organization"),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        match text.as_str() {
            "session" => Ok(Self::Session),
            "organization" => Ok(Self::Organization),
            other => match other.strip_prefix("repository:") {
                Some(id) if !id.is_empty() => Ok(Self::Repository(RepositoryId::from(id))),
                _ => Err(ScopeError),
            },
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> String {
        scope.to_string()
    }
}

/// Which version of a slot's value stood at each scope when a form was shown, so that a save does not take away what
/// somebody else saved meanwhile. Its text form is `scope=version` with commas between, or `none`: in a form, an empty
/// field would be no answer at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Seen(BTreeMap<Scope, i64>);

impl Seen {
    /// The version that stood at a scope; none when there was no value.
    pub fn at(&self, scope: &Scope) -> Option<i64> {
        self.0.get(scope).copied()
    }
}

impl FromIterator<(Scope, i64)> for Seen {
    fn from_iter<T: IntoIterator<Item = (Scope, i64)>>(versions: T) -> Self {
        Self(versions.into_iter().collect())
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (index, (scope, version)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{scope}={version}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Seen {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        let parts = text.split(',').filter(|_| text != "none");
        let part = |part: &str| {
            let (scope, version) = part.rsplit_once('=').ok_or(ScopeError)?;
            Ok((Scope::try_from(scope.to_owned())?, version.parse().map_err(|_| ScopeError)?))
        };
        parts.map(part).collect::<Result<_, _>>().map(Self)
    }
}

impl From<Seen> for String {
    fn from(seen: Seen) -> String {
        seen.to_string()
    }
}
