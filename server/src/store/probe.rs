//! Proving that the database takes writes, without leaving one.

use super::sql::{Db, Tx, execute};
use super::{Store, StoreError, dialect};
use sqlx::sqlite::SqlitePoolOptions;
use std::time::Duration;

/// How long a probe waits for others who write.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bytes that a probe writes. On SQLite more than its cache holds, so that they reach the disk before the rollback.
const FILLING: usize = 256 * 1024;
/// Pages that a probe's connection may hold back from the disk.
const CACHE_PAGES: &str = "4";

impl Store {
    /// Writes and takes it back: proves that the pool gives out connections that write, and that there is room for it.
    pub async fn probe_write(&self) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let Db::Sqlite(pool) = &self.db else { return fill(transaction).await };
        // SQLite's one writer is the probe itself from here on, so what the pool gave goes back first.
        transaction.roll_back().await?;
        let options = (*pool.connect_options()).clone().busy_timeout(PATIENCE).pragma("cache_size", CACHE_PAGES);
        let own = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).connect_with(options).await?;
        let filled = match own.begin_with(dialect::SQLITE_BEGIN).await {
            Ok(transaction) => fill(Tx::Sqlite(transaction)).await,
            Err(error) => Err(error.into()),
        };
        own.close().await;
        filled
    }
}

async fn fill(mut transaction: Tx) -> Result<(), StoreError> {
    execute!(transaction, "INSERT INTO write_probes (filling) VALUES ($1)", vec![0u8; FILLING])?;
    transaction.roll_back().await
}
