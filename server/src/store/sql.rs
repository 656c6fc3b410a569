//! Running one SQL text on either database.

use super::{Store, StoreError, dialect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};

/// One of two things, by database.
#[derive(Clone)]
pub(super) enum Backend<S, P> {
    /// SQLite.
    Sqlite(S),
    /// PostgreSQL.
    Postgres(P),
}

/// The connection pool.
pub(super) type Db = Backend<SqlitePool, PgPool>;

/// A write transaction; rolled back when dropped.
pub(super) type Tx = Backend<Transaction<'static, Sqlite>, Transaction<'static, Postgres>>;

impl Db {
    /// What the macros run a statement on: any connection of the pool.
    pub(super) fn on(&self) -> Backend<&SqlitePool, &PgPool> {
        match self {
            Self::Sqlite(pool) => Backend::Sqlite(pool),
            Self::Postgres(pool) => Backend::Postgres(pool),
        }
    }
}

impl Tx {
    /// What the macros run a statement on: the transaction's connection.
    pub(super) fn on(&mut self) -> Backend<&mut SqliteConnection, &mut PgConnection> {
        match self {
            Self::Sqlite(transaction) => Backend::Sqlite(transaction),
            Self::Postgres(transaction) => Backend::Postgres(transaction),
        }
    }

    /// Makes everything done in the transaction last.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    /// Takes back everything done in the transaction.
    pub(super) async fn roll_back(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await?,
            Self::Postgres(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}

impl Store {
    /// Starts a write transaction.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match &self.db {
            Db::Sqlite(pool) => Tx::Sqlite(pool.begin_with(dialect::SQLITE_BEGIN).await?),
            Db::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }
}

/// `run!(method, on, Row, "SQL", binds …)`: runs `query_as::<_, Row>` on whichever database `on` is. The statement
/// stands once in the source; the compiler makes one copy for each database.
macro_rules! run {
    ($method:ident, $on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $on.on() {
            $crate::store::sql::Backend::Sqlite(on) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.$method(on).await
            }
            $crate::store::sql::Backend::Postgres(on) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.$method(on).await
            }
        }
        .map_err($crate::store::StoreError::from)
    };
}

/// Every row: `Result<Vec<Row>, StoreError>`.
macro_rules! all {
    ($($args:tt)*) => { $crate::store::sql::run!(fetch_all, $($args)*) };
}

/// At most one row: `Result<Option<Row>, StoreError>`.
macro_rules! optional {
    ($($args:tt)*) => { $crate::store::sql::run!(fetch_optional, $($args)*) };
}

/// Exactly one row, for statements that always give one: `Result<Row, StoreError>`.
macro_rules! one {
    ($($args:tt)*) => { $crate::store::sql::run!(fetch_one, $($args)*) };
}

/// A statement without rows: `Result<u64, StoreError>`, the number of rows that it touched.
macro_rules! execute {
    ($on:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $on.on() {
            $crate::store::sql::Backend::Sqlite(on) => {
                sqlx::query($sql)$(.bind($bind))*.execute(on).await.map(|done| done.rows_affected())
            }
            $crate::store::sql::Backend::Postgres(on) => {
                sqlx::query($sql)$(.bind($bind))*.execute(on).await.map(|done| done.rows_affected())
            }
        }
        .map_err($crate::store::StoreError::from)
    };
}

pub(super) use {all, execute, one, optional, run};

/// Something as it is stored in a JSON column.
pub(super) fn to_json(what: &'static str, content: &impl Serialize) -> Result<Json<Value>, StoreError> {
    serde_json::to_value(content).map(Json).map_err(|source| StoreError::Json { what, source })
}

/// Something from a JSON column.
pub(super) fn from_json<T: DeserializeOwned>(what: &'static str, Json(stored): Json<Value>) -> Result<T, StoreError> {
    serde_json::from_value(stored).map_err(|source| StoreError::Json { what, source })
}
