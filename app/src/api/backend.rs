//! What the server functions need done; `server` implements it.

use super::ApiError;
use super::auto_start::AutoStartBackend;
use super::command_runs::CommandRunBackend;
use super::configurations::ConfigurationBackend;
use super::delivery::DeliveryBackend;
use super::environment::EnvironmentBackend;
use super::gate::GateBackend;
use super::import::ImportBackend;
use super::proposals::ProposalBackend;
use super::releases::ReleaseBackend;
use super::repositories::RepositoryBackend;
use super::requests::RequestBackend;
use super::secrets::SecretBackend;
use super::sessions::SessionBackend;
use super::snapshots::SnapshotBackend;
use super::thread::ThreadBackend;
use super::tokens::TokenBackend;
use domain::ids::{MemberId, OrganizationId};
use domain::member::Role;
use leptos::prelude::*;
use std::sync::Arc;

/// Who asks: a member of one organization. Every query is scoped by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The organization.
    pub organization: OrganizationId,
    /// The organization's name, for people.
    pub organization_name: String,
    /// The member.
    pub member: MemberId,
    /// The member's name, as shown to others.
    pub name: String,
    /// What the member may do.
    pub role: Role,
}

/// The work behind the server functions, one part for each noun, declared beside the functions that call it. Each method
/// checks the actor's permission and organization itself.
pub trait Backend:
    AutoStartBackend
    + CommandRunBackend
    + ConfigurationBackend
    + DeliveryBackend
    + EnvironmentBackend
    + GateBackend
    + ImportBackend
    + ProposalBackend
    + ReleaseBackend
    + RepositoryBackend
    + RequestBackend
    + SecretBackend
    + SessionBackend
    + SnapshotBackend
    + ThreadBackend
    + TokenBackend
{
}

/// How a server function sends a plain form elsewhere; the server provides it, so that this crate needs no HTTP types.
#[derive(Clone)]
pub struct Redirect(pub Arc<dyn Fn(&str) + Send + Sync>);

/// The backend and who asks, from the context that the server provides for each request.
pub fn backend() -> Result<(Arc<dyn Backend>, Actor), ApiError> {
    let actor = use_context::<Actor>().ok_or(ApiError::SignedOut)?;
    let backend = use_context::<Arc<dyn Backend>>().ok_or(ApiError::Connection)?;
    Ok((backend, actor))
}
