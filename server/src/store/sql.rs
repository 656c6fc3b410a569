//! Running one SQL text on either database.

use sqlx::{PgPool, SqlitePool};

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
