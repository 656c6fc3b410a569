//! Refusals of layers and services that have no words of their own for programs.

use crate::gateway::Problem;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Longest address of a built file or style sheet. File systems take no names beyond it.
const FILE_CHARS: usize = 255;

/// Puts a problem in the place of a refusal that is empty or bare text, whoever made it.
pub async fn as_problems(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || has_form(response.headers()) {
        return response;
    }
    let mut problem = Problem::of_status(status).into_response();
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    // Such as who was denied what, for the log.
    *problem.extensions_mut() = std::mem::take(response.extensions_mut());
    problem
}

/// Whether an answer is a page, or JSON.
fn has_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind == "text/html" || kind == "application/json" || kind.ends_with("+json")
}

/// Answers that a file is not there if no file can have its name, before the file system finds that an error.
pub async fn short_names(request: Request, next: Next) -> Response {
    match request.uri().path().len() {
        0..=FILE_CHARS => next.run(request).await,
        _ => Problem::of_status(StatusCode::NOT_FOUND).into_response(),
    }
}
