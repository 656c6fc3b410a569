//! Where a sealed value belongs.

use domain::KeyName;
use domain::environment::Scope;
use domain::ids::{OrganizationId, RepositoryId, SessionId};
use std::fmt;

/// Where a stored value counts, with the identifiers that the domain's [`Scope`] leaves out.
///
/// Its `Display` (`organization`, `repository:<id>`, `session:<id>`) is the one canonical text form; it is part of
/// every sealed record's identity and must never change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretScope {
    /// The whole organization.
    Organization,
    /// Every session in which the repository is attached.
    Repository(RepositoryId),
    /// One session alone.
    Session(SessionId),
}

impl SecretScope {
    /// The scope of a stored value: a session's, a repository's, or the organization's where it has neither.
    pub fn of(session: Option<String>, repository: Option<String>) -> Self {
        match (session, repository) {
            (Some(session), _) => Self::Session(session.into()),
            (None, Some(repository)) => Self::Repository(repository.into()),
            (None, None) => Self::Organization,
        }
    }
}

impl fmt::Display for SecretScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization => f.write_str("organization"),
            Self::Repository(id) => write!(f, "repository:{id}"),
            Self::Session(id) => write!(f, "session:{id}"),
        }
    }
}

impl From<&SecretScope> for Scope {
    fn from(scope: &SecretScope) -> Self {
        match scope {
            SecretScope::Organization => Self::Organization,
            SecretScope::Repository(id) => Self::Repository(id.clone()),
            SecretScope::Session(_) => Self::Session,
        }
    }
}

/// The row that a sealed value belongs to; a value opens only with the identity it was sealed with.
#[derive(Clone, Copy, Debug)]
pub struct RecordIdentity<'a> {
    /// Whose value it is.
    pub organization: &'a OrganizationId,
    /// Where it counts.
    pub scope: &'a SecretScope,
    /// Its key.
    pub key: &'a KeyName,
    /// Its version, from 1.
    pub version: i64,
}

impl RecordIdentity<'_> {
    /// The identity's parts, in the order in which they are bound to a record.
    pub(super) fn parts(&self) -> [Vec<u8>; 4] {
        [
            self.organization.as_str().as_bytes().to_vec(),
            self.scope.to_string().into_bytes(),
            self.key.as_str().as_bytes().to_vec(),
            self.version.to_be_bytes().to_vec(),
        ]
    }
}
