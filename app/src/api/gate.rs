//! The readiness gate: what missing required values do when a work session boots.

use super::{Answer, ApiError};
use domain::ids::{ConfigurationId, SessionId};
use leptos::prelude::*;

pub use domain::configuration::BootPolicy;

/// The work behind the readiness gate: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait GateBackend: Send + Sync {
    /// See [`set_boot_policy`].
    async fn set_boot_policy(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
        policy: BootPolicy,
        session: Option<&SessionId>,
    ) -> Result<(), ApiError>;
    /// See [`start_anyway`].
    async fn start_anyway(&self, actor: &super::Actor, session: &SessionId) -> Result<(), ApiError>;
}

/// Says what missing required values do at boot. With `warn`, sessions that wait for values start at once.
#[server(prefix = "/fn", endpoint = "set_boot_policy", output = Answer)]
pub async fn set_boot_policy(
    /// Which configuration.
    configuration: ConfigurationId,
    /// What they do.
    policy: BootPolicy,
    /// The session on whose page it was said; its thread tells of it.
    #[server(default)]
    session: Option<SessionId>,
) -> Result<(), ApiError> {
    let (backend, actor) = super::backend()?;
    backend.set_boot_policy(&actor, &configuration, policy, session.as_ref()).await
}

/// Has a session that waits for values start without the rest, which is recorded.
#[server(prefix = "/fn", endpoint = "start_anyway", output = Answer)]
pub async fn start_anyway(
    /// Which session.
    session: SessionId,
) -> Result<(), ApiError> {
    let (backend, actor) = super::backend()?;
    backend.start_anyway(&actor, &session).await
}
