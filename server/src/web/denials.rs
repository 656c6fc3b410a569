//! Logging what was refused: who, from where, what.

use crate::auth::Sender;
use crate::service::Keyslot;
use app::api::{Actor, ApiError};
use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

/// Who was denied what, as the handler of a request knows it. Goes with the answer to the log.
#[derive(Clone)]
pub struct Denied {
    member: String,
    action: String,
}

impl Denied {
    /// Of an answer to a member; nothing if it denies nothing.
    pub fn of(actor: Option<&Actor>, error: &ApiError) -> Option<Self> {
        let ApiError::Forbidden { action } = error else { return None };
        let member = actor.map_or_else(|| "nobody".to_owned(), |actor| actor.member.to_string());
        Some(Self { member, action: action.clone() })
    }
}

/// Logs answers that deny something, and requests without a right cookie, token or origin.
pub async fn log(State(keyslot): State<Keyslot>, request: Request, next: Next) -> Response {
    let from = Sender::of(keyslot.config(), request.extensions(), request.headers());
    let method = request.method().clone();
    // The pattern and never the path, which may hold anything.
    let route = request.extensions().get::<MatchedPath>().map_or("page or file", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    match (response.status(), response.extensions().get::<Denied>()) {
        (_, Some(Denied { member, action })) => tracing::warn!(%from, member, action, "denied"),
        (StatusCode::FORBIDDEN, None) => tracing::warn!(%from, %method, route, "refused: not allowed"),
        (StatusCode::UNAUTHORIZED, None) => tracing::info!(%from, %method, route, "refused: not signed in"),
        _ => {}
    }
    response
}
