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

/// `list_text!(db, list, text, "$4")`: the statement `text!` with a condition that a column is in the JSON list `$4`, or
/// without any condition where there is no list. The databases unfold a list with functions of their own.
macro_rules! list_text {
    ($db:expr, $list:expr, $text:ident, $bind:literal) => {
        match (&$db, &$list) {
            (_, None) => $text!(concat!("IS NOT NULL AND CAST(", $bind, " AS TEXT) IS NULL")),
            ($crate::store::sql::Backend::Sqlite(_), Some(_)) => {
                $text!(concat!("IN (SELECT value FROM json_each(", $bind, "))"))
            }
            ($crate::store::sql::Backend::Postgres(_), Some(_)) => {
                // An array is looked up in the index; `IN (SELECT …)` may be planned as a walk over all rows.
                $text!(concat!("= ANY (ARRAY(SELECT jsonb_array_elements_text(", $bind, ")))"))
            }
        }
    };
}
pub(super) use list_text;

/// `unfolded_text!(db, text, "$3")`: the statement `text!` with a table of one column, the entries of the JSON list `$3`.
macro_rules! unfolded_text {
    ($db:expr, $text:ident, $bind:literal) => {
        match &$db {
            $crate::store::sql::Backend::Sqlite(_) => $text!(concat!("SELECT value FROM json_each(", $bind, ")")),
            $crate::store::sql::Backend::Postgres(_) => {
                $text!(concat!("SELECT value FROM jsonb_array_elements_text(", $bind, ") AS entries (value)"))
            }
        }
    };
}
pub(super) use unfolded_text;

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
