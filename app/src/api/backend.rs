//! What the server functions need done; `server` implements it.

use super::ApiError;
use super::auto_start::AutoStartCommand;
use super::delivery::Delivery;
use super::environment::{EnvironmentTarget, SlotAddress};
use super::repositories::ConfigurationRow;
use super::sessions::{SessionKind, SessionView};
use super::thread::ThreadEntry;
use super::tokens::{FreshToken, TokensView};
use crate::domain::environment::Seen;
use crate::domain::ids::{ConfigurationId, MemberId, OrganizationId, RequestId, SessionId, SessionTokenId};
use crate::domain::member::Role;
use crate::domain::request::ValueRequest;
use crate::domain::token::TokenPurpose;
use crate::domain::{Environment, KeyName, SecretValue};
use async_trait::async_trait;
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

/// The work behind the server functions. Each method checks the actor's permission and organization itself.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Rows of the repositories page.
    async fn configurations(&self, actor: &Actor) -> Result<Vec<ConfigurationRow>, ApiError>;
    /// See [`super::repositories::connect_repository`].
    async fn connect_repository(&self, actor: &Actor, location: &str) -> Result<SessionId, ApiError>;
    /// See [`super::sessions::start_session`].
    async fn start_session(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        kind: SessionKind,
    ) -> Result<SessionId, ApiError>;
    /// One session.
    async fn session(&self, actor: &Actor, session: &SessionId) -> Result<SessionView, ApiError>;
    /// See [`super::sessions::finish_setup`].
    async fn finish_setup(&self, actor: &Actor, session: &SessionId, anyway: bool) -> Result<(), ApiError>;
    /// See [`super::sessions::end_session`].
    async fn end_session(&self, actor: &Actor, session: &SessionId) -> Result<(), ApiError>;
    /// The environment of a session or configuration.
    async fn environment(&self, actor: &Actor, target: &EnvironmentTarget) -> Result<Environment, ApiError>;
    /// Seals and stores a value, and applies it to running sandboxes.
    async fn set_value(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        value: SecretValue,
        seen: Option<&Seen>,
    ) -> Result<Environment, ApiError>;
    /// The same with a random value of the shape that the spec asks for.
    async fn generate_value(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        seen: Option<&Seen>,
    ) -> Result<Environment, ApiError>;
    /// See [`super::environment::promote_value`].
    async fn promote_value(&self, actor: &Actor, address: &SlotAddress) -> Result<Environment, ApiError>;
    /// Deletes a value and takes it out of running sandboxes.
    async fn delete_value(&self, actor: &Actor, address: &SlotAddress) -> Result<Environment, ApiError>;
    /// See [`super::delivery::get_delivery`].
    async fn delivery(&self, actor: &Actor, target: &EnvironmentTarget) -> Result<Delivery, ApiError>;
    /// See [`super::delivery::retry_apply`].
    async fn retry_apply(&self, actor: &Actor, session: &SessionId) -> Result<(), ApiError>;
    /// The thread of a session.
    async fn thread(&self, actor: &Actor, session: &SessionId) -> Result<Vec<ThreadEntry>, ApiError>;
    /// See [`super::thread::leave_note`].
    async fn leave_note(&self, actor: &Actor, session: &SessionId, text: &str) -> Result<(), ApiError>;
    /// The value requests of a session, oldest first.
    async fn requests(&self, actor: &Actor, session: &SessionId) -> Result<Vec<ValueRequest>, ApiError>;
    /// See [`super::requests::skip_key`].
    async fn skip_key(
        &self,
        actor: &Actor,
        session: &SessionId,
        request: &RequestId,
        key: &KeyName,
    ) -> Result<Vec<ValueRequest>, ApiError>;
    /// See [`super::requests::cancel_request`].
    async fn cancel_request(
        &self,
        actor: &Actor,
        session: &SessionId,
        request: &RequestId,
    ) -> Result<Vec<ValueRequest>, ApiError>;
    /// The tokens of a session, newest first.
    async fn tokens(&self, actor: &Actor, session: &SessionId) -> Result<TokensView, ApiError>;
    /// Makes a token; the answer is the only one that ever holds it.
    async fn create_token(
        &self,
        actor: &Actor,
        session: &SessionId,
        name: &str,
        purpose: TokenPurpose,
        days: u32,
    ) -> Result<FreshToken, ApiError>;
    /// Takes a token out of force.
    async fn revoke_token(
        &self,
        actor: &Actor,
        session: &SessionId,
        token: &SessionTokenId,
    ) -> Result<TokensView, ApiError>;
    /// The auto-start commands of a configuration.
    async fn auto_start(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
    ) -> Result<Vec<AutoStartCommand>, ApiError>;
    /// Replaces them.
    async fn save_auto_start(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        commands: Vec<AutoStartCommand>,
    ) -> Result<Vec<AutoStartCommand>, ApiError>;
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
