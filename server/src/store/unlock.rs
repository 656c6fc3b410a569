//! The start: proving the root key before anything is written, then bringing the tables up to date.

use super::{Store, StoreError};
use crate::vault::{RootKey, RootKeyError, SealError, Vault};

/// Why the database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// The root key is missing, malformed or wrong.
    #[error(transparent)]
    RootKey(#[from] RootKeyError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No check record could be made.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl Store {
    /// Opens the database for use: proves the root key on the stored check, only then migrates, and stores a check if
    /// this is the first start. `load` gets whether a new root key may be made (only if no check is stored), so pass
    /// `|may_create| RootKey::load(&data_directory, may_create)`.
    pub async fn unlock(&self, load: impl FnOnce(bool) -> Result<RootKey, RootKeyError>) -> Result<Vault, UnlockError> {
        todo!()
    }
}
