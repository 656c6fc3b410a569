//! Following a one-time link, and signing out.

use super::{Token, cookie};
use crate::events::Fact;
use crate::service::{Keyslot, ServiceError};
use crate::store::TokenHash;
use app::api::ApiError;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;

/// `GET /sign-in/{token}`: uses the link up and signs its member in; a used or expired link leads to the page that
/// explains how to get another.
pub async fn sign_in(State(keyslot): State<Keyslot>, jar: CookieJar, Path(token): Path<String>) -> Response {
    match try_sign_in(&keyslot, &token).await {
        Ok(Some(fresh)) => (jar.add(cookie::issue(keyslot.config(), &fresh)), Redirect::to("/")).into_response(),
        Ok(None) => Redirect::to("/sign-in?problem=used").into_response(),
        Err(error) => failed(error),
    }
}

/// `POST /sign-out`: ends the session on the server and removes the cookie.
pub async fn sign_out(State(keyslot): State<Keyslot>, jar: CookieJar) -> Response {
    match try_sign_out(&keyslot, &jar).await {
        Ok(()) => (jar.remove(cookie::expire(keyslot.config())), Redirect::to("/sign-in")).into_response(),
        Err(error) => failed(error),
    }
}

async fn try_sign_in(keyslot: &Keyslot, token: &str) -> Result<Option<Token>, ServiceError> {
    let store = keyslot.store();
    let Some((organization, member)) = store.use_sign_in_link(&TokenHash::of(token)).await? else {
        return Ok(None);
    };
    let fresh = Token::random().map_err(|_| crate::vault::SealError::Randomness)?;
    let until = store.now() + cookie::LIFETIME;
    store.create_web_session(&organization, &member, &TokenHash::of(fresh.expose()), until).await?;
    Ok(Some(fresh))
}

async fn try_sign_out(keyslot: &Keyslot, jar: &CookieJar) -> Result<(), ServiceError> {
    let signed_in = cookie::actor_of(keyslot.config(), keyslot.store(), jar).await?;
    if let (Some(actor), Some(token)) = (signed_in, cookie::token(keyslot.config(), jar)) {
        keyslot.store().revoke_web_session(&actor.organization, &token).await?;
        keyslot.events().tell(&actor.organization, Fact::Access);
    }
    Ok(())
}

fn failed(error: ServiceError) -> Response {
    let answer = ApiError::from(error);
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, answer.to_string()).into_response()
}
