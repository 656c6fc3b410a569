//! Ways in: one-time sign-in links, and the web sessions that they open.

use super::sql::{execute, optional};
use super::{MemberRow, Store, StoreError};
use app::domain::ids::{MemberId, OrganizationId};
use sha2::{Digest, Sha256};

/// SHA-256 of a random token. Only the hash is stored, so that the database lets nobody in.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token as it stands in a link or a cookie.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Whose web session it is.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SignedIn {
    /// Their organization.
    #[sqlx(try_from = "String")]
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// The member.
    #[sqlx(flatten)]
    pub member: MemberRow,
}

/// Links and web sessions are kept alike.
macro_rules! way_in {
    ($table:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            " (organization_id, member_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)"
        )
    };
}

impl Store {
    /// Stores a sign-in link that works once, until `expires_at`.
    pub async fn create_sign_in_link(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
        token: &TokenHash,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        self.create_way_in(way_in!("sign_in_links"), organization, member, token, expires_at).await
    }

    /// Uses a sign-in link up and says whose it is: nothing if it is unknown, was used, or expired. However many try
    /// at once, one gets in.
    pub async fn use_sign_in_link(&self, token: &TokenHash) -> Result<Option<(OrganizationId, MemberId)>, StoreError> {
        let used = optional!(
            self.db,
            (String, String),
            "UPDATE sign_in_links SET used_at = $2
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
             RETURNING organization_id, member_id",
            token.bytes(),
            self.now(),
        )?;
        Ok(used.map(|(organization, member)| (organization.into(), member.into())))
    }

    /// Opens a web session.
    pub async fn create_web_session(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
        token: &TokenHash,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        self.create_way_in(way_in!("web_sessions"), organization, member, token, expires_at).await
    }

    /// Removes links and web sessions that let nobody in any more because their time is over.
    pub async fn remove_expired_sign_ins(&self) -> Result<(), StoreError> {
        execute!(self.db, "DELETE FROM sign_in_links WHERE expires_at <= $1", self.now())?;
        execute!(self.db, "DELETE FROM web_sessions WHERE expires_at <= $1", self.now())?;
        Ok(())
    }

    async fn create_way_in(
        &self,
        statement: &'static str,
        organization: &OrganizationId,
        member: &MemberId,
        token: &TokenHash,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        execute!(self.db, statement, organization.as_str(), member.as_str(), token.bytes(), self.now(), expires_at,)
            .map_err(|error| error.or_not_found("the member"))?;
        Ok(())
    }

    /// Who is signed in with this cookie token: nothing if it is unknown, expired or revoked.
    pub async fn web_session(&self, token: &TokenHash) -> Result<Option<SignedIn>, StoreError> {
        optional!(
            self.db,
            SignedIn,
            "SELECT o.id AS organization, o.name AS organization_name, m.id, m.name, m.role, m.created_at
             FROM web_sessions w
             JOIN members m ON m.organization_id = w.organization_id AND m.id = w.member_id
             JOIN organizations o ON o.id = w.organization_id
             WHERE w.token_hash = $1 AND w.revoked_at IS NULL AND w.expires_at > $2",
            token.bytes(),
            self.now(),
        )
    }

    /// Ends a web session. Returns whether there was one to end.
    pub async fn revoke_web_session(
        &self,
        organization: &OrganizationId,
        token: &TokenHash,
    ) -> Result<bool, StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE web_sessions SET revoked_at = $3
             WHERE organization_id = $1 AND token_hash = $2 AND revoked_at IS NULL",
            organization.as_str(),
            token.bytes(),
            self.now(),
        )?;
        Ok(touched > 0)
    }
}
