//! Answers to programs that are no success: problem details as RFC 9457 has them.

use crate::service::ServiceError;
use app::api::ApiError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::spec::{FieldProblem, SpecError};
use schemars::JsonSchema;
use serde::Serialize;

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Every status of a problem that an agent's call may be answered with, and when it is.
pub(super) const STATUSES: [(StatusCode, &str); 14] = [
    (StatusCode::BAD_REQUEST, "The body is no JSON."),
    (StatusCode::UNAUTHORIZED, "No session token came with the call, or it is not in force."),
    (StatusCode::FORBIDDEN, "The token is for something else, or a page of another site called."),
    (StatusCode::NOT_FOUND, "There is no such thing in this session."),
    (StatusCode::METHOD_NOT_ALLOWED, "The address takes another method."),
    (StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time."),
    (StatusCode::CONFLICT, "The state does not allow it."),
    (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is not sent as `application/json`."),
    (StatusCode::UNPROCESSABLE_ENTITY, "Some fields cannot be taken; each is named."),
    (StatusCode::TOO_MANY_REQUESTS, "Too many calls; `Retry-After` says when to try again."),
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on the server; nothing was changed."),
    (StatusCode::SERVICE_UNAVAILABLE, "The database does not answer; `Retry-After` says when to try again."),
    (StatusCode::INSUFFICIENT_STORAGE, "The server's disk is full; nothing was changed."),
];
/// How long to wait for a database that does not answer, in seconds.
const UNAVAILABLE_SECONDS: u64 = 5;

/// Why a call was not done, for a program and whoever reads its log. Never holds a value.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Problem {
    /// What kind of problem, as a URI that stays the same: `urn:keyslot:problem:` and a short name.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened here and what to do.
    pub detail: String,
    /// Each field that was refused, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Seconds to wait before trying again; also the header `Retry-After`.
    #[serde(rename = "retryAfter", skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem of a kind: `name` is the end of its URI.
    pub fn new(status: StatusCode, name: &str, title: &str, detail: impl Into<String>) -> Self {
        // Only sandboxes hear that something is gone, only pages are elsewhere: the document leaves out both.
        let is_documented = matches!(status, StatusCode::GONE | StatusCode::MISDIRECTED_REQUEST)
            || STATUSES.iter().any(|(known, _)| *known == status);
        debug_assert!(is_documented, "{status} stands in the OpenAPI document");
        Self {
            kind: format!("urn:keyslot:problem:{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// No token, or one that is not in force.
    pub fn unauthorised(name: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, name, "The session token was not accepted", detail)
    }

    /// The call is not for whoever makes it.
    pub fn forbidden(name: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, name, "This is not allowed", detail)
    }

    /// A refusal of which only the status is known.
    pub fn of_status(status: StatusCode) -> Self {
        let (name, title, detail) = match status {
            StatusCode::FORBIDDEN => {
                ("foreign-origin", "This is not allowed", "Pages of other sites may not call this.")
            }
            StatusCode::NOT_FOUND => ("not-found", "There is no such address", "There is nothing at this address."),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method", "The method is not allowed", "This address takes another method.")
            }
            StatusCode::REQUEST_TIMEOUT => ("too-slow", "The call is too slow", "The body did not arrive in time."),
            StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "The call is too large", "Send a smaller body."),
            status if status.is_server_error() => (
                "internal",
                "Something went wrong on the server",
                "Try again later. The server's log says what happened.",
            ),
            _ => ("malformed", "The call could not be read", "Check its address, headers and body."),
        };
        let status = status.as_u16();
        let kind = format!("urn:keyslot:problem:{name}");
        Self { kind, title: title.to_owned(), status, detail: detail.to_owned(), errors: Vec::new(), retry_after: None }
    }

    /// Fields that cannot be taken; nothing was changed.
    pub fn invalid(errors: Vec<FieldProblem>) -> Self {
        let list: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.field, error.problem)).collect();
        let detail = format!("Nothing was changed. {}", list.join("; "));
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Some fields cannot be taken", detail);
        Self { errors, ..problem }
    }
}

impl From<SpecError> for Problem {
    fn from(error: SpecError) -> Self {
        Self::invalid(error.problems)
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Spec(error) => error.into(),
            other => ApiError::from(other).into(),
        }
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        let mut retry_after = None;
        let (name, title) = match &error {
            ApiError::Invalid { field, message } => {
                return Self::invalid(vec![FieldProblem { field: field.clone(), problem: message.clone() }]);
            }
            ApiError::SignedOut => ("unauthorised", "The session token was not accepted"),
            ApiError::Forbidden { .. } => ("forbidden", "This is not allowed"),
            ApiError::NotFound { .. } | ApiError::UnknownFunction => {
                ("not-found", "There is no such thing in this session")
            }
            ApiError::Conflict { .. } | ApiError::Taken { .. } => ("conflict", "The state does not allow this"),
            ApiError::TooOften { seconds, .. } => {
                retry_after = Some(*seconds);
                ("too-often", "This was asked too often")
            }
            ApiError::Unavailable => {
                retry_after = Some(UNAVAILABLE_SECONDS);
                ("unavailable", "The database does not answer")
            }
            ApiError::Connection => ("malformed", "The call could not be read"),
            ApiError::DiskFull => ("disk-full", "The server's disk is full"),
            ApiError::Internal { .. } => ("internal", "Something went wrong on the server"),
        };
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { retry_after, ..Self::new(status, name, title, error.to_string()) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_str(&challenge(&self.kind, &self.detail));
            headers.insert(header::WWW_AUTHENTICATE, challenge.unwrap_or(HeaderValue::from_static("Bearer")));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What `WWW-Authenticate` asks for, as RFC 6750 has it. Some clients show nothing of a refusal but this.
fn challenge(kind: &str, detail: &str) -> String {
    let words = detail.replace('\u{2026}', "...").replace('"', "'");
    let words: String = words.chars().filter(|c| c.is_ascii() && !c.is_ascii_control() && *c != '\\').collect();
    // A call without a token is told how to bring one, and not that it brought a wrong one.
    let error = if kind.ends_with(":token-missing") { "" } else { "error=\"invalid_token\", " };
    format!("Bearer realm=\"keyslot\", {error}error_description=\"{words}\"")
}
