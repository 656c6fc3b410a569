//! `GET /healthz`, for whoever watches over the server.

use crate::service::{Health, Keyslot};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// 200 when the server can do its work, else 503 with the reasons.
pub async fn healthz(State(keyslot): State<Keyslot>) -> Response {
    let health = keyslot.health().await;
    let status = if health == Health::Ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(health)).into_response()
}
