//! Accepting a proposal: what a person looked at is what is done, by the code that does it for people.

use super::decided;
use crate::service::{Keyslot, ServiceError};
use crate::store::{Decision, SessionRow};
use app::api::Actor;
use app::api::environment::EnvironmentTarget;
use app::api::live::Change;
use app::api::snapshots::SnapshotBackend;
use domain::ids::{ProposalId, SessionId, SnapshotId};
use domain::proposal::{Proposal, ProposalState, ProposedChange};

impl Keyslot {
    /// Accepts a proposal and carries it out. One that cannot be carried out, or would do something else by now than what
    /// its card says, waits again.
    pub(super) async fn accept(&self, actor: &Actor, session: &SessionId, id: &ProposalId) -> Result<(), ServiceError> {
        let organization = &actor.organization;
        let proposal = self.proposal(organization, session, id).await?;
        let accepted = Decision { state: ProposalState::Accepted, by: &actor.name, reason: None };
        if !self.store().decide_proposal(organization, session, id, accepted).await? {
            return Err(decided());
        }
        let session_row = self.session_row(organization, session).await?;
        let (change, done) = match self.refreshed(actor, &session_row, &proposal.change).await {
            Ok(None) => (None, self.carry_out(actor, &session_row, &proposal).await),
            Ok(Some(change)) => {
                let text = "Something changed since this was proposed. Look at what it would change now, then decide.";
                (Some(change), Err(ServiceError::conflict(text)))
            }
            Err(error) => (None, Err(error)),
        };
        if done.is_err() {
            let change = change.as_ref().unwrap_or(&proposal.change);
            self.store().reopen_proposal(organization, session, id, change).await?;
        }
        self.events().publish(organization, session, Change::Proposal);
        done
    }

    /// The change as its card must tell it by now; nothing if it tells it already.
    async fn refreshed(
        &self,
        actor: &Actor,
        session: &SessionRow,
        change: &ProposedChange,
    ) -> Result<Option<ProposedChange>, ServiceError> {
        match change {
            ProposedChange::Commands { before, after } => {
                let stored = self.commands(actor, &session.configuration).await?;
                Ok((stored != *before).then(|| ProposedChange::Commands { before: stored, after: after.clone() }))
            }
            ProposedChange::Finish { missing } => {
                let target = EnvironmentTarget::Session(session.id.clone());
                let now = self.environment_of(&actor.organization, &target).await?.lacking_next();
                let more = now.iter().any(|key| !missing.contains(key));
                Ok(more.then_some(ProposedChange::Finish { missing: now }))
            }
            ProposedChange::Snapshot { .. } | ProposedChange::Files { .. } => Ok(None),
        }
    }

    async fn carry_out(&self, actor: &Actor, session: &SessionRow, proposal: &Proposal) -> Result<(), ServiceError> {
        let proposed_by = &proposal.proposed_by;
        match &proposal.change {
            ProposedChange::Commands { after, .. } => {
                self.save_commands(actor, &session.configuration, after.clone()).await.map(drop)
            }
            ProposedChange::Snapshot { snapshot, .. } => {
                Ok(self.use_snapshot(actor, &session.id, Some(snapshot)).await.map(drop)?)
            }
            ProposedChange::Files { files } => {
                let saved_by = format!("{proposed_by}, accepted by {}", actor.name);
                self.accept_files(&actor.organization, session, files, &saved_by).await
            }
            ProposedChange::Finish { .. } => {
                let both = Actor { name: format!("{} (proposed by {proposed_by})", actor.name), ..actor.clone() };
                self.finish(&both, &session.id, true).await
            }
        }
    }

    /// Notes that a person did by hand what a proposal about a snapshot waits for.
    pub(in crate::service) async fn settle_snapshot_proposal(
        &self,
        actor: &Actor,
        session: &SessionId,
        snapshot: &SnapshotId,
    ) -> Result<(), ServiceError> {
        let organization = &actor.organization;
        let accepted = Decision { state: ProposalState::Accepted, by: &actor.name, reason: None };
        for proposal in self.store().proposals(organization, session).await? {
            let about = matches!(&proposal.change, ProposedChange::Snapshot { snapshot: of, .. } if of == snapshot);
            if about && self.store().decide_proposal(organization, session, &proposal.id, accepted).await? {
                self.events().publish(organization, session, Change::Proposal);
            }
        }
        Ok(())
    }
}
