//! Releasing values of the organization to configurations. Only people do: no agent has a way here.

use super::environment::EnvironmentTarget;
use super::secrets::SecretView;
use super::{Answer, ApiError};
use domain::ids::ConfigurationId;
use domain::release::{ReleaseMode, Releasers};
use domain::secret_use::SecretReach;
use domain::{Environment, KeyName};
use leptos::prelude::*;

/// The work behind releases: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait ReleaseBackend: Send + Sync {
    /// See [`release_values`].
    async fn release_values(
        &self,
        actor: &super::Actor,
        target: &EnvironmentTarget,
        keys: Vec<KeyName>,
    ) -> Result<Environment, ApiError>;
    /// See [`withdraw_release`].
    async fn withdraw_release(
        &self,
        actor: &super::Actor,
        target: &EnvironmentTarget,
        key: &KeyName,
    ) -> Result<Environment, ApiError>;
    /// See [`set_release_mode`].
    async fn set_release_mode(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
        mode: ReleaseMode,
    ) -> Result<(), ApiError>;
    /// See [`get_default_release_mode`].
    async fn default_release_mode(&self, actor: &super::Actor) -> Result<ReleaseMode, ApiError>;
    /// See [`set_default_release_mode`].
    async fn set_default_release_mode(&self, actor: &super::Actor, mode: ReleaseMode) -> Result<(), ApiError>;
    /// See [`set_releasers`].
    async fn set_releasers(
        &self,
        actor: &super::Actor,
        key: &KeyName,
        releasers: Releasers,
    ) -> Result<Vec<SecretView>, ApiError>;
    /// See [`get_secret_reach`].
    async fn secret_reach(
        &self,
        actor: &super::Actor,
        keys: &[KeyName],
        target: Option<&EnvironmentTarget>,
    ) -> Result<SecretReach, ApiError>;
}

/// Releases the organization's values of these keys to the configuration of an environment: all of them, or none if one
/// may not be released by whoever asks. The keys are those that the person saw, so that a key which an agent adds in the
/// same moment is not among them. Answers the environment as it stands after it.
#[server(prefix = "/fn", endpoint = "release_values", output = Answer)]
pub async fn release_values(
    /// Whose environment.
    target: EnvironmentTarget,
    /// The keys.
    #[server(default)]
    keys: Vec<KeyName>,
) -> Result<Environment, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.release_values(&actor, &target, keys).await
}

/// Takes a release back. Running sandboxes of the configuration lose the value at once.
#[server(prefix = "/fn", endpoint = "withdraw_release", output = Answer)]
pub async fn withdraw_release(
    /// Whose environment.
    target: EnvironmentTarget,
    /// The key.
    key: KeyName,
) -> Result<Environment, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.withdraw_release(&actor, &target, &key).await
}

/// Says how a configuration comes to the organization's values.
#[server(prefix = "/fn", endpoint = "set_release_mode", output = Answer)]
pub async fn set_release_mode(
    /// Which configuration.
    configuration: ConfigurationId,
    /// How.
    mode: ReleaseMode,
) -> Result<(), ApiError> {
    let (backend, actor) = super::backend()?;
    backend.set_release_mode(&actor, &configuration, mode).await
}

/// How new configurations come to the organization's values where nobody says.
#[server(prefix = "/fn", endpoint = "get_default_release_mode", output = Answer)]
pub async fn get_default_release_mode() -> Result<ReleaseMode, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.default_release_mode(&actor).await
}

/// Says how new configurations come to the organization's values. Existing ones stay as they are.
#[server(prefix = "/fn", endpoint = "set_default_release_mode", output = Answer)]
pub async fn set_default_release_mode(
    /// How.
    mode: ReleaseMode,
) -> Result<(), ApiError> {
    let (backend, actor) = super::backend()?;
    backend.set_default_release_mode(&actor, mode).await?;
    super::sessions::redirect(super::secrets::SECRETS_PATH);
    Ok(())
}

/// Says who may release the organization's value of a key. Answers the list of secrets.
#[server(prefix = "/fn", endpoint = "set_releasers", output = Answer)]
pub async fn set_releasers(
    /// Which.
    key: KeyName,
    /// Who.
    releasers: Releasers,
) -> Result<Vec<SecretView>, ApiError> {
    let (backend, actor) = super::backend()?;
    let secrets = backend.set_releasers(&actor, &key, releasers).await?;
    super::sessions::redirect(super::secrets::SECRETS_PATH);
    Ok(secrets)
}

/// What values of the organization for these keys reach, or would reach if there were any. Saved in the panel of an
/// environment they are released to that configuration.
#[server(prefix = "/fn", endpoint = "get_secret_reach", output = Answer)]
pub async fn get_secret_reach(
    /// Which.
    #[server(default)]
    keys: Vec<KeyName>,
    /// In whose panel they are saved; none on the page of all secrets.
    #[server(default)]
    target: Option<EnvironmentTarget>,
) -> Result<SecretReach, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.secret_reach(&actor, &keys, target.as_ref()).await
}
