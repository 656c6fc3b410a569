//! Event streams for browsers.

use crate::auth::actor_of;
use crate::service::{Keyslot, ServiceError};
use app::api::{ApiError, Backend};
use app::domain::ids::SessionId;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;

/// `GET /events/sessions/{session}`: see [`app::api::live`].
pub async fn session(
    State(keyslot): State<Keyslot>,
    jar: CookieJar,
    headers: HeaderMap,
    Path(session): Path<String>,
) -> Response {
    let session = SessionId::from(session);
    if let Err(error) = allowed(&keyslot, &jar, &session).await {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::FORBIDDEN);
        return (status, error.to_string()).into_response();
    }
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    // Proxies that buffer would hold events back.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    ([unbuffered], keyslot.events().watch(&session, seen)).into_response()
}

async fn allowed(keyslot: &Keyslot, jar: &CookieJar, session: &SessionId) -> Result<(), ApiError> {
    let actor = actor_of(keyslot.config(), keyslot.store(), jar).await.map_err(ServiceError::from)?;
    let actor = actor.ok_or(ApiError::SignedOut)?;
    keyslot.session(&actor, session).await.map(|_| ())
}
