//! Server functions: forms and calls from the browser.

use super::pages::provide;
use crate::auth::actor_of;
use crate::service::Keyslot;
use app::api::ApiError;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;

/// Largest error answer that is read back, in bytes.
const ERROR_LIMIT: usize = 64 * 1024;

/// `POST /fn/{function}`.
pub async fn call(State(keyslot): State<Keyslot>, jar: CookieJar, request: Request) -> Response {
    let actor = match actor_of(keyslot.config(), keyslot.store(), &jar).await {
        Ok(actor) => actor,
        Err(error) => return error_response(crate::service::ServiceError::from(error).into()),
    };
    let context = move || provide(&keyslot, actor.clone());
    let response = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    with_status(response).await
}

/// Leptos answers every error with 500; the error itself knows better.
async fn with_status(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, ERROR_LIMIT).await else {
        return error_response(ApiError::Connection);
    };
    if let Ok(error) = serde_json::from_slice::<ApiError>(&bytes) {
        parts.status = StatusCode::from_u16(error.status()).unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn error_response(error: ApiError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = serde_json::to_string(&error).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], json).into_response()
}
