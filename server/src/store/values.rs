//! Sealed values: secrets of the organization and of repositories, and session values.

use super::{Store, StoreError};
use crate::vault::{RecordIdentity, SealError, Sealed, SecretScope};
use app::domain::KeyName;
use app::domain::environment::StoredValue;
use app::domain::ids::{ConfigurationId, MemberId, OrganizationId, SessionId};

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

/// A value to store. `seal` is called inside the transaction, with the version that the value will have.
pub struct NewValue<'a> {
    /// Where it counts.
    pub scope: &'a SecretScope,
    /// Its key.
    pub key: &'a KeyName,
    /// What must be there before.
    pub expected: Expected,
    /// What the value is, in a person's words; nothing leaves the description as it was.
    pub description: Option<&'a str>,
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
            length: self.length,
            fingerprint: self.fingerprint.clone(),
            readable,
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
        todo!()
    }

    /// Stores values, all or none, and returns their versions in the order given.
    pub async fn put_values(
        &self,
        organization: &OrganizationId,
        set_by: &MemberId,
        values: Vec<NewValue<'_>>,
    ) -> Result<Vec<i64>, StoreError> {
        todo!()
    }

    /// Deletes a value, if it is the expected one. Returns whether there was one.
    pub async fn delete_value(
        &self,
        organization: &OrganizationId,
        scope: &SecretScope,
        key: &KeyName,
        expected: Expected,
    ) -> Result<bool, StoreError> {
        todo!()
    }

    /// Every value that counts for a configuration, in one query however many keys: the organization's, those of the
    /// configuration's repositories, and the session's if one is given. Nothing for a configuration of another
    /// organization.
    pub async fn values_for(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        session: Option<&SessionId>,
    ) -> Result<Vec<ValueRow>, StoreError> {
        todo!()
    }

    /// Every secret of the organization and of its repositories, without session values, in one query.
    pub async fn secrets(&self, organization: &OrganizationId) -> Result<Vec<ValueRow>, StoreError> {
        todo!()
    }
}
