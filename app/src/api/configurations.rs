//! Configurations: one or more repositories, each at a path of the workspace.

use super::repositories::{ConfigurationRow, SessionRow};
use super::{Answer, ApiError};
use domain::ids::{ConfigurationId, RepositoryId};
use domain::release::ReleaseMode;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A repository as a form names it. Plain texts, so that a wrong one is named by its field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Id of a connected repository; empty for a new one.
    #[serde(default)]
    pub repository: String,
    /// Git URL or local path of a new one.
    #[serde(default)]
    pub location: String,
    /// Folder of the workspace that it is checked out in; empty means the workspace itself.
    #[serde(default)]
    pub path: String,
}

/// A connected repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectedRepository {
    /// Which.
    pub id: RepositoryId,
    /// Its short name.
    pub name: String,
    /// Git URL or local path.
    pub location: String,
}

/// One configuration with everything that its page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationView {
    /// The same as in the list.
    pub row: ConfigurationRow,
    /// Every connected repository, by name.
    pub connected: Vec<ConnectedRepository>,
    /// How many sessions it ever had.
    pub sessions: usize,
    /// Those that did not end, newest first.
    pub running: Vec<SessionRow>,
}

/// Path of a configuration's page.
pub fn path_of(configuration: &ConfigurationId) -> String {
    format!("/configurations/{configuration}")
}

/// Address at which the repositories page shows the values of a configuration.
pub fn values_path(configuration: &ConfigurationId) -> String {
    format!("/?configuration={configuration}")
}

/// The work behind configurations: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait ConfigurationBackend: Send + Sync {
    /// See [`list_repositories`].
    async fn repositories(&self, actor: &super::Actor) -> Result<Vec<ConnectedRepository>, ApiError>;
    /// See [`get_configuration`].
    async fn configuration_view(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
    ) -> Result<ConfigurationView, ApiError>;
    /// See [`create_configuration`].
    async fn create_configuration(
        &self,
        actor: &super::Actor,
        name: &str,
        places: Vec<Place>,
        release: Option<ReleaseMode>,
    ) -> Result<domain::ids::SessionId, ApiError>;
    /// See [`rename_configuration`].
    async fn rename_configuration(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
        name: &str,
    ) -> Result<ConfigurationView, ApiError>;
    /// See [`attach_repository`].
    async fn attach_repository(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
        place: Place,
    ) -> Result<ConfigurationView, ApiError>;
    /// See [`move_repository`].
    async fn move_repository(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
        repository: &RepositoryId,
        path: &str,
    ) -> Result<ConfigurationView, ApiError>;
    /// See [`detach_repository`].
    async fn detach_repository(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
        repository: &RepositoryId,
    ) -> Result<ConfigurationView, ApiError>;
    /// See [`delete_configuration`].
    async fn delete_configuration(&self, actor: &super::Actor, configuration: &ConfigurationId)
    -> Result<(), ApiError>;
}

/// Every connected repository, by name.
#[server(prefix = "/fn", endpoint = "list_repositories", output = Answer)]
pub async fn list_repositories() -> Result<Vec<ConnectedRepository>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.repositories(&actor).await
}

/// One configuration.
#[server(prefix = "/fn", endpoint = "get_configuration", output = Answer)]
pub async fn get_configuration(
    /// Which.
    configuration: ConfigurationId,
) -> Result<ConfigurationView, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.configuration_view(&actor, &configuration).await
}

/// Makes a configuration of connected or new repositories and opens its first setup session. Lines without a repository
/// are left out; on any problem nothing is made. Answers the session's path and sends a plain form there.
#[server(prefix = "/fn", endpoint = "create_configuration", output = Answer)]
pub async fn create_configuration(
    /// Its name.
    #[server(default)]
    name: String,
    /// Its repositories, in order.
    #[server(default)]
    places: Vec<Place>,
    /// How it comes to the organization's values; the organization's default where nobody says.
    #[server(default)]
    release: Option<ReleaseMode>,
) -> Result<String, ApiError> {
    let (backend, actor) = super::backend()?;
    let session = backend.create_configuration(&actor, &name, places, release).await?;
    Ok(super::sessions::go_to(&session))
}

/// Gives a configuration another name.
#[server(prefix = "/fn", endpoint = "rename_configuration", output = Answer)]
pub async fn rename_configuration(
    /// Which.
    configuration: ConfigurationId,
    /// Its new name.
    #[server(default)]
    name: String,
) -> Result<ConfigurationView, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.rename_configuration(&actor, &configuration, &name).await
}

/// Attaches a connected or new repository.
#[server(prefix = "/fn", endpoint = "attach_repository", output = Answer)]
pub async fn attach_repository(
    /// The configuration.
    configuration: ConfigurationId,
    /// What and where.
    #[server(default)]
    place: Place,
) -> Result<ConfigurationView, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.attach_repository(&actor, &configuration, place).await
}

/// Gives an attached repository another place in the workspace.
#[server(prefix = "/fn", endpoint = "move_repository", output = Answer)]
pub async fn move_repository(
    /// The configuration.
    configuration: ConfigurationId,
    /// Which of its repositories.
    repository: RepositoryId,
    /// The new folder.
    #[server(default)]
    path: String,
) -> Result<ConfigurationView, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.move_repository(&actor, &configuration, &repository, &path).await
}

/// Detaches a repository: its values no longer reach this configuration, and stay for others.
#[server(prefix = "/fn", endpoint = "detach_repository", output = Answer)]
pub async fn detach_repository(
    /// The configuration.
    configuration: ConfigurationId,
    /// Which of its repositories.
    repository: RepositoryId,
) -> Result<ConfigurationView, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.detach_repository(&actor, &configuration, &repository).await
}

/// Deletes a configuration none of whose sessions runs. Values of its repositories stay. Sends a plain form to the list.
#[server(prefix = "/fn", endpoint = "delete_configuration", output = Answer)]
pub async fn delete_configuration(
    /// Which.
    configuration: ConfigurationId,
) -> Result<(), ApiError> {
    let (backend, actor) = super::backend()?;
    backend.delete_configuration(&actor, &configuration).await?;
    super::sessions::redirect("/");
    Ok(())
}
