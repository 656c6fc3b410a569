//! The start: proving the root key before anything is written, then bringing the tables up to date.

use super::sql::{execute, optional};
use super::{Store, StoreError};
use vault::{RootKey, RootKeyError, SealError, Vault};

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
    /// `|may_create| RootKey::load(&data_directory, None, may_create)`.
    pub async fn unlock(&self, load: impl FnOnce(bool) -> Result<RootKey, RootKeyError>) -> Result<Vault, UnlockError> {
        let check = match self.has_table("root_key_check").await? {
            true => self.root_key_check().await?,
            false => None,
        };
        let vault = Vault::open(load(check.is_none())?, check.as_deref())?;
        self.migrate().await?;
        if check.is_none() {
            self.claim(&vault).await?;
        }
        Ok(vault)
    }

    async fn root_key_check(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let row = optional!(self.db, (Vec<u8>,), "SELECT record FROM root_key_check WHERE only_row = 1")?;
        Ok(row.map(|(record,)| record))
    }

    /// Ties a fresh database to the vault's root key. Of several instances that start together one is first; the
    /// others prove their key on what it stored.
    async fn claim(&self, vault: &Vault) -> Result<(), UnlockError> {
        execute!(
            self.db,
            "INSERT INTO root_key_check (only_row, record) VALUES (1, $1) ON CONFLICT DO NOTHING",
            vault.new_check()?,
        )?;
        let stored = self.root_key_check().await?.ok_or(StoreError::NotFound("the root key check"))?;
        Ok(vault.verify(&stored)?)
    }
}
