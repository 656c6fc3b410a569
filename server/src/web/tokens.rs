//! A plain form that makes a session token: answered with a page that shows it once.

use super::headers::scriptless_policy;
use crate::auth::actor_of;
use crate::service::{Keyslot, ServiceError};
use app::api::ApiError;
use app::api::tokens::FreshToken;
use app::api::tokens::TokenBackend;
use app::pages::fresh_token;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use domain::ids::SessionId;
use domain::token::TokenPurpose;
use serde::Deserialize;

/// What the form holds.
#[derive(Deserialize)]
pub struct NewToken {
    #[serde(default)]
    name: String,
    purpose: TokenPurpose,
    days: u32,
}

/// `POST /sessions/{session}/tokens`. The token stands in this answer and nowhere else: not in an address, not in a
/// cookie, not in a page that could be fetched again.
pub async fn create(
    State(keyslot): State<Keyslot>,
    jar: CookieJar,
    Path(session): Path<String>,
    form: Result<Form<NewToken>, FormRejection>,
) -> Response {
    let session = SessionId::from(session);
    let made = make(&keyslot, &jar, &session, form).await;
    let status = made.as_ref().err().and_then(|error| StatusCode::from_u16(error.status()).ok());
    let policy = [(header::CONTENT_SECURITY_POLICY, scriptless_policy())];
    (status.unwrap_or(StatusCode::OK), policy, Html(fresh_token(&session, made))).into_response()
}

async fn make(
    keyslot: &Keyslot,
    jar: &CookieJar,
    session: &SessionId,
    form: Result<Form<NewToken>, FormRejection>,
) -> Result<FreshToken, ApiError> {
    let actor = actor_of(keyslot.config(), keyslot.store(), jar).await.map_err(ServiceError::from)?;
    let actor = actor.ok_or(ApiError::SignedOut)?;
    let incomplete = |_| ApiError::invalid("form", "The form was not complete. Go back and try again.");
    let Form(new) = form.map_err(incomplete)?;
    keyslot.create_token(&actor, session, &new.name, new.purpose, new.days).await
}
