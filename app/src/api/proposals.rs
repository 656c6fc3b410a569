//! Proposals: what agents want to change for others, and how people decide.

use super::{Answer, ApiError};
use domain::ids::{ProposalId, SessionId};
use domain::proposal::Proposal;
use leptos::prelude::*;

/// The work behind proposals: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait ProposalBackend: Send + Sync {
    /// The proposals of a session, oldest first.
    async fn proposals(&self, actor: &super::Actor, session: &SessionId) -> Result<Vec<Proposal>, ApiError>;
    /// See [`accept_proposal`].
    async fn accept_proposal(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        proposal: &ProposalId,
    ) -> Result<Vec<Proposal>, ApiError>;
    /// See [`decline_proposal`].
    async fn decline_proposal(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        proposal: &ProposalId,
        reason: &str,
    ) -> Result<Vec<Proposal>, ApiError>;
}

/// The proposals of a session, oldest first.
#[server(prefix = "/fn", endpoint = "get_proposals", output = Answer)]
pub async fn get_proposals(
    /// Which session.
    session: SessionId,
) -> Result<Vec<Proposal>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.proposals(&actor, &session).await
}

/// Does what a proposal says. Answers the session's proposals as they stand after it.
#[server(prefix = "/fn", endpoint = "accept_proposal", output = Answer)]
pub async fn accept_proposal(
    /// Which session.
    session: SessionId,
    /// Which proposal.
    proposal: ProposalId,
) -> Result<Vec<Proposal>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.accept_proposal(&actor, &session, &proposal).await
}

/// Declines a proposal; its agent hears the reason. Answers the session's proposals as they stand after it.
#[server(prefix = "/fn", endpoint = "decline_proposal", output = Answer)]
pub async fn decline_proposal(
    /// Which session.
    session: SessionId,
    /// Which proposal.
    proposal: ProposalId,
    /// What to say to the agent; may be empty.
    #[server(default)]
    reason: String,
) -> Result<Vec<Proposal>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.decline_proposal(&actor, &session, &proposal, &reason).await
}
