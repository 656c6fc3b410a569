//! Proposals: an agent wants to change something for others, a person decides, the agent hears how.

mod accept;

use super::{Keyslot, ServiceError, require};
use crate::store::{Decision, NewProposal, Proposed, SessionRow};
use app::api::live::Change;
use app::api::proposals::ProposalBackend;
use app::api::thread::ThreadEvent;
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::ids::{OrganizationId, ProposalId, SessionId};
use domain::limits;
use domain::member::Role;
use domain::proposal::{Proposal, ProposalKind, ProposalState, ProposedChange};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

#[async_trait]
impl ProposalBackend for Keyslot {
    async fn proposals(&self, actor: &Actor, session: &SessionId) -> Result<Vec<Proposal>, ApiError> {
        Ok(self.proposals_of(&actor.organization, session).await?)
    }

    async fn accept_proposal(
        &self,
        actor: &Actor,
        session: &SessionId,
        proposal: &ProposalId,
    ) -> Result<Vec<Proposal>, ApiError> {
        require(actor, Role::Member, "accept proposals")?;
        let accepting = {
            let (keyslot, actor, session, id) = (self.clone(), actor.clone(), session.clone(), proposal.clone());
            // A task of its own: who accepts may hang up, and what is accepted is carried out all the same.
            self.0.tasks.spawn(async move { keyslot.accept(&actor, &session, &id).await })
        };
        accepting.await.map_err(ServiceError::Task)??;
        Ok(self.proposals_of(&actor.organization, session).await?)
    }

    async fn decline_proposal(
        &self,
        actor: &Actor,
        session: &SessionId,
        proposal: &ProposalId,
        reason: &str,
    ) -> Result<Vec<Proposal>, ApiError> {
        self.decline(actor, session, proposal, reason).await?;
        Ok(self.proposals_of(&actor.organization, session).await?)
    }
}

impl Keyslot {
    /// Has a change wait for a person. The same change proposed again is the proposal that waits already; another one
    /// takes its place.
    pub(super) async fn propose(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        proposed_by: &str,
        change: ProposedChange,
    ) -> Result<Proposal, ServiceError> {
        let new = NewProposal { session: &session.id, proposed_by, change: &change };
        let proposed = self.store().propose(organization, new).await?;
        let proposed =
            proposed.ok_or_else(|| ServiceError::conflict("This session has ended, so nobody decides any more."))?;
        self.tell_proposed(organization, &proposed).await?;
        Ok(proposed.proposal)
    }

    /// Tells the thread and whoever watches of a proposal that is new.
    pub(super) async fn tell_proposed(
        &self,
        organization: &OrganizationId,
        proposed: &Proposed,
    ) -> Result<(), ServiceError> {
        let Proposal { id, session, proposed_by, change, .. } = &proposed.proposal;
        if !proposed.is_new {
            return Ok(());
        }
        self.events().publish(organization, session, Change::Proposal);
        let event = ThreadEvent::Proposal { proposal: id.clone(), author: proposed_by.clone(), about: change.kind() };
        self.say(organization, session, event).await
    }

    /// Closes the pending proposal of a kind because its agent wants no such change any more.
    pub(super) async fn supersede_proposal(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        kind: ProposalKind,
    ) -> Result<(), ServiceError> {
        if self.store().supersede_proposal(organization, session, kind).await? {
            self.events().publish(organization, session, Change::Proposal);
        }
        Ok(())
    }

    /// Closes what a session that ends still proposes.
    pub(super) async fn expire_proposals(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<(), ServiceError> {
        if self.store().expire_proposals(organization, session).await? {
            self.events().publish(organization, session, Change::Proposal);
        }
        Ok(())
    }

    /// The proposals of a session, oldest first.
    pub async fn proposals_of(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Vec<Proposal>, ServiceError> {
        self.session_row(organization, session).await?;
        Ok(self.store().proposals(organization, session).await?)
    }

    /// One proposal of a session.
    pub async fn proposal(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &ProposalId,
    ) -> Result<Proposal, ServiceError> {
        let found = self.store().proposal(organization, session, id).await?;
        found.ok_or_else(|| ServiceError::not_found("proposal"))
    }

    /// Waits until a proposal is no longer pending, at most for `patience`; answers how it stands then.
    pub async fn await_decision(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &ProposalId,
        patience: Duration,
    ) -> Result<Proposal, ServiceError> {
        let until = Instant::now() + patience;
        // Listening before looking: what changes between the two is heard.
        let mut heard = self.events().subscribe();
        loop {
            let proposal = self.proposal(organization, session, id).await?;
            if !proposal.is_pending() || Instant::now() >= until {
                return Ok(proposal);
            }
            let news = async {
                // A listener that lags may have missed it, so it looks again.
                while let Ok(news) = heard.recv().await {
                    if news.may_be(session, Change::Proposal) {
                        break;
                    }
                }
            };
            let _ = timeout_at(until, news).await;
        }
    }

    async fn decline(
        &self,
        actor: &Actor,
        session: &SessionId,
        id: &ProposalId,
        reason: &str,
    ) -> Result<(), ServiceError> {
        require(actor, Role::Member, "decline proposals")?;
        let organization = &actor.organization;
        let reason = reason.trim();
        if reason.chars().count() > limits::REASON_CHARS {
            let text = format!("A reason has at most {} characters.", limits::REASON_CHARS);
            return Err(ServiceError::invalid("reason", text));
        }
        self.proposal(organization, session, id).await?;
        let reason = Some(reason).filter(|reason| !reason.is_empty());
        let declined = Decision { state: ProposalState::Declined, by: &actor.name, reason };
        if !self.store().decide_proposal(organization, session, id, declined).await? {
            return Err(decided());
        }
        self.events().publish(organization, session, Change::Proposal);
        Ok(())
    }
}

fn decided() -> ServiceError {
    ServiceError::conflict("This proposal is closed already.")
}
