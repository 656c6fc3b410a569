//! Opening the database.

use super::StoreError;
use super::sql::{Backend, Db, one};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, PgConnection, PgPool, SqlitePool};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long a SQLite writer waits for its turn.
const SQLITE_PATIENCE: Duration = Duration::from_secs(10);
/// Connections of the pool; SQLite reads in parallel too.
const CONNECTIONS: u32 = 10;

/// The opened database. Cheap to clone. Its `Debug` shows which kind of database it is, and nothing else.
#[derive(Clone)]
pub struct Store {
    pub(super) db: Db,
    pub(super) clock: Clock,
}

/// Gives the time, in milliseconds since 1970 UTC.
pub(super) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

impl Store {
    /// Connects to `sqlite:PATH` (made if it does not exist) or `postgres://…`. Changes no table: see
    /// [`Store::unlock`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let db = match url.split_once(':') {
            Some(("sqlite", _)) => Backend::Sqlite(connect_sqlite(url).await?),
            Some(("postgres" | "postgresql", _)) => Backend::Postgres(connect_postgres(url).await?),
            _ => return Err(StoreError::Url("it starts with another scheme".to_owned())),
        };
        Ok(Self { db, clock: Arc::new(|| jiff::Timestamp::now().as_millisecond()) })
    }

    /// The same store with another clock, for tests of what expires.
    pub fn with_clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The time, in milliseconds since 1970 UTC: the one clock behind every stored time.
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        one!(self.db, (i64,), "SELECT CAST(1 AS BIGINT)").map(|_| ())
    }

    /// Closes every connection and waits for it.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite(pool) => pool.close().await,
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

async fn connect_sqlite(url: &str) -> Result<SqlitePool, StoreError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(StoreError::Url("SQLite must be a file: what is only in memory is lost at the end".to_owned()));
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|error| StoreError::Url(error.to_string()))?;
    let database = options.get_filename().display().to_string();
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(SQLITE_PATIENCE);
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
    let pool = pool.after_release(|connection, _| Box::pin(may_be_used_again(connection)));
    let pool = pool.connect_with(options).await;
    pool.map_err(|source| StoreError::Unreachable { database, source })
}

async fn connect_postgres(url: &str) -> Result<PgPool, StoreError> {
    // sqlx's text tells what is wrong with the URL and does not repeat it.
    let options = PgConnectOptions::from_str(url).map_err(|error| StoreError::Url(error.to_string()))?;
    let name = options.get_database().unwrap_or_default();
    let database = format!("{name} at {}:{}", options.get_host(), options.get_port());
    let unreachable = |source| StoreError::Unreachable { database, source };
    // A pool tries again for long when nobody listens and then tells only that time is up; one connection tells why.
    match PgConnection::connect_with(&options).await {
        Ok(connection) => connection.close().await?,
        Err(source) => return Err(unreachable(source)),
    }
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
    let pool = pool.after_release(|connection, _| Box::pin(may_be_used_again(connection)));
    pool.connect_with(options).await.map_err(unreachable)
}

/// Whether a connection that comes back to its pool is outside of any transaction. One whose rollback failed, such as
/// SQLite's after a full disk (it has rolled back by itself), would refuse every write from then on: it is closed, and
/// the pool opens another.
async fn may_be_used_again<C: Connection>(connection: &mut C) -> Result<bool, sqlx::Error> {
    // A dropped transaction queued its rollback, which is carried out before this is answered.
    connection.ping().await?;
    let is_clean = !connection.is_in_transaction();
    if !is_clean {
        tracing::warn!("a connection to the database was left inside a transaction, so it is closed");
    }
    Ok(is_clean)
}

/// The one source of identifiers: UUIDs of version 7, which sort by the time they were made.
pub(super) fn new_id() -> String {
    Uuid::now_v7().to_string()
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.db {
            Db::Sqlite(_) => "Store(SQLite)",
            Db::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}
