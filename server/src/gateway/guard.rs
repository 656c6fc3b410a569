//! What every call of a program passes before anything else looks at it.

use super::token::AgentToken;
use super::{Bearer, Problem};
use crate::service::Keyslot;
use crate::web::BodyLate;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::limits;
use std::error::Error;

/// Refuses what a page of another site sends, and keeps answers out of caches.
///
/// These ways in take no cookie, so a browser has nothing to lend to a foreign page. The origin is compared with this
/// server's own address and not with `Host`, which is exactly what a rebound name forges.
pub async fn origin(State(keyslot): State<Keyslot>, request: Request, next: Next) -> Response {
    let foreign = |origin: &HeaderValue| !origin.as_bytes().eq_ignore_ascii_case(keyslot.config().origin().as_bytes());
    let mut response = if request.headers().get(header::ORIGIN).is_some_and(foreign) {
        let detail = "Pages of other sites may not call this. Programs send no Origin header.";
        Problem::forbidden("foreign-origin", detail).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that buffer would hold progress back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// Lets only agents in, reads the whole body within its limit and hands on who calls (as [`Bearer`]).
pub async fn agent(State(keyslot): State<Keyslot>, request: Request, next: Next) -> Response {
    match admitted(&keyslot, request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn admitted(keyslot: &Keyslot, request: Request) -> Result<Request, Problem> {
    let (mut parts, body) = request.into_parts();
    let AgentToken(bearer) = AgentToken::from_request_parts(&mut parts, keyslot).await?;
    // What says that it will be too large is refused before it is sent.
    if body.size_hint().lower() > limits::CALL_BYTES as u64 {
        return Err(too_large());
    }
    let bytes = to_bytes(body, limits::CALL_BYTES).await.map_err(|error| unread(&error))?;
    // The token has done its work: nothing behind this point can log it or hand it on.
    parts.headers.remove(header::AUTHORIZATION);
    parts.extensions.insert::<Bearer>(bearer);
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Why a body could not be read.
fn unread(error: &(dyn Error + 'static)) -> Problem {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    if causes.into_iter().any(|error| error.is::<BodyLate>()) {
        let detail = "The call's body did not arrive in time. Nothing was changed.";
        return Problem::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "The call is too slow", detail.to_owned());
    }
    too_large()
}

fn too_large() -> Problem {
    let detail = format!("A call has at most {} bytes. Nothing was changed.", limits::CALL_BYTES);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The call is too large", detail)
}
