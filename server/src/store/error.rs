//! Why the store did not do something.

use crate::vault::SealError;

/// Why the store did not do something. Texts name neither values nor the database's password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database URL is neither SQLite nor PostgreSQL, or cannot be read.
    #[error("DATABASE_URL must be sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME: {0}")]
    Url(String),
    /// Something that the call names does not exist in this organization.
    #[error("{0} does not exist")]
    NotFound(&'static str),
    /// There is already one like it.
    #[error("{0} exists already")]
    AlreadyExists(&'static str),
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
    /// A stored word (a role, a state …) is none that this version knows.
    #[error("the database holds an unknown {0}")]
    UnknownWord(&'static str),
    /// The schema could not be brought up to date.
    #[error("the database's tables could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}
