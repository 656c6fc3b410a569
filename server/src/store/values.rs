//! Sealed values: secrets of the organization and of repositories, and session values.

use super::reach::want;
use super::releases;
use super::sql::{all, execute};
use super::value_row::Row;
use super::{Reach, Store, StoreError};
use domain::KeyName;
use domain::environment::StoredValue;
use domain::ids::{ConfigurationId, MemberId, OrganizationId, SessionId};
use domain::release::Releasers;
use std::collections::BTreeSet;
use vault::{RecordIdentity, SealError, Sealed, SecretScope};

/// Which version a writer believes to be the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whatever there is.
    #[default]
    Any,
    /// There is no value.
    Absent,
    /// The value has this version.
    Version(i64),
}

impl Expected {
    /// Compares with the current version, which is 0 if there is no value.
    pub(super) fn check(self, current: i64) -> Result<(), StoreError> {
        let met = match self {
            Self::Any => true,
            Self::Absent => current == 0,
            Self::Version(version) => current == version && current > 0,
        };
        if met { Ok(()) } else { Err(StoreError::VersionConflict { current }) }
    }
}

/// A value to store. `seal` is called inside the transaction, with the version that the value will have.
pub struct NewValue<'a> {
    /// Where it counts.
    pub scope: &'a SecretScope,
    /// Its key.
    pub key: &'a KeyName,
    /// What must be there before.
    pub expected: Expected,
    /// What the value is, in a person's words; nothing leaves the description as it was. Session values have none.
    pub description: Option<&'a str>,
    /// The configuration that a value of the organization is released to with this save.
    pub release_to: Option<&'a ConfigurationId>,
    /// Seals the value for the given version.
    pub seal: Box<dyn FnOnce(i64) -> Result<Sealed, SealError> + Send + 'a>,
}

/// A stored value, still sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueRow {
    /// Its key.
    pub key: KeyName,
    /// Where it counts.
    pub scope: SecretScope,
    /// Its version.
    pub version: i64,
    /// The sealed record.
    pub record: Vec<u8>,
    /// Length of the value in bytes.
    pub length: i64,
    /// Keyed fingerprint.
    pub fingerprint: String,
    /// What the value is, in a person's words.
    pub description: Option<String>,
    /// Name of the member who set it.
    pub set_by: String,
    /// When.
    pub set_at: i64,
    /// Who may release it; matters for the organization's values alone.
    pub releasers: Releasers,
}

impl ValueRow {
    /// The identity that the record was sealed with.
    pub fn identity<'a>(&'a self, organization: &'a OrganizationId) -> RecordIdentity<'a> {
        RecordIdentity { organization, scope: &self.scope, key: &self.key, version: self.version }
    }

