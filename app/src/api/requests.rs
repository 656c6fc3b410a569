//! Value requests: what agents ask people for, and how people answer besides filling in slots.
//!
//! A slot of a request is filled with [`set_value`](super::environment::set_value), like any other: a request has no way
//! of its own to save a value.

use super::{Answer, ApiError};
use domain::KeyName;
use domain::ids::{RequestId, SessionId};
use domain::request::ValueRequest;
use leptos::prelude::*;

/// The work behind value requests: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait RequestBackend: Send + Sync {
    /// The value requests of a session, oldest first.
    async fn requests(&self, actor: &super::Actor, session: &SessionId) -> Result<Vec<ValueRequest>, ApiError>;
    /// See [`skip_key`].
    async fn skip_key(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        request: &RequestId,
        key: &KeyName,
    ) -> Result<Vec<ValueRequest>, ApiError>;
    /// See [`cancel_request`].
    async fn cancel_request(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        request: &RequestId,
    ) -> Result<Vec<ValueRequest>, ApiError>;
}

/// The requests of a session, oldest first.
#[server(prefix = "/fn", endpoint = "get_requests", output = Answer)]
pub async fn get_requests(
    /// Which session.
    session: SessionId,
) -> Result<Vec<ValueRequest>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.requests(&actor, &session).await
}

/// Skips an optional key of a request. Answers the session's requests as they stand after it.
#[server(prefix = "/fn", endpoint = "skip_key", output = Answer)]
pub async fn skip_key(
    /// Which session.
    session: SessionId,
    /// Which request.
    request: RequestId,
    /// The optional key.
    key: KeyName,
) -> Result<Vec<ValueRequest>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.skip_key(&actor, &session, &request, &key).await
}

/// Calls a request off: its agent is told that nobody will answer. Answers the session's requests.
#[server(prefix = "/fn", endpoint = "cancel_request", output = Answer)]
pub async fn cancel_request(
    /// Which session.
    session: SessionId,
    /// Which request.
    request: RequestId,
) -> Result<Vec<ValueRequest>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.cancel_request(&actor, &session, &request).await
}
