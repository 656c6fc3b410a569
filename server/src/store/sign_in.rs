//! Ways in: one-time sign-in links, and the web sessions that they open.

use super::sql::{Tx, execute, one, optional};
use super::{MemberRow, Store, StoreError};
use domain::ids::{MemberId, OrganizationId};
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
    /// Stores a sign-in link that works once, until `expires_at`. Links that the member had before work no more.
    pub async fn create_sign_in_link(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
        token: &TokenHash,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        execute!(
            tx,
            "DELETE FROM sign_in_links WHERE organization_id = $1 AND member_id = $2",
            organization.as_str(),
            member.as_str(),
        )?;
        create_way_in(&mut tx, self.now(), way_in!("sign_in_links"), organization, member, token, expires_at).await?;
        tx.commit().await
    }

    /// Whom a sign-in link would let in, without using it up: nothing if it is unknown, was used, or expired.
    pub async fn sign_in_link(&self, token: &TokenHash) -> Result<Option<MemberRow>, StoreError> {
        optional!(
            self.db,
            MemberRow,
            "SELECT m.id, m.name, m.role, m.created_at
             FROM sign_in_links l
             JOIN members m ON m.organization_id = l.organization_id AND m.id = l.member_id
             WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2",
            token.bytes(),
            self.now(),
        )
    }

    /// Uses a sign-in link up and opens a web session with the cookie token `fresh` for its member, in place of the
    /// one that the browser `had`. Returns whose it is: nothing if the link is unknown, was used, or expired. However
    /// many try at once, one gets in.
    pub async fn use_sign_in_link(
        &self,
        token: &TokenHash,
        fresh: &TokenHash,
        expires_at: i64,
        had: Option<&TokenHash>,
    ) -> Result<Option<(OrganizationId, MemberId)>, StoreError> {
        let (mut tx, now) = (self.begin().await?, self.now());
        let used = optional!(
            tx,
            (String, String),
            "UPDATE sign_in_links SET used_at = $2
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
             RETURNING organization_id, member_id",
            token.bytes(),
            now,
        )?;
        let Some((organization, member)) = used else { return Ok(None) };
        let (organization, member) = (OrganizationId::from(organization), MemberId::from(member));
        if let Some(had) = had {
            execute!(
                tx,
                "UPDATE web_sessions SET revoked_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL",
                had.bytes(),
                now,
            )?;
        }
        create_way_in(&mut tx, now, way_in!("web_sessions"), &organization, &member, fresh, expires_at).await?;
        execute!(
            tx,
            "UPDATE members SET signed_in_at = $3 WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            member.as_str(),
            now,
        )?;
        tx.commit().await?;
        Ok(Some((organization, member)))
    }

    /// Opens a web session.
    pub async fn create_web_session(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
        token: &TokenHash,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        create_way_in(&mut tx, self.now(), way_in!("web_sessions"), organization, member, token, expires_at).await?;
        tx.commit().await
    }

    /// Whether anybody ever came in by a link.
    pub async fn has_been_signed_in_to(&self) -> Result<bool, StoreError> {
        let (found,) = one!(self.db, (bool,), "SELECT EXISTS (SELECT 1 FROM members WHERE signed_in_at IS NOT NULL)",)?;
        Ok(found)
    }

    /// Removes links, web sessions and problems of forms that are of no use any more because their time is over.
    pub async fn remove_expired_sign_ins(&self) -> Result<(), StoreError> {
        execute!(self.db, "DELETE FROM form_problems WHERE expires_at <= $1", self.now())?;
        execute!(self.db, "DELETE FROM sign_in_links WHERE expires_at <= $1", self.now())?;
        execute!(self.db, "DELETE FROM web_sessions WHERE expires_at <= $1", self.now())?;
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

async fn create_way_in(
    tx: &mut Tx,
    now: i64,
    statement: &'static str,
    organization: &OrganizationId,
    member: &MemberId,
    token: &TokenHash,
    expires_at: i64,
) -> Result<(), StoreError> {
    execute!(tx, statement, organization.as_str(), member.as_str(), token.bytes(), now, expires_at)
        .map_err(|error| error.or_not_found("the member"))?;
    Ok(())
}
