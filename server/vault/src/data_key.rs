//! An organization's data key: seals its values and makes their fingerprints.

use super::cipher::{KEY_BYTES, Key};
use super::record::{self, KeyId, Purpose};
use super::{OpenError, RecordIdentity, RootKey, SealError};
use domain::ids::OrganizationId;
use domain::{KeyName, SecretValue};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of a fingerprint; shown as twice as many hexadecimal digits.
const FINGERPRINT_BYTES: usize = 8;

/// One organization's key in the clear. Wiped when dropped; no `Debug`, no `Clone`: share it in an `Arc`.
pub struct DataKey {
    key: Key,
    id: KeyId,
    fingerprint_key: Key,
}

/// A data key as it is stored: sealed by the root key, bound to its organization and to its own id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedDataKey {
    /// The key's id (a UUID), which every record that it seals carries.
    pub id: Uuid,
    /// The sealed key.
    pub bytes: Vec<u8>,
}

/// A value ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The sealed record.
    pub record: Vec<u8>,
    /// Length of the value in bytes.
    pub length: i64,
    /// Keyed fingerprint, see [`DataKey::fingerprint`].
    pub fingerprint: String,
}

impl DataKey {
    pub(super) fn create(root: &RootKey, organization: &OrganizationId) -> Result<(Self, WrappedDataKey), SealError> {
        let id = Uuid::now_v7();
        let key = Key::random()?;
        let bytes = record::seal(root.key(), root.id(), Purpose::DataKey, &wrapping(organization, &id), key.bytes())?;
        Ok((Self::new(key, id), WrappedDataKey { id, bytes }))
    }

    pub(super) fn unwrap(
        root: &RootKey,
        organization: &OrganizationId,
        wrapped: &WrappedDataKey,
    ) -> Result<Self, OpenError> {
        let identity = wrapping(organization, &wrapped.id);
        let opened = record::open(root.key(), root.id(), Purpose::DataKey, &identity, &wrapped.bytes)?;
        let bytes: &[u8; KEY_BYTES] = opened.as_slice().try_into().map_err(|_| OpenError::NotARecord)?;
        Ok(Self::new(Key::new(Zeroizing::new(*bytes)), wrapped.id))
    }

    pub(super) fn new(key: Key, id: Uuid) -> Self {
        let fingerprint_key = derive(&key, b"keyslot fingerprint 1");
        Self { key, id: id.into_bytes(), fingerprint_key }
    }

    /// Seals a value for the row that `identity` names.
    pub fn seal(&self, identity: &RecordIdentity<'_>, value: &SecretValue) -> Result<Vec<u8>, SealError> {
        record::seal(&self.key, &self.id, Purpose::Value, &identity.parts(), value.expose().as_bytes())
    }

    /// Seals a value and says what may be shown of it: what the store's `put_value` takes.
    pub fn seal_value(&self, identity: &RecordIdentity<'_>, value: &SecretValue) -> Result<Sealed, SealError> {
        Ok(Sealed {
            record: self.seal(identity, value)?,
            length: i64::try_from(value.len()).map_err(|_| SealError::TooLong)?,
            fingerprint: self.fingerprint(identity.key, value),
        })
    }

    /// Opens a record that was sealed for the row that `identity` names.
    pub fn open(&self, identity: &RecordIdentity<'_>, record: &[u8]) -> Result<SecretValue, OpenError> {
        let mut opened = record::open(&self.key, &self.id, Purpose::Value, &identity.parts(), record)?;
        match String::from_utf8(std::mem::take(&mut *opened)) {
            Ok(text) => Ok(SecretValue::new(text)),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(OpenError::NotText)
            }
        }
    }

    /// 16 hexadecimal digits that are equal for equal values of one key in one organization, and say nothing without
    /// the data key.
    pub fn fingerprint(&self, key: &KeyName, value: &SecretValue) -> String {
        let mut mac = hmac(&self.fingerprint_key);
        for part in [key.as_str().as_bytes(), value.expose().as_bytes()] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().iter().take(FINGERPRINT_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
pub(super) fn hmac(key: &Key) -> Hmac<Sha256> {
    Hmac::new_from_slice(key.bytes()).expect("HMAC takes keys of any length")
}

/// A subkey for one use, so that no key serves two algorithms.
#[expect(clippy::expect_used, reason = "32 bytes are far below HKDF's limit of 8160")]
pub(super) fn derive(key: &Key, usage: &[u8]) -> Key {
    let mut subkey = Zeroizing::new([0; KEY_BYTES]);
    let hkdf = Hkdf::<Sha256>::new(None, key.bytes());
    hkdf.expand(usage, subkey.as_mut_slice()).expect("32 bytes are within HKDF's limit");
    Key::new(subkey)
}

fn wrapping<'a>(organization: &'a OrganizationId, id: &'a Uuid) -> [&'a [u8]; 2] {
    [organization.as_str().as_bytes(), id.as_bytes()]
}
