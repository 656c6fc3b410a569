//! The vault: everything that touches a plaintext value or a key.
//!
//! One **root key** ([`RootKey`], from the environment or a file) wraps one random **data key** per organization
//! ([`DataKey`]), and the data key seals the values. Every sealed thing, be it a value, a wrapped data key or the root
//! key check, is an AES-256-GCM-SIV record that describes itself (its layout stands in the module `record`) and is bound to the place where
//! it belongs: bytes that were moved to another row, another organization or another version do not open.
//!
//! Errors of this module never carry a value or a key.

mod cipher;
mod data_key;
mod identity;
mod notice_key;
mod record;
mod root_key;

#[cfg(test)]
mod root_key_tests;
#[cfg(test)]
mod tests;

pub use data_key::{DataKey, Sealed, WrappedDataKey};
pub use identity::{RecordIdentity, SecretScope};
pub use notice_key::NoticeKey;
pub use root_key::{ROOT_KEY_FILE, ROOT_KEY_VARIABLE, RootKey, RootKeyError};

use domain::ids::OrganizationId;

/// The root key, proven to be the one of the opened database; makes and opens the organizations' data keys.
pub struct Vault {
    root: RootKey,
}

/// Why nothing could be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes, so nothing can be encrypted")]
    Randomness,
    /// The cipher refuses so much at once (more than 64 GiB).
    #[error("the value is too long to encrypt")]
    TooLong,
}

/// Why a sealed record does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not a record of ours, or cut off.
    #[error("the stored bytes are no sealed record")]
    NotARecord,
    /// A format or algorithm which this program does not know; a newer version may have written it.
    #[error("the record was written in a format that this version does not know")]
    UnknownFormat,
    /// Sealed with another key than the one at hand.
    #[error("the record was sealed with another key")]
    OtherKey,
    /// Changed, or moved here from another organization, scope, key or version.
    #[error("the record was changed, or belongs to another place")]
    Tampered,
    /// Opened, but what it holds is no text.
    #[error("the record holds no text")]
    NotText,
}

impl Vault {
    /// Takes the root key into use; with the `check` that the database holds, if any, it is first proven to be the
    /// right one. Writes nothing.
    pub fn open(root: RootKey, check: Option<&[u8]>) -> Result<Self, RootKeyError> {
        let vault = Self { root };
        match check {
            Some(check) => vault.verify(check).map(|()| vault),
            None => Ok(vault),
        }
    }

    /// Proves that the root key is the one that sealed `check`.
    pub fn verify(&self, check: &[u8]) -> Result<(), RootKeyError> {
        self.root.verify(check)
    }

    /// What signs notices between servers.
    pub fn notice_key(&self) -> NoticeKey {
        NoticeKey::new(self.root.key())
    }

    /// A new check record, to be stored in the database when it has none.
    pub fn new_check(&self) -> Result<Vec<u8>, SealError> {
        self.root.new_check()
    }

    /// Makes an organization's data key; the wrapped form is what is stored.
    pub fn create_data_key(&self, organization: &OrganizationId) -> Result<(DataKey, WrappedDataKey), SealError> {
        DataKey::create(&self.root, organization)
    }

    /// Unwraps an organization's stored data key.
    pub fn open_data_key(&self, organization: &OrganizationId, wrapped: &WrappedDataKey) -> Result<DataKey, OpenError> {
        DataKey::unwrap(&self.root, organization, wrapped)
    }
}
