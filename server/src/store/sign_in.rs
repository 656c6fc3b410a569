//! Ways in: one-time sign-in links, and the web sessions that they open.

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
}

/// Whose web session it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Their organization.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// The member.
    pub member: MemberRow,
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
        todo!()
    }

    /// Uses a sign-in link up and says whose it is: nothing if it is unknown, was used, or expired. However many try
    /// at once, one gets in.
    pub async fn use_sign_in_link(&self, token: &TokenHash) -> Result<Option<(OrganizationId, MemberId)>, StoreError> {
        todo!()
    }

    /// Opens a web session.
    pub async fn create_web_session(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
        token: &TokenHash,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Who is signed in with this cookie token: nothing if it is unknown, expired or revoked.
    pub async fn web_session(&self, token: &TokenHash) -> Result<Option<SignedIn>, StoreError> {
        todo!()
    }

    /// Ends a web session. Returns whether there was one to end.
    pub async fn revoke_web_session(
        &self,
        organization: &OrganizationId,
        token: &TokenHash,
    ) -> Result<bool, StoreError> {
        todo!()
    }
}
