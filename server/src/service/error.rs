//! Everything that can go wrong inside, and the one place where it becomes an answer for people.

use crate::git::GitError;
use crate::sandbox::SandboxError;
use crate::snapshot::{DepotError, ExtractError};
use crate::store::StoreError;
use crate::usage::NoRoom;
use crate::wall::WallError;
use app::api::ApiError;
use domain::spec::SpecError;
use std::error::Error;
use vault::{OpenError, SealError};

/// Why something asked for was not done.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Already an answer for people.
    #[error(transparent)]
    Answer(#[from] ApiError),
    /// A spec or a request for values breaks rules.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A repository could not be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value or key could not be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A key could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The sandbox failed.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The input for a sandbox could not be put together.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A folder could not be made or read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The store for snapshots failed.
    #[error(transparent)]
    Depot(#[from] DepotError),
    /// A snapshot could not be unpacked.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// The values could not be made ready to be looked for.
    #[error("the search for values could not be prepared")]
    Guard(#[from] aho_corasick::BuildError),
    /// There is no wall to run programs behind.
    #[error(transparent)]
    Wall(#[from] WallError),
    /// There is no room for what programs write.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// Work in the background broke off.
    #[error(transparent)]
    Task(#[from] tokio::task::JoinError),
}

impl ServiceError {
    /// There is no such thing in this organization.
    pub fn not_found(what: &str) -> Self {
        Self::Answer(ApiError::NotFound { what: what.to_owned() })
    }

    /// A field holds something that cannot be taken.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Answer(ApiError::invalid(field, message))
    }

    /// Whether there is no room where it should be stored.
    fn is_disk_full(&self) -> bool {
        match self {
            Self::Store(error) => error.is_full(),
            Self::Io(error) => error.kind() == std::io::ErrorKind::StorageFull,
            _ => false,
        }
    }

    /// The state does not allow it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Answer(ApiError::Conflict { message: message.into() })
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Answer(answer) => answer,
            ServiceError::Spec(problems) => Self::invalid("files", problems.to_string()),
            ServiceError::Git(git) if !git.is_internal() => Self::invalid("location", git.to_string()),
            ServiceError::Store(StoreError::NotFound(what)) => {
                Self::NotFound { what: what.trim_start_matches("the ").to_owned() }
            }
            ServiceError::Store(StoreError::VersionConflict { .. }) => {
                Self::Conflict { message: "Somebody else changed this meanwhile. Reload, then try again.".to_owned() }
            }
            ServiceError::Store(error) if error.is_unavailable() => {
                tracing::error!(%error, "the database does not answer");
                Self::Unavailable
            }
            // The words of a sandbox are made for people and hold no values.
            ServiceError::Sandbox(SandboxError::Refused(reason)) => Self::Conflict { message: reason },
            ServiceError::Wall(refused) => Self::Conflict { message: refused.to_string() },
            ServiceError::NoRoom(reason) => Self::Conflict { message: reason.to_string() },
            full if full.is_disk_full() => {
                tracing::error!(error = %full, "the disk is full");
                Self::DiskFull
            }
            other => {
                let reference = uuid::Uuid::now_v7().to_string();
                let cause = other.source().map(ToString::to_string);
                tracing::error!(reference, error = %other, cause, "a request failed");
                Self::Internal { reference }
            }
        }
    }
}
