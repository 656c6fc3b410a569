//! Session tokens: the ways in for agents, and for sandboxes elsewhere.

use super::connect::new_id;
use super::error::found;
use super::sql::{all, execute, optional};
use super::{Role, Store, StoreError, TokenHash};
use domain::ids::{MemberId, OrganizationId, SessionId, SessionTokenId};
use domain::token::TokenPurpose;

/// How long a use of a token stays unrecorded after the last recorded one, in milliseconds: a busy agent is not worth
/// a write for each of its calls.
const USE_GRAIN: i64 = 60 * 1000;

/// A token of a session, as its list shows it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionTokenRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: SessionTokenId,
    /// What people call it.
    pub name: String,
    /// What it is for.
    #[sqlx(try_from = "String")]
    pub purpose: TokenPurpose,
    /// Name of the member who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: i64,
    /// From when on it is refused.
    pub expires_at: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<i64>,
}

/// A token to keep.
#[derive(Clone, Copy)]
pub struct NewSessionToken<'a> {
    /// The session that it opens.
    pub session: &'a SessionId,
    /// What people call it.
    pub name: &'a str,
    /// What it is for.
    pub purpose: TokenPurpose,
    /// Hash of the token.
    pub hash: &'a TokenHash,
    /// Who makes it.
    pub created_by: &'a MemberId,
    /// From when on it is refused.
    pub expires_at: i64,
}

/// Whose token it is, in force or not: a way in tells its bearer what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TokenBearer {
    /// The token.
    #[sqlx(try_from = "String")]
    pub id: SessionTokenId,
    /// Its organization.
    #[sqlx(try_from = "String")]
    pub organization: OrganizationId,
    /// The session that it opens.
    #[sqlx(try_from = "String")]
    pub session: SessionId,
    /// What people call it.
    pub name: String,
    /// What it is for.
    #[sqlx(try_from = "String")]
    pub purpose: TokenPurpose,
    /// Who made it.
    #[sqlx(try_from = "String")]
    pub member: MemberId,
    /// What that member may do now.
    #[sqlx(try_from = "String")]
    pub role: Role,
    /// From when on it is refused.
    pub expires_at: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// When its session ended.
    pub ended_at: Option<i64>,
}

impl Store {
    /// Keeps a token's hash.
    pub async fn create_session_token(
        &self,
        organization: &OrganizationId,
        new: NewSessionToken<'_>,
    ) -> Result<SessionTokenId, StoreError> {
        let id = SessionTokenId(new_id());
        execute!(
            self.db,
            "INSERT INTO session_tokens (organization_id, id, session_id, name, purpose, token_hash, created_by,
                                         created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            organization.as_str(),
            id.as_str(),
            new.session.as_str(),
            new.name,
            new.purpose.as_str(),
            new.hash.bytes(),
            new.created_by.as_str(),
            self.now(),
            new.expires_at,
        )
        .map_err(|error| error.or_exists("the token").or_not_found("the session or the member"))?;
        Ok(id)
    }

    /// A session's tokens, newest first; also those that are no longer in force.
    pub async fn session_tokens(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Vec<SessionTokenRow>, StoreError> {
        all!(
            self.db,
            SessionTokenRow,
            "SELECT t.id, t.name, t.purpose, m.name AS created_by, t.created_at, t.expires_at, t.revoked_at,
                    t.last_used_at
             FROM session_tokens t
             JOIN members m ON m.organization_id = t.organization_id AND m.id = t.created_by
             WHERE t.organization_id = $1 AND t.session_id = $2 ORDER BY t.created_at DESC, t.id DESC",
            organization.as_str(),
            session.as_str(),
        )
    }

    /// Whose token this is; nothing if nobody made it.
    pub async fn token_bearer(&self, token: &TokenHash) -> Result<Option<TokenBearer>, StoreError> {
        optional!(
            self.db,
            TokenBearer,
            "SELECT t.id, t.organization_id AS organization, t.session_id AS session, t.name, t.purpose,
                    m.id AS member, m.role, t.expires_at, t.revoked_at, s.ended_at
             FROM session_tokens t
             JOIN members m ON m.organization_id = t.organization_id AND m.id = t.created_by
             JOIN sessions s ON s.organization_id = t.organization_id AND s.id = t.session_id
             WHERE t.token_hash = $1",
            token.bytes(),
        )
    }

    /// Records that a token is in use, once a minute at most. Returns whether it was recorded.
    pub async fn touch_session_token(
        &self,
        organization: &OrganizationId,
        token: &SessionTokenId,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let touched = execute!(
            self.db,
            "UPDATE session_tokens SET last_used_at = $3
             WHERE organization_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at <= $4)",
            organization.as_str(),
            token.as_str(),
            now,
            now - USE_GRAIN,
        )?;
        Ok(touched > 0)
    }

    /// Takes a token out of force. One that was revoked before stays as it is.
    pub async fn revoke_session_token(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        token: &SessionTokenId,
    ) -> Result<(), StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE session_tokens SET revoked_at = coalesce(revoked_at, $4)
             WHERE organization_id = $1 AND session_id = $2 AND id = $3",
            organization.as_str(),
            session.as_str(),
            token.as_str(),
            self.now(),
        )?;
        found(touched, "the token")
    }
}
