//! Changing one row of the two tables that hold values.
//!
//! A value's record is bound to its version, so the version must be certain before the value is sealed: within one
//! transaction the row first **claims** the next version, which locks it (and makes it, if it is new) on both
//! databases, then the value is sealed for that version and filled in. A deleted value keeps its row, emptied, so that
//! versions are never used twice and an old record fits no later row.

use super::StoreError;
use super::connect::new_id;
use super::releases::release;
use super::sql::{Tx, execute, one, optional};
use super::values::NewValue;
use domain::KeyName;
use domain::ids::{MemberId, OrganizationId};
use vault::{Sealed, SecretScope};

/// Names a row: of `session_values` for a session's scope, else of `secrets`.
pub(super) struct Row<'a> {
    pub(super) organization: &'a OrganizationId,
    pub(super) scope: &'a SecretScope,
    pub(super) key: &'a KeyName,
}

impl Row<'_> {
    /// Stores a value and returns its version.
    pub(super) async fn put(
        &self,
        tx: &mut Tx,
        now: i64,
        set_by: &MemberId,
        value: NewValue<'_>,
    ) -> Result<i64, StoreError> {
        let NewValue { expected, description, seal, release_to, .. } = value;
        let (version, is_set) = self.claim(tx).await?;
        expected.check(if is_set { version - 1 } else { 0 })?;
        let sealed = seal(version)?;
        if is_set {
            self.keep_replaced(tx, now, version - 1).await?;
        }
        self.fill(tx, now, set_by, &sealed, description).await?;
        if let (SecretScope::Organization, Some(configuration)) = (self.scope, release_to) {
            release(tx, now, self.organization, configuration, self.key, set_by).await?;
        }
        Ok(version)
    }

    /// Counts the version up and returns it, with whether the row still holds a value of the version before.
    async fn claim(&self, tx: &mut Tx) -> Result<(i64, bool), StoreError> {
        let (organization, key) = (self.organization.as_str(), self.key.as_str());
        match self.scope {
            SecretScope::Session(session) => one!(
                tx,
                (i64, bool),
                "INSERT INTO session_values (organization_id, session_id, key, version) VALUES ($1, $2, $3, 1)
                 ON CONFLICT (organization_id, session_id, key) DO UPDATE SET version = session_values.version + 1
                 RETURNING version, record IS NOT NULL",
                organization,
                session.as_str(),
                key,
            )
            .map_err(|error| error.or_not_found("the session")),
            _ => one!(
                tx,
                (i64, bool),
                "INSERT INTO secrets (organization_id, repository_id, key, id, version) VALUES ($1, $2, $3, $4, 1)
                 ON CONFLICT (organization_id, key, (coalesce(repository_id, '')))
                 DO UPDATE SET version = secrets.version + 1
                 RETURNING version, record IS NOT NULL",
                organization,
                self.repository(),
                key,
                new_id(),
            )
            .map_err(|error| error.or_not_found("the repository")),
        }
    }

    async fn fill(
        &self,
        tx: &mut Tx,
        now: i64,
        set_by: &MemberId,
        sealed: &Sealed,
        description: Option<&str>,
    ) -> Result<(), StoreError> {
        let (organization, key) = (self.organization.as_str(), self.key.as_str());
        let filled = match self.scope {
            SecretScope::Session(session) => execute!(
                tx,
                "UPDATE session_values SET record = $4, length = $5, fingerprint = $6, set_by = $7, set_at = $8
                 WHERE organization_id = $1 AND session_id = $2 AND key = $3",
                organization,
                session.as_str(),
                key,
                &sealed.record,
                sealed.length,
                &sealed.fingerprint,
                set_by.as_str(),
                now,
            ),
            _ => execute!(
                tx,
                "UPDATE secrets SET record = $4, length = $5, fingerprint = $6, set_by = $7, set_at = $8,
                                    description = coalesce($9, description)
                 WHERE organization_id = $1 AND coalesce(repository_id, '') = coalesce($2, '') AND key = $3",
                organization,
                self.repository(),
                key,
                &sealed.record,
                sealed.length,
                &sealed.fingerprint,
                set_by.as_str(),
                now,
                description,
            ),
        };
        // The row is there: claiming it made or locked it.
        filled.map_err(|error| error.or_not_found("the member")).map(|_| ())
    }

    /// Locks the row and returns the version of its value; 0 if it has none.
    pub(super) async fn lock(&self, tx: &mut Tx) -> Result<i64, StoreError> {
        let (organization, key) = (self.organization.as_str(), self.key.as_str());
        let row = match self.scope {
            SecretScope::Session(session) => optional!(
                tx,
                (i64,),
                "UPDATE session_values SET version = version
                 WHERE organization_id = $1 AND session_id = $2 AND key = $3 AND record IS NOT NULL
                 RETURNING version",
                organization,
                session.as_str(),
                key,
            )?,
            _ => optional!(
                tx,
                (i64,),
                "UPDATE secrets SET version = version
                 WHERE organization_id = $1 AND coalesce(repository_id, '') = coalesce($2, '') AND key = $3
                   AND record IS NOT NULL
                 RETURNING version",
                organization,
                self.repository(),
                key,
            )?,
        };
        Ok(row.map_or(0, |(version,)| version))
    }

    /// Empties the row; its version stays.
    pub(super) async fn clear(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let (organization, key) = (self.organization.as_str(), self.key.as_str());
        let cleared = match self.scope {
            SecretScope::Session(session) => execute!(
                tx,
                "UPDATE session_values
                 SET record = NULL, length = NULL, fingerprint = NULL, set_by = NULL, set_at = NULL
                 WHERE organization_id = $1 AND session_id = $2 AND key = $3",
                organization,
                session.as_str(),
                key,
            ),
            _ => execute!(
                tx,
                "UPDATE secrets
                 SET record = NULL, length = NULL, fingerprint = NULL, description = NULL, set_by = NULL, set_at = NULL,
                     releasers = 'admins'
                 WHERE organization_id = $1 AND coalesce(repository_id, '') = coalesce($2, '') AND key = $3",
                organization,
                self.repository(),
                key,
            ),
        };
        cleared.map(|_| ())
    }

    /// The repository, if the scope is one's.
    pub(super) fn repository(&self) -> Option<&str> {
        match self.scope {
            SecretScope::Repository(repository) => Some(repository.as_str()),
            SecretScope::Organization | SecretScope::Session(_) => None,
        }
    }
}
