//! Who calls: `Authorization: Bearer ks_sess_…`. A token opens one session, for one purpose, while it is in force.

use super::Problem;
use crate::service::{Keyslot, ServiceError};
use crate::store::{Role, TokenBearer, TokenHash};
use app::api::live::Change;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use domain::ids::{MemberId, OrganizationId, SessionId, SessionTokenId};
use domain::token::{PREFIX, TokenPurpose};

/// Who was let in, and to what.
#[derive(Clone)]
pub struct Bearer {
    /// The organization.
    pub organization: OrganizationId,
    /// The one session.
    pub session: SessionId,
    /// What people called the token: the caller's name in threads and specs.
    pub name: String,
    /// The token.
    pub token: SessionTokenId,
    /// The member who made the token, in whose name the caller acts.
    pub member: MemberId,
    /// What the token is for.
    purpose: TokenPurpose,
    hash: TokenHash,
}

/// An agent, let in to use the tools. Extract it in a handler.
#[derive(Clone)]
pub struct AgentToken(pub Bearer);

/// A sandbox elsewhere, let in to fetch what its files hold. Extract it in a handler.
#[derive(Clone)]
pub struct SandboxToken(pub Bearer);

impl FromRequestParts<Keyslot> for AgentToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, keyslot: &Keyslot) -> Result<Self, Problem> {
        Bearer::of(keyslot, &parts.headers, TokenPurpose::Agent).await.map(Self)
    }
}

impl FromRequestParts<Keyslot> for SandboxToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, keyslot: &Keyslot) -> Result<Self, Problem> {
        Bearer::of(keyslot, &parts.headers, TokenPurpose::Sandbox).await.map(Self)
    }
}

impl Bearer {
    /// Who sent a request, if a token for this purpose came with it, is in force now and does not call too often.
    pub async fn of(keyslot: &Keyslot, headers: &HeaderMap, purpose: TokenPurpose) -> Result<Self, Problem> {
        let hash = hash_in(headers)?;
        let bearer = in_force(keyslot, &hash, purpose).await?;
        keyslot.gateway().count(&bearer.id)?;
        let touched = keyslot.store().touch_session_token(&bearer.organization, &bearer.id).await;
        if touched.map_err(ServiceError::from)? {
            keyslot.events().publish(&bearer.organization, &bearer.session, Change::Token);
        }
        Ok(Self {
            organization: bearer.organization,
            session: bearer.session,
            name: bearer.name,
            token: bearer.id,
            member: bearer.member,
            purpose,
            hash,
        })
    }

    /// Fails once the token is no longer in force. For calls that last: a revoked token ends them.
    pub async fn check_again(&self, keyslot: &Keyslot) -> Result<(), Problem> {
        in_force(keyslot, &self.hash, self.purpose).await.map(|_| ())
    }
}

async fn in_force(keyslot: &Keyslot, hash: &TokenHash, purpose: TokenPurpose) -> Result<TokenBearer, Problem> {
    let found = keyslot.store().token_bearer(hash).await.map_err(ServiceError::from)?;
    let bearer = found.ok_or_else(|| {
        Problem::unauthorised("token-unknown", "No session has this token. Make one on the session's Info tab.")
    })?;
    check(&bearer, purpose, keyslot.store().now())?;
    Ok(bearer)
}

/// The hash of the token that a request brought. The token itself goes no further.
fn hash_in(headers: &HeaderMap) -> Result<TokenHash, Problem> {
    let missing = || {
        let detail = format!(
            "Send the header \"Authorization: Bearer {PREFIX}…\" with a token that was made on the session's Info tab."
        );
        Problem::unauthorised("token-missing", detail)
    };
    let given = headers.get(AUTHORIZATION).map(HeaderValue::to_str).and_then(Result::ok).ok_or_else(missing)?;
    let (scheme, token) = given.split_once(' ').ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") || !token.trim().starts_with(PREFIX) {
        return Err(missing());
    }
    Ok(TokenHash::of(token.trim()))
}

/// Whether a token is in force, and for this.
fn check(bearer: &TokenBearer, purpose: TokenPurpose, now: i64) -> Result<(), Problem> {
    let again = "Make a new one on the session's Info tab.";
    if bearer.revoked_at.is_some() {
        return Err(Problem::unauthorised("token-revoked", format!("This token was revoked. {again}")));
    }
    if bearer.expires_at <= now {
        return Err(Problem::unauthorised("token-expired", format!("This token expired. {again}")));
    }
    if bearer.ended_at.is_some() {
        let detail = "The session of this token ended. Ask for a token of a session that runs.";
        return Err(Problem::unauthorised("session-ended", detail));
    }
    if bearer.role < Role::Member {
        let detail = "Whoever made this token may no longer work in sessions. Ask another member for a token.";
        return Err(Problem::forbidden("member-demoted", detail));
    }
    match (purpose, bearer.purpose) {
        (TokenPurpose::Agent, TokenPurpose::Sandbox) => Err(Problem::forbidden(
            "wrong-purpose",
            "This token is for a sandbox (keyslot env watch). The tools need a token made for an agent.",
        )),
        (TokenPurpose::Sandbox, TokenPurpose::Agent) => Err(Problem::forbidden(
            "wrong-purpose",
            "This token is for an agent, which gets no values. keyslot env watch needs a token made for a sandbox.",
        )),
        _ => Ok(()),
    }
}
