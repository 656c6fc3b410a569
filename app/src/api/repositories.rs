//! Repositories and their configurations.

use super::sessions::{SessionKind, SessionState};
use super::{Answer, ApiError};
use domain::KeyName;
use domain::configuration::BootPolicy;
use domain::environment::{AttachedRepository, Counts, Readiness};
use domain::ids::{ConfigurationId, SessionId};
use domain::path::RelativePath;
use domain::release::{ReleaseMode, Releasers};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One row of the repositories page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigurationRow {
    /// Which configuration.
    pub id: ConfigurationId,
    /// Its name.
    pub name: String,
    /// Its repositories, where they are checked out.
    pub repositories: Vec<AttachedRepository>,
    /// Git URL or local path of each repository, in the same order.
    pub locations: Vec<String>,
    /// How far from complete.
    pub readiness: Readiness,
    /// Counts of each file.
    pub files: Vec<(RelativePath, Counts)>,
    /// Its newest sessions, newest first.
    pub sessions: Vec<SessionRow>,
    /// How many proposals by agents wait for a person, in all of its sessions.
    pub proposals: usize,
    /// What missing required values do when a work session boots.
    pub boot_policy: BootPolicy,
    /// How it comes to the organization's values.
    pub release_mode: ReleaseMode,
    /// The keys that the organization has a value for and that it does not use yet.
    pub held: Vec<HeldKey>,
    /// Whether a setup was finished at least once, so that a work session makes sense.
    pub set_up: bool,
}

/// A key that the organization has a value for, not released to a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldKey {
    /// Which.
    pub key: KeyName,
    /// Who may release it.
    pub releasers: Releasers,
}

/// A session in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Which session.
    pub id: SessionId,
    /// Setup or work.
    pub kind: SessionKind,
    /// Where it stands.
    pub state: SessionState,
    /// When it was started, in milliseconds since 1970 UTC.
    pub created_at: i64,
}

/// The work behind repositories and their configurations: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait RepositoryBackend: Send + Sync {
    /// Rows of the repositories page.
    async fn configurations(&self, actor: &super::Actor) -> Result<Vec<ConfigurationRow>, ApiError>;
    /// See [`connect_repository`].
    async fn connect_repository(
        &self,
        actor: &super::Actor,
        location: &str,
        release: Option<ReleaseMode>,
    ) -> Result<SessionId, ApiError>;
}

/// Every configuration of the organization, newest first.
#[server(prefix = "/fn", endpoint = "list_configurations", output = Answer)]
pub async fn list_configurations() -> Result<Vec<ConfigurationRow>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.configurations(&actor).await
}

/// Connects a repository by git URL or by the path of a local checkout, makes a configuration of it alone and opens
/// its first setup session. `location` is checked with git before anything is stored. Answers the new session's path
/// and sends a plain form there.
#[server(prefix = "/fn", endpoint = "connect_repository", output = Answer)]
pub async fn connect_repository(
    /// Git URL or local path.
    location: String,
    /// How the configuration comes to the organization's values; the organization's default where nobody says.
    #[server(default)]
    release: Option<ReleaseMode>,
) -> Result<String, ApiError> {
    let (backend, actor) = super::backend()?;
    let session = backend.connect_repository(&actor, &location, release).await?;
    Ok(super::sessions::go_to(&session))
}
