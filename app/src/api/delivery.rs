//! How far what people save has reached the sandboxes that run.

use super::environment::EnvironmentTarget;
use super::{Answer, ApiError};
use domain::ids::{SandboxId, SessionId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub use domain::sandbox::SandboxKind;

/// The running sandboxes of a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Oldest session first.
    pub sandboxes: Vec<SandboxView>,
}

/// One sandbox that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxView {
    /// Which.
    pub id: SandboxId,
    /// Whose files it holds.
    pub session: SessionId,
    /// Who started that session.
    pub started_by: String,
    /// When that session was started, in milliseconds since 1970 UTC.
    pub started_at: i64,
    /// Where it lies.
    pub kind: SandboxKind,
    /// What whoever runs it calls it.
    pub name: String,
    /// How far it is.
    pub state: DeliveryState,
    /// When it acknowledged last, in milliseconds since 1970 UTC.
    pub applied_at: Option<i64>,
    /// When a sandbox elsewhere asked last, in milliseconds since 1970 UTC.
    pub last_seen_at: Option<i64>,
}

/// How far a sandbox is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum DeliveryState {
    /// Its files are as they should be.
    Applied,
    /// The newest change is on its way.
    Pending,
    /// The newest change could not be applied; it is tried again.
    Failed {
        /// Why, in words.
        reason: String,
    },
}

impl Delivery {
    /// How many sandboxes have the newest files.
    pub fn applied(&self) -> usize {
        self.sandboxes.iter().filter(|sandbox| sandbox.state == DeliveryState::Applied).count()
    }
}

/// The work behind how far values have come: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait DeliveryBackend: Send + Sync {
    /// See [`get_delivery`].
    async fn delivery(&self, actor: &super::Actor, target: &EnvironmentTarget) -> Result<Delivery, ApiError>;
    /// See [`retry_apply`].
    async fn retry_apply(&self, actor: &super::Actor, session: &SessionId) -> Result<(), ApiError>;
}

/// How far the newest changes have reached the running sandboxes of an environment's configuration.
#[server(prefix = "/fn", endpoint = "get_delivery", output = Answer)]
pub async fn get_delivery(
    /// Whose environment.
    target: EnvironmentTarget,
) -> Result<Delivery, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.delivery(&actor, &target).await
}

/// Writes the files of a session's sandboxes again now, without waiting for the next attempt.
#[server(prefix = "/fn", endpoint = "retry_apply", output = Answer)]
pub async fn retry_apply(
    /// Which session.
    session: SessionId,
) -> Result<(), ApiError> {
    let (backend, actor) = super::backend()?;
    backend.retry_apply(&actor, &session).await
}
