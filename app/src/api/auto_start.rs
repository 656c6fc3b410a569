//! Auto-start: commands that run after the environment was applied.

use super::ApiError;
use crate::domain::ids::ConfigurationId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One auto-start command of a configuration, run in the order of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoStartCommand {
    /// A shell command, run in the workspace.
    #[serde(default)]
    pub command: String,
    /// Whether it runs. A form leaves an unticked box out.
    #[serde(default)]
    pub enabled: bool,
}

/// The work behind auto-start commands: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait AutoStartBackend: Send + Sync {
    /// The auto-start commands of a configuration.
    async fn auto_start(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
    ) -> Result<Vec<AutoStartCommand>, ApiError>;
    /// Replaces them.
    async fn save_auto_start(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
        commands: Vec<AutoStartCommand>,
    ) -> Result<Vec<AutoStartCommand>, ApiError>;
}

/// The commands of a configuration.
#[server(prefix = "/fn", endpoint = "get_auto_start")]
pub async fn get_auto_start(
    /// Which configuration.
    configuration: ConfigurationId,
) -> Result<Vec<AutoStartCommand>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.auto_start(&actor, &configuration).await
}

/// Replaces the commands of a configuration; empty lines are dropped. Answers what is stored now.
#[server(prefix = "/fn", endpoint = "save_auto_start")]
pub async fn save_auto_start(
    /// Which configuration.
    configuration: ConfigurationId,
    /// The commands, in the order in which they run.
    #[server(default)]
    commands: Vec<AutoStartCommand>,
) -> Result<Vec<AutoStartCommand>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.save_auto_start(&actor, &configuration, commands).await
}
