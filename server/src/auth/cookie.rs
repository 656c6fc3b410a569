//! The cookie that keeps a member signed in.

use super::Token;
use crate::config::Config;
use crate::store::{Store, StoreError, TokenHash};
use app::api::Actor;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use cookie::time::Duration;

/// How long a member stays signed in, in milliseconds: 30 days.
pub(super) const LIFETIME: i64 = 30 * 24 * 60 * 60 * 1000;

/// Name of the cookie. Over TLS the prefix makes browsers insist that this very host set it.
fn name(config: &Config) -> &'static str {
    if config.is_secure() { "__Host-keyslot" } else { "keyslot" }
}

/// The cookie for a fresh token.
pub(super) fn issue(config: &Config, token: &Token) -> Cookie<'static> {
    Cookie::build((name(config), token.expose().to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(config.is_secure())
        .max_age(Duration::milliseconds(LIFETIME))
        .build()
}

/// The cookie that removes it.
pub(super) fn expire(config: &Config) -> Cookie<'static> {
    Cookie::build((name(config), "")).path("/").secure(config.is_secure()).build()
}

/// The hash of the token that a request brought.
pub fn browser(config: &Config, jar: &CookieJar) -> Option<TokenHash> {
    jar.get(name(config)).map(|cookie| TokenHash::of(cookie.value()))
}

/// Who sent a request, if they are signed in.
pub async fn actor_of(config: &Config, store: &Store, jar: &CookieJar) -> Result<Option<Actor>, StoreError> {
    let Some(token) = browser(config, jar) else { return Ok(None) };
    let signed_in = store.web_session(&token).await?;
    Ok(signed_in.map(|who| Actor {
        organization: who.organization,
        organization_name: who.organization_name,
        member: who.member.id,
        name: who.member.name,
        role: who.member.role,
    }))
}
