//! Under which host pages are served.

use super::link::LinkToken;
use crate::gateway::Problem;
use crate::service::Keyslot;
use app::pages::Route;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

/// Leads whoever asks for a page under another host to the right one: cookies are kept by host and know no ports, so
/// the name must be one that nothing else shares.
pub async fn right_host(State(keyslot): State<Keyslot>, request: Request, next: Next) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    // What is nowhere is so under every name; programs that look for something are told at once.
    if request.extensions().get::<MatchedPath>().is_none() && Route::parse(path) == Route::NotFound {
        return next.run(request).await;
    }
    let Some(origin) = keyslot.config().right_origin(host(&request)) else { return next.run(request).await };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let detail = format!("Keyslot's pages are at {origin}. Nothing was changed.");
        let title = "Pages have another host";
        return Problem::new(StatusCode::MISDIRECTED_REQUEST, "wrong-host", title, detail).into_response();
    }
    let path = match request.extensions().get::<LinkToken>() {
        Some(token) => token.path(),
        None => request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned(),
    };
    Redirect::temporary(&format!("{origin}{path}")).into_response()
}

fn host(request: &Request) -> &str {
    let header = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    request.uri().authority().map(|authority| authority.as_str()).or_else(header).unwrap_or_default()
}
