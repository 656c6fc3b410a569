//! Session tokens: how agents, and sandboxes elsewhere, are let in to one session.

use super::{Answer, ApiError};
use domain::ids::{SessionId, SessionTokenId};
use domain::token::TokenPurpose;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The tokens of a session, and where they are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokensView {
    /// Address of this server, as programs reach it, without a trailing slash.
    pub server: String,
    /// Whether whoever asks may make and revoke tokens; who may not sees none.
    pub allowed: bool,
    /// The tokens, newest first; also those that are no longer in force.
    pub tokens: Vec<TokenView>,
}

/// What may be known of a token. Never the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Which token.
    pub id: SessionTokenId,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub purpose: TokenPurpose,
    /// Whether it still lets anybody in.
    pub standing: Standing,
    /// Who made it.
    pub created_by: String,
    /// When, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// From when on it is refused, in milliseconds since 1970 UTC.
    pub expires_at: i64,
    /// When it was used last, to the minute, in milliseconds since 1970 UTC.
    pub last_used_at: Option<i64>,
}

/// Whether a token lets anybody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It does.
    InForce,
    /// Its time is over.
    Expired,
    /// A person revoked it.
    Revoked,
}

/// A token that was just made, on its way to the one page that shows it. Without Debug, and wiped when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct FreshToken {
    /// The token itself.
    pub token: String,
    /// What people call it.
    pub name: String,
    /// What it is for.
    #[zeroize(skip)]
    pub purpose: TokenPurpose,
    /// Address of this server, as programs reach it.
    pub server: String,
}

impl fmt::Debug for FreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("«token»")
    }
}

/// Where a plain form makes a token: the answer is a page that shows it once. A server function would send the form
/// back to where it came from, and the token would be lost.
pub fn plain_path(session: &SessionId) -> String {
    format!("/sessions/{session}/tokens")
}

/// The work behind session tokens: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait TokenBackend: Send + Sync {
    /// The tokens of a session, newest first.
    async fn tokens(&self, actor: &super::Actor, session: &SessionId) -> Result<TokensView, ApiError>;
    /// Makes a token; the answer is the only one that ever holds it.
    async fn create_token(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        name: &str,
        purpose: TokenPurpose,
        days: u32,
    ) -> Result<FreshToken, ApiError>;
    /// Takes a token out of force.
    async fn revoke_token(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        token: &SessionTokenId,
    ) -> Result<TokensView, ApiError>;
}

/// The tokens of a session, newest first.
#[server(prefix = "/fn", endpoint = "get_tokens", output = Answer)]
pub async fn get_tokens(
    /// Which session.
    session: SessionId,
) -> Result<TokensView, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.tokens(&actor, &session).await
}

/// Makes a token. The answer is the only one that ever holds it.
#[server(prefix = "/fn", endpoint = "create_token", output = Answer)]
pub async fn create_token(
    /// Which session.
    session: SessionId,
    /// What people call it.
    #[server(default)]
    name: String,
    /// What it is for.
    purpose: TokenPurpose,
    /// Days until it expires.
    days: u32,
) -> Result<FreshToken, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.create_token(&actor, &session, &name, purpose, days).await
}

/// Takes a token out of force at once. Answers the session's tokens.
#[server(prefix = "/fn", endpoint = "revoke_token", output = Answer)]
pub async fn revoke_token(
    /// Which session.
    session: SessionId,
    /// Which token.
    token: SessionTokenId,
) -> Result<TokensView, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.revoke_token(&actor, &session, &token).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_token_cannot_be_printed() {
        let fresh = FreshToken {
            token: "ks_sess_hunter2".to_owned(),
            name: "Agent".to_owned(),
            purpose: TokenPurpose::Agent,
            server: "http://x.test".to_owned(),
        };
        assert!(!format!("{fresh:?}").contains("hunter2"));
    }
}