    /// What may be known of the value; `readable` if the vault could open it.
    pub fn stored(&self, readable: bool) -> StoredValue {
        StoredValue {
            key: self.key.clone(),
            scope: (&self.scope).into(),
            version: self.version,
            set_by: self.set_by.clone(),
            set_at: self.set_at,
            length: Some(self.length),
            fingerprint: self.fingerprint.clone(),
            readable,
            releasers: self.releasers,
            warnings: Vec::new(),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Columns {
    #[sqlx(try_from = "String")]
    key: KeyName,
    repository_id: Option<String>,
    session_id: Option<String>,
    version: i64,
    record: Vec<u8>,
    length: i64,
    fingerprint: String,
    description: Option<String>,
    set_by: String,
    set_at: i64,
    #[sqlx(try_from = "String")]
    releasers: Releasers,
}

impl From<Columns> for ValueRow {
    fn from(columns: Columns) -> Self {
        Self {
            key: columns.key,
            scope: SecretScope::of(columns.session_id, columns.repository_id),
            version: columns.version,
            record: columns.record,
            length: columns.length,
            fingerprint: columns.fingerprint,
            description: columns.description,
            set_by: columns.set_by,
            set_at: columns.set_at,
            releasers: columns.releasers,
        }
    }
}

impl Store {
    /// Stores one value and returns its version: 1 for the first ever, and never one that was there before, even if
    /// the value was deleted since.
    pub async fn put_value(
        &self,
        organization: &OrganizationId,
        set_by: &MemberId,
        value: NewValue<'_>,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        let row = Row { organization, scope: value.scope, key: value.key };
        let (scope, version) = (value.scope, row.put(&mut tx, self.now(), set_by, value).await?);
        want(&mut tx, organization, Reach::Value(scope)).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Stores values, all or none, and returns their versions in the order given.
    pub async fn put_values(
        &self,
        organization: &OrganizationId,
        set_by: &MemberId,
        values: Vec<NewValue<'_>>,
    ) -> Result<Vec<i64>, StoreError> {
        let mut versions = vec![0; values.len()];
        let mut ordered: Vec<_> = versions.iter_mut().zip(values).collect();
        // All batches lock their rows in one order, so that two of them cannot wait for each other.
        ordered.sort_by(|(_, a), (_, b)| (a.scope, a.key).cmp(&(b.scope, b.key)));
        let scopes: BTreeSet<_> = ordered.iter().map(|(_, value)| value.scope).collect();
        let (mut tx, now) = (self.begin().await?, self.now());
        for (version, value) in ordered {
            let row = Row { organization, scope: value.scope, key: value.key };
            *version = row.put(&mut tx, now, set_by, value).await?;
        }
        for scope in scopes {
            want(&mut tx, organization, Reach::Value(scope)).await?;
        }
        tx.commit().await?;
        Ok(versions)
    }

    /// Deletes a value, if it is the expected one. Returns whether there was one.
    pub async fn delete_value(
        &self,
        organization: &OrganizationId,
        scope: &SecretScope,
        key: &KeyName,
        expected: Expected,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let row = Row { organization, scope, key };
        let current = row.lock(&mut tx).await?;
        expected.check(current)?;
        if current == 0 {
            return Ok(false);
        }
        row.keep_replaced(&mut tx, self.now(), current).await?;
        row.clear(&mut tx).await?;
        if *scope == SecretScope::Organization {
            releases::withdraw_everywhere(&mut tx, organization, key).await?;
        }
        want(&mut tx, organization, Reach::Value(scope)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Says what a value of the organization or a repository is, in a person's words; the empty text takes the words
    /// away. Its version stays. Returns whether there is such a value.
    pub async fn describe_value(
        &self,
        organization: &OrganizationId,
        scope: &SecretScope,
        key: &KeyName,
        description: &str,
    ) -> Result<bool, StoreError> {
        let repository = match scope {
            SecretScope::Organization => None,
            SecretScope::Repository(id) => Some(id.as_str()),
            SecretScope::Session(_) => return Ok(false),
        };
        let touched = execute!(
            self.db,
            "UPDATE secrets SET description = NULLIF($4, '')
             WHERE organization_id = $1 AND coalesce(repository_id, '') = coalesce($2, '') AND key = $3
               AND record IS NOT NULL",
            organization.as_str(),
            repository,
            key.as_str(),
            description,
        )?;
        Ok(touched > 0)
    }

    /// Deletes every value of one session alone.
    pub async fn delete_session_values(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<(), StoreError> {
        execute!(
            self.db,
            "UPDATE session_values SET record = NULL, length = NULL, fingerprint = NULL, set_by = NULL, set_at = NULL
             WHERE organization_id = $1 AND session_id = $2",
            organization.as_str(),
            session.as_str(),
        )?;
        Ok(())
    }

    /// Every value that counts for a configuration, in one query however many keys: the organization's, those of the
    /// configuration's repositories, and the session's if one is given (and is a run of this configuration). Nothing
    /// for a configuration of another organization. By key, then scope.
    pub async fn values_for(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        session: Option<&SessionId>,
    ) -> Result<Vec<ValueRow>, StoreError> {
        let rows = all!(
            self.db,
            Columns,
            "SELECT v.key, v.repository_id, CAST(NULL AS TEXT) AS session_id, v.version, v.record, v.length,
                    v.fingerprint, v.description, m.name AS set_by, v.set_at, v.releasers
             FROM configurations c
             JOIN secrets v ON v.organization_id = c.organization_id
             JOIN members m ON m.organization_id = v.organization_id AND m.id = v.set_by
             WHERE c.organization_id = $1 AND c.id = $2 AND v.record IS NOT NULL
               AND (v.repository_id IS NULL OR v.repository_id IN
                    (SELECT a.repository_id FROM configuration_repositories a WHERE a.configuration_id = c.id))
             UNION ALL
             SELECT v.key, NULL, v.session_id, v.version, v.record, v.length, v.fingerprint, NULL, m.name, v.set_at,
                    'admins'
             FROM sessions s
             JOIN session_values v ON v.organization_id = s.organization_id AND v.session_id = s.id
             JOIN members m ON m.organization_id = v.organization_id AND m.id = v.set_by
             WHERE s.organization_id = $1 AND s.configuration_id = $2 AND s.id = $3 AND v.record IS NOT NULL",
            organization.as_str(),
            configuration.as_str(),
            session.map(SessionId::as_str),
        )?;
        Ok(sorted(rows))
    }

    /// Every secret of the organization and of its repositories, without session values, in one query. By key, then
    /// scope.
    pub async fn secrets(&self, organization: &OrganizationId) -> Result<Vec<ValueRow>, StoreError> {
        let rows = all!(
            self.db,
            Columns,
            "SELECT v.key, v.repository_id, CAST(NULL AS TEXT) AS session_id, v.version, v.record, v.length,
                    v.fingerprint, v.description, m.name AS set_by, v.set_at, v.releasers
             FROM secrets v
             JOIN members m ON m.organization_id = v.organization_id AND m.id = v.set_by
             WHERE v.organization_id = $1 AND v.record IS NOT NULL",
            organization.as_str(),
        )?;
        Ok(sorted(rows))
    }
}

/// Sorted here, because databases collate differently.
fn sorted(rows: Vec<Columns>) -> Vec<ValueRow> {
    let mut rows: Vec<ValueRow> = rows.into_iter().map(ValueRow::from).collect();
    rows.sort_by(|a, b| (&a.key, &a.scope).cmp(&(&b.key, &b.scope)));
    rows
}
