//! Sealed values that were replaced or deleted while sessions live that may still have them somewhere in their files.
//!
//! They are kept as they were sealed, with their version, for the guard of snapshots alone, and go with the last session
//! that may have had them.

use super::sql::{Tx, all, execute};
use super::value_row::Row;
use super::{Store, StoreError};
use domain::KeyName;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use vault::{RecordIdentity, SecretScope};

/// A value, still sealed: of an earlier version, or of a repository that is not attached any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedValue {
    /// Its key.
    pub key: KeyName,
    /// Where it counted.
    pub scope: SecretScope,
    /// Its version.
    pub version: i64,
    /// The sealed record.
    pub record: Vec<u8>,
}

impl SealedValue {
    /// The identity that the record was sealed with.
    pub fn identity<'a>(&'a self, organization: &'a OrganizationId) -> RecordIdentity<'a> {
        RecordIdentity { organization, scope: &self.scope, key: &self.key, version: self.version }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct Columns {
    #[sqlx(try_from = "String")]
    key: KeyName,
    repository_id: Option<String>,
    session_id: Option<String>,
    version: i64,
    record: Vec<u8>,
}

impl From<Columns> for SealedValue {
    fn from(columns: Columns) -> Self {
        let Columns { key, repository_id, session_id, version, record } = columns;
        Self { key, scope: SecretScope::of(session_id, repository_id), version, record }
    }
}

impl Row<'_> {
    /// Keeps the value that stands in the row, which has this version, while any session lives.
    pub(super) async fn keep_replaced(&self, tx: &mut Tx, now: i64, version: i64) -> Result<(), StoreError> {
        let (organization, key) = (self.organization.as_str(), self.key.as_str());
        let kept = match self.scope {
            SecretScope::Session(session) => execute!(
                tx,
                "INSERT INTO replaced_values (organization_id, session_id, key, version, record, replaced_at)
                 SELECT v.organization_id, v.session_id, v.key, $4, v.record, $5 FROM session_values v
                 JOIN sessions s ON s.organization_id = v.organization_id AND s.id = v.session_id
                 WHERE v.organization_id = $1 AND v.session_id = $2 AND v.key = $3 AND v.record IS NOT NULL
                   AND s.ended_at IS NULL",
                organization,
                session.as_str(),
                key,
                version,
                now,
            ),
            _ => execute!(
                tx,
                "INSERT INTO replaced_values (organization_id, repository_id, key, version, record, replaced_at)
                 SELECT v.organization_id, v.repository_id, v.key, $4, v.record, $5 FROM secrets v
                 WHERE v.organization_id = $1 AND coalesce(v.repository_id, '') = coalesce($2, '') AND v.key = $3
                   AND v.record IS NOT NULL
                   AND EXISTS (SELECT 1 FROM sessions s
                               WHERE s.organization_id = v.organization_id AND s.ended_at IS NULL)",
                organization,
                self.repository(),
                key,
                version,
                now,
            ),
        };
        kept.map(|_| ())
    }
}

impl Store {
    /// The values that counted for a session at some time since it began and do not any more.
    pub async fn replaced_values(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        session: &SessionId,
    ) -> Result<Vec<SealedValue>, StoreError> {
        let rows = all!(
            self.db,
            Columns,
            "SELECT v.key, v.repository_id, v.session_id, v.version, v.record
             FROM sessions s
             JOIN replaced_values v ON v.organization_id = s.organization_id AND v.replaced_at >= s.created_at
             WHERE s.organization_id = $1 AND s.configuration_id = $2 AND s.id = $3
               AND (v.session_id = s.id OR v.session_id IS NULL)
               AND (v.repository_id IS NULL OR v.repository_id IN
                    (SELECT a.repository_id FROM configuration_repositories a WHERE a.configuration_id = $2))",
            organization.as_str(),
            configuration.as_str(),
            session.as_str(),
        )?;
        Ok(rows.into_iter().map(SealedValue::from).collect())
    }

    /// Deletes what no session can have any more that lives.
    pub async fn delete_replaced_values(&self, organization: &OrganizationId) -> Result<(), StoreError> {
        execute!(
            self.db,
            "DELETE FROM replaced_values
             WHERE organization_id = $1
               AND NOT EXISTS (SELECT 1 FROM sessions s
                               WHERE s.organization_id = replaced_values.organization_id AND s.ended_at IS NULL
                                 AND s.created_at <= replaced_values.replaced_at
                                 AND (replaced_values.session_id IS NULL OR replaced_values.session_id = s.id))",
            organization.as_str(),
        )?;
        Ok(())
    }
}
