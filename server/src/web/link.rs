//! Keeping the token of a sign-in link out of everything that may log a request's address.

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use zeroize::Zeroizing;

/// The address that a link has for everything behind [`hide_token`].
pub const LINK: &str = "/sign-in/link";

const PREFIX: &str = "/sign-in/";

/// The token of a sign-in link.
#[derive(Clone)]
pub struct LinkToken(Zeroizing<String>);

impl LinkToken {
    /// The token itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The link's own path, for an answer that leads to it.
    pub fn path(&self) -> String {
        format!("{PREFIX}{}", self.expose())
    }
}

/// Takes the token out of a request's address before anything looks at it: libraries log addresses, each in its own
/// way.
pub fn hide_token(mut request: Request) -> Request {
    let token = request.uri().path().strip_prefix(PREFIX).filter(|token| !token.is_empty());
    if let Some(token) = token.map(|token| LinkToken(Zeroizing::new(token.to_owned()))) {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::from_static(LINK));
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_else(|_| Uri::from_static(LINK));
        request.extensions_mut().insert(token);
    }
    request
}
