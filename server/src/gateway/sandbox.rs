//! Sandboxes elsewhere: the one place where values leave the server, to bearers of a token made for a sandbox.

use super::{Problem, SandboxToken};
use crate::service::{Keyslot, Waited};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use sandbox::watch::wire::{NEXT, NextCall, REPORT, ReportCall};
use serde::de::DeserializeOwned;

/// The routes.
pub(super) fn routes() -> Router<Keyslot> {
    Router::new().route(NEXT, post(next)).route(REPORT, post(report))
}

/// `POST /api/v1/sandbox/next`: waits for something newer than the sandbox has and hands it over.
async fn next(
    State(keyslot): State<Keyslot>,
    SandboxToken(bearer): SandboxToken,
    body: Bytes,
) -> Result<Response, Problem> {
    let call: NextCall = read(&body)?;
    let room = keyslot.gateway().wait(&bearer.token);
    if call.wait > 0 && room.is_none() {
        return Err(too_many());
    }
    match keyslot.await_newer(&bearer.organization, &bearer.session, &call).await? {
        Waited::Nothing => return Ok(StatusCode::NO_CONTENT.into_response()),
        Waited::Ended => return Err(ended()),
        Waited::Newer => {}
    }
    // The token may have been revoked, and the session ended, while this waited.
    bearer.check_again(&keyslot).await?;
    let given = keyslot.given(&bearer.organization, &bearer.session).await?;
    let (values, of_organization) = given.handed_over;
    tracing::info!(
        session = %bearer.session,
        configuration = %given.configuration,
        sandbox = %call.name,
        token = %bearer.token,
        values,
        of_organization,
        "values were handed to a sandbox elsewhere"
    );
    // The body is wiped once it is sent.
    let mut response = Body::from(Bytes::from_owner(given.into_body())).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Compression would keep copies, and its length would tell of the content.
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    Ok(response)
}

/// `POST /api/v1/sandbox/report`: what the sandbox did with what it was handed.
async fn report(
    State(keyslot): State<Keyslot>,
    SandboxToken(bearer): SandboxToken,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let call: ReportCall = read(&body)?;
    keyslot.take_report(&bearer.organization, &bearer.session, call).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn too_many() -> Problem {
    let detail = "Too many sandboxes wait with this token. Make another token for some of them.";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-calls", "Too many calls", detail)
}

fn ended() -> Problem {
    let detail = "The session ended: take its values out of the files.";
    Problem::new(StatusCode::GONE, "session-ended", "The session ended", detail)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        // Where, and not what: the text of the error may repeat the call.
        let detail =
            format!("The body is not the JSON of this call (line {}, column {}).", error.line(), error.column());
        Problem::new(StatusCode::BAD_REQUEST, "malformed", "The call could not be read", detail)
    })
}
