//! What really differs between SQLite and PostgreSQL.

use super::sql::{Backend, Db, optional};
use super::{Store, StoreError};
use sqlx::migrate::Migrator;

/// SQLite has one writer. A transaction that starts as a reader and writes later fails at once when another wrote
/// meanwhile; one that starts as a writer waits its turn. PostgreSQL's plain `BEGIN` needs no such care.
pub(super) const SQLITE_BEGIN: &str = "BEGIN IMMEDIATE";

/// Column types have other names (and JSON a type of its own on PostgreSQL), so each has its own migrations.
static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../migrations/postgres");

/// Each keeps its list of tables elsewhere.
const SQLITE_HAS_TABLE: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1";
const POSTGRES_HAS_TABLE: &str = "SELECT CAST(to_regclass($1) AS TEXT) WHERE to_regclass($1) IS NOT NULL";

impl Store {
    /// Brings the tables up to date. Instances that start together must not do so at once: on PostgreSQL sqlx takes an
    /// advisory lock; on SQLite it takes none, so there one write transaction surrounds the whole migration.
    pub(super) async fn migrate(&self) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite(pool) => {
                let mut transaction = pool.begin_with(SQLITE_BEGIN).await?;
                // Hidden in sqlx's documents, but made for this: `run` on a borrowed connection gives a future that the
                // compiler does not take for `Send`.
                SQLITE_MIGRATIONS.run_direct(None, &mut *transaction, false).await?;
                transaction.commit().await?;
            }
            Db::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// Whether the database has a table of this name.
    pub(super) async fn has_table(&self, name: &str) -> Result<bool, StoreError> {
        let text = match self.db {
            Backend::Sqlite(_) => SQLITE_HAS_TABLE,
            Backend::Postgres(_) => POSTGRES_HAS_TABLE,
        };
        Ok(optional!(self.db, (String,), text, name)?.is_some())
    }
}
