//! Reading sealed values: those that a configuration may use, and the organization's secrets.

use super::dialect::list_text;
use super::sql::{all, to_json};
use super::{Store, StoreError};
use domain::KeyName;
use domain::environment::StoredValue;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use domain::release::Releasers;
use serde_json::Value;
use sqlx::types::Json;
use std::collections::BTreeSet;
use vault::{RecordIdentity, SecretScope};

/// Which keys are read. An organization may have any number of values, so whoever knows the keys names them.
#[derive(Clone, Copy, Debug)]
pub enum Keys<'a> {
    /// Every key that there is.
    All,
    /// These alone.
    Named(&'a BTreeSet<KeyName>),
}

impl Keys<'_> {
    /// As a statement of [`list_text`] takes it.
    fn list(self) -> Result<Option<Json<Value>>, StoreError> {
        match self {
            Self::All => Ok(None),
            Self::Named(keys) => to_json("the keys", keys).map(Some),
        }
    }
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

/// `$4` is the list of keys.
macro_rules! values_for {
    ($($in_list:tt)*) => {
        concat!(
            "SELECT v.key, v.repository_id, CAST(NULL AS TEXT) AS session_id, v.version, v.record, v.length,
                    v.fingerprint, v.description, m.name AS set_by, v.set_at, v.releasers
             FROM configurations c
             JOIN secrets v ON v.organization_id = c.organization_id
             JOIN members m ON m.organization_id = v.organization_id AND m.id = v.set_by
             WHERE c.organization_id = $1 AND c.id = $2 AND v.record IS NOT NULL AND v.key ", $($in_list)*, "
               AND (v.repository_id IS NULL OR v.repository_id IN
                    (SELECT a.repository_id FROM configuration_repositories a WHERE a.configuration_id = c.id))
             UNION ALL
             SELECT v.key, NULL, v.session_id, v.version, v.record, v.length, v.fingerprint, NULL, m.name, v.set_at,
                    'admins'
             FROM sessions s
             JOIN session_values v ON v.organization_id = s.organization_id AND v.session_id = s.id
             JOIN members m ON m.organization_id = v.organization_id AND m.id = v.set_by
             WHERE s.organization_id = $1 AND s.configuration_id = $2 AND s.id = $3 AND v.record IS NOT NULL
               AND v.key ", $($in_list)*)
    };
}

/// Every secret of the organization `$1` and of its repositories; conditions may follow.
macro_rules! all_secrets {
    () => {
        "SELECT v.key, v.repository_id, CAST(NULL AS TEXT) AS session_id, v.version, v.record, v.length,
                v.fingerprint, v.description, m.name AS set_by, v.set_at, v.releasers
         FROM secrets v
         JOIN members m ON m.organization_id = v.organization_id AND m.id = v.set_by
         WHERE v.organization_id = $1 AND v.record IS NOT NULL"
    };
}

/// `$2` is the list of keys.
macro_rules! secrets {
    ($($in_list:tt)*) => {
        concat!(all_secrets!(), " AND v.key ", $($in_list)*)
    };
}

/// `$2` is the list of keys, `$3` the key after which to begin, `$4` how many.
macro_rules! secrets_beside {
    ($($in_list:tt)*) => {
        concat!(
            all_secrets!(),
            " AND v.repository_id IS NULL AND v.key > $3 AND NOT (v.key ", $($in_list)*, ")
             ORDER BY v.key LIMIT $4")
    };
}

impl Store {
    /// The values of some keys that count for a configuration, in one query however many keys: the organization's,
    /// those of the configuration's repositories, and the session's if one is given (and is a run of this
    /// configuration). Nothing for a configuration of another organization. By key, then scope.
    pub async fn values_for(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        session: Option<&SessionId>,
        keys: Keys<'_>,
    ) -> Result<Vec<ValueRow>, StoreError> {
        let list = keys.list()?;
        let rows = all!(
            self.db,
            Columns,
            list_text!(self.db, list, values_for, "$4"),
            organization.as_str(),
            configuration.as_str(),
            session.map(SessionId::as_str),
            &list,
        )?;
        Ok(sorted(rows))
    }

    /// The secrets of the organization and of its repositories with some keys, without session values, in one query.
    /// By key, then scope.
    pub async fn secrets(&self, organization: &OrganizationId, keys: Keys<'_>) -> Result<Vec<ValueRow>, StoreError> {
        let list = keys.list()?;
        let rows = all!(self.db, Columns, list_text!(self.db, list, secrets, "$2"), organization.as_str(), &list)?;
        Ok(sorted(rows))
    }

    /// Secrets of the organization whose keys are not among those `named`, by key as the database sorts, at most `most`
    /// of them and only those after the key `after`.
    pub async fn secrets_beside(
        &self,
        organization: &OrganizationId,
        named: &BTreeSet<KeyName>,
        after: Option<&KeyName>,
        most: usize,
    ) -> Result<Vec<ValueRow>, StoreError> {
        let list = Keys::Named(named).list()?;
        let rows = all!(
            self.db,
            Columns,
            list_text!(self.db, list, secrets_beside, "$2"),
            organization.as_str(),
            &list,
            after.map_or("", KeyName::as_str),
            i64::try_from(most).unwrap_or(i64::MAX),
        )?;
        Ok(rows.into_iter().map(ValueRow::from).collect())
    }
}

/// Sorted here, because databases collate differently.
fn sorted(rows: Vec<Columns>) -> Vec<ValueRow> {
    let mut rows: Vec<ValueRow> = rows.into_iter().map(ValueRow::from).collect();
    rows.sort_by(|a, b| (&a.key, &a.scope).cmp(&(&b.key, &b.scope)));
    rows
}
