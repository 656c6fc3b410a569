//! Session tokens: made, listed and revoked by people.

use super::{Keyslot, ServiceError, require};
use crate::auth::Token;
use crate::store::{NewSessionToken, SessionTokenRow, TokenHash};
use app::api::live::Change;
use app::api::tokens::{FreshToken, Standing, TokenBackend, TokenView, TokensView};
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::ids::{SessionId, SessionTokenId};
use domain::member::Role;
use domain::token::{DAYS, NAME_CHARS, PREFIX, TOKENS, TokenPurpose};

/// A day in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

#[async_trait]
impl TokenBackend for Keyslot {
    async fn tokens(&self, actor: &Actor, session: &SessionId) -> Result<TokensView, ApiError> {
        Ok(self.tokens_of(actor, session).await?)
    }

    async fn create_token(
        &self,
        actor: &Actor,
        session: &SessionId,
        name: &str,
        purpose: TokenPurpose,
        days: u32,
    ) -> Result<FreshToken, ApiError> {
        Ok(self.make_token(actor, session, name, purpose, days).await?)
    }

    async fn revoke_token(
        &self,
        actor: &Actor,
        session: &SessionId,
        token: &SessionTokenId,
    ) -> Result<TokensView, ApiError> {
        Ok(self.revoke(actor, session, token).await?)
    }
}

impl Keyslot {
    pub(super) async fn tokens_of(&self, actor: &Actor, session: &SessionId) -> Result<TokensView, ServiceError> {
        self.session_row(&actor.organization, session).await?;
        let server = self.config().programs_origin();
        if actor.role < Role::Member {
            return Ok(TokensView { server, allowed: false, tokens: Vec::new() });
        }
        let rows = self.store().session_tokens(&actor.organization, session).await?;
        let now = self.store().now();
        Ok(TokensView { server, allowed: true, tokens: rows.into_iter().map(|row| view(row, now)).collect() })
    }

    pub(super) async fn make_token(
        &self,
        actor: &Actor,
        session: &SessionId,
        name: &str,
        purpose: TokenPurpose,
        days: u32,
    ) -> Result<FreshToken, ServiceError> {
        require(actor, Role::Member, "make tokens")?;
        let row = self.session_row(&actor.organization, session).await?;
        if row.ended_at.is_some() {
            return Err(ServiceError::conflict("This session has ended, so a token would open nothing."));
        }
        let name = checked_name(name, purpose)?;
        if !DAYS.contains(&days) {
            return Err(ServiceError::invalid("days", "Choose how long the token is in force: 1, 7 or 30 days."));
        }
        let in_force = self.tokens_of(actor, session).await?.tokens;
        if in_force.iter().filter(|token| token.standing == Standing::InForce).count() >= TOKENS {
            let text = format!("This session has {TOKENS} tokens in force. Revoke some of them first.");
            return Err(ServiceError::conflict(text));
        }
        let random = Token::random().map_err(|_| vault::SealError::Randomness)?;
        let token = format!("{PREFIX}{}", random.expose());
        let fresh = FreshToken { token, name, purpose, server: self.config().programs_origin() };
        let new = NewSessionToken {
            session,
            name: &fresh.name,
            purpose,
            hash: &TokenHash::of(&fresh.token),
            created_by: &actor.member,
            expires_at: self.store().now() + i64::from(days) * DAY,
        };
        self.store().create_session_token(&actor.organization, new).await?;
        self.events().publish(&actor.organization, session, Change::Token);
        Ok(fresh)
    }

    pub(super) async fn revoke(
        &self,
        actor: &Actor,
        session: &SessionId,
        token: &SessionTokenId,
    ) -> Result<TokensView, ServiceError> {
        require(actor, Role::Member, "revoke tokens")?;
        self.store().revoke_session_token(&actor.organization, session, token).await?;
        self.events().publish(&actor.organization, session, Change::Token);
        self.tokens_of(actor, session).await
    }
}

/// The name under which the bearer appears in threads; what it is for when nobody named it.
fn checked_name(name: &str, purpose: TokenPurpose) -> Result<String, ServiceError> {
    let name = name.trim();
    if name.chars().count() > NAME_CHARS {
        return Err(ServiceError::invalid("name", format!("A name has at most {NAME_CHARS} characters.")));
    }
    if name.chars().any(char::is_control) {
        return Err(ServiceError::invalid("name", "A name is one line of plain text."));
    }
    Ok(match (name, purpose) {
        ("", TokenPurpose::Agent) => "Agent".to_owned(),
        ("", TokenPurpose::Sandbox) => "Sandbox".to_owned(),
        _ => name.to_owned(),
    })
}

fn view(row: SessionTokenRow, now: i64) -> TokenView {
    let standing = match (row.revoked_at, row.expires_at <= now) {
        (Some(_), _) => Standing::Revoked,
        (None, true) => Standing::Expired,
        (None, false) => Standing::InForce,
    };
    TokenView {
        id: row.id,
        name: row.name,
        purpose: row.purpose,
        standing,
        created_by: row.created_by,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }
}
