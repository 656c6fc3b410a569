//! Following a one-time link, and signing out.

use super::{Sender, Token, cookie};
use crate::events::Fact;
use crate::service::{Keyslot, ServiceError};
use crate::store::{MemberRow, TokenHash};
use crate::web::LinkToken;
use app::api::ApiError;
use app::pages::sign_in_link;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;

/// The page that explains how to get another link.
const DEAD_LINK: &str = "/sign-in?problem=used";

/// Only what forms of this server send may be in the page; its address, which holds the token, goes to nobody.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// `GET /sign-in/{token}`: a page with a button. Programs that look at links, as chats and virus scanners do, use none
/// up.
pub async fn show_link(
    State(keyslot): State<Keyslot>,
    sender: Sender,
    Extension(token): Extension<LinkToken>,
) -> Response {
    match keyslot.store().sign_in_link(&TokenHash::of(token.expose())).await {
        Ok(Some(member)) => page(&keyslot, &member),
        Ok(None) => dead_link(sender),
        Err(error) => failed(error.into()),
    }
}

fn page(keyslot: &Keyslot, member: &MemberRow) -> Response {
    // Without a referrer a form has the origin "null", which counts only where browsers also tell the site.
    let referrer = if keyslot.config().is_trustworthy() { "no-referrer" } else { "strict-origin" };
    let headers = [(header::CONTENT_SECURITY_POLICY, PAGE_POLICY), (header::REFERRER_POLICY, referrer)];
    (headers, Html(sign_in_link(&member.name))).into_response()
}

/// `POST /sign-in/{token}`: uses the link up and signs its member in. The session that the browser had ends.
pub async fn sign_in(
    State(keyslot): State<Keyslot>,
    sender: Sender,
    jar: CookieJar,
    Extension(token): Extension<LinkToken>,
) -> Response {
    match try_sign_in(&keyslot, &jar, sender, token.expose()).await {
        Ok(Some(fresh)) => (jar.add(cookie::issue(keyslot.config(), &fresh)), Redirect::to("/")).into_response(),
        Ok(None) => dead_link(sender),
        Err(error) => failed(error),
    }
}

/// `POST /sign-out`: ends the session on the server, and removes the cookie and whatever else the browser kept.
pub async fn sign_out(State(keyslot): State<Keyslot>, sender: Sender, jar: CookieJar) -> Response {
    match try_sign_out(&keyslot, &jar, sender).await {
        Ok(()) => {
            let clear = [(HeaderName::from_static("clear-site-data"), "\"cookies\", \"storage\"")];
            (clear, jar.remove(cookie::expire(keyslot.config())), Redirect::to("/sign-in")).into_response()
        }
        Err(error) => failed(error),
    }
}

fn dead_link(sender: Sender) -> Response {
    tracing::warn!(from = %sender, "a sign-in link was refused: it is unknown, was used, or expired");
    Redirect::to(DEAD_LINK).into_response()
}

async fn try_sign_in(
    keyslot: &Keyslot,
    jar: &CookieJar,
    sender: Sender,
    token: &str,
) -> Result<Option<Token>, ServiceError> {
    let store = keyslot.store();
    let fresh = Token::random().map_err(|_| vault::SealError::Randomness)?;
    let (hash, until) = (TokenHash::of(fresh.expose()), store.now() + cookie::LIFETIME);
    let had = cookie::browser(keyslot.config(), jar);
    let used = store.use_sign_in_link(&TokenHash::of(token), &hash, until, had.as_ref()).await?;
    let Some((organization, member)) = used else { return Ok(None) };
    tracing::info!(%organization, %member, from = %sender, "signed in by a one-time link");
    if had.is_some() {
        // Pages that the ended session had open are signed out.
        keyslot.events().tell(&organization, Fact::Access);
    }
    Ok(Some(fresh))
}

async fn try_sign_out(keyslot: &Keyslot, jar: &CookieJar, sender: Sender) -> Result<(), ServiceError> {
    let signed_in = cookie::actor_of(keyslot.config(), keyslot.store(), jar).await?;
    if let (Some(actor), Some(token)) = (signed_in, cookie::browser(keyslot.config(), jar)) {
        keyslot.store().revoke_web_session(&actor.organization, &token).await?;
        tracing::info!(organization = %actor.organization, member = %actor.member, from = %sender, "signed out");
        keyslot.events().tell(&actor.organization, Fact::Access);
    }
    Ok(())
}

fn failed(error: ServiceError) -> Response {
    let answer = ApiError::from(error);
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, answer.to_string()).into_response()
}
