//! Why the store did not do something.

use domain::words::UnknownWord;
use vault::SealError;

/// Why the store did not do something. Texts name neither values nor the database's password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database URL is neither SQLite nor PostgreSQL, or cannot be read.
    #[error("DATABASE_URL must be sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME: {0}")]
    Url(String),
    /// The database cannot be opened.
    #[error("the database {database} cannot be opened: {source}")]
    Unreachable {
        /// File, or name and address; without user and password.
        database: String,
        /// What sqlx said.
        source: sqlx::Error,
    },
    /// Something that the call names does not exist in this organization.
    #[error("{0} does not exist")]
    NotFound(&'static str),
    /// There is already one like it.
    #[error("{0} exists already")]
    AlreadyExists(&'static str),
    /// There are as many as there may be.
    #[error("there are as many {0} as there may be")]
    TooMany(&'static str),
    /// Somebody else was faster: the newest version is not the expected one.
    #[error("changed meanwhile: the version is now {current}")]
    VersionConflict {
        /// The newest version; 0 if there is none.
        current: i64,
    },
    /// The value could not be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Something that should be stored as JSON is not, or stored JSON has another shape.
    #[error("{what} cannot be kept as JSON: {source}")]
    Json {
        /// What it is.
        what: &'static str,
        /// What serde said.
        source: serde_json::Error,
    },
    /// A stored word is none that this version knows.
    #[error("the database holds what is {0}")]
    UnknownWord(#[from] UnknownWord),
    /// The schema could not be brought up to date.
    #[error("the database's tables could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(refused) if refused.is_unique_violation() => Self::AlreadyExists("such an entry"),
            Some(refused) if refused.is_foreign_key_violation() => Self::NotFound("what this refers to"),
            _ => Self::Database(error),
        }
    }
}

impl StoreError {
    /// Whether no connection came free in time.
    pub fn is_exhausted(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::PoolTimedOut))
    }

    /// Whether there is no room on the database's disk.
    pub fn is_full(&self) -> bool {
        let Self::Database(error) = self else { return false };
        let code = error.as_database_error().and_then(|error| error.code());
        // SQLITE_FULL, and PostgreSQL's disk_full.
        code.is_some_and(|code| matches!(&*code, "13" | "53100"))
    }

    /// Says what exists already, where the statement leaves only one thing.
    pub(super) fn or_exists(self, what: &'static str) -> Self {
        if let Self::AlreadyExists(_) = self { Self::AlreadyExists(what) } else { self }
    }

    /// Says what does not exist, where the statement leaves only one thing.
    pub(super) fn or_not_found(self, what: &'static str) -> Self {
        if let Self::NotFound(_) = self { Self::NotFound(what) } else { self }
    }

    /// Whether the database was not reached at all.
    pub fn is_unavailable(&self) -> bool {
        use sqlx::Error::{Io, PoolClosed, PoolTimedOut};
        matches!(self, Self::Database(PoolTimedOut | PoolClosed | Io(_)) | Self::Unreachable { .. })
    }
}

/// For statements that change exactly the row that the caller names: fails if there was none.
pub(super) fn found(touched: u64, what: &'static str) -> Result<(), StoreError> {
    if touched == 0 { Err(StoreError::NotFound(what)) } else { Ok(()) }
}
