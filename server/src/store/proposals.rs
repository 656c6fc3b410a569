//! Proposals: what agents want to change for others, and what people made of it.

use super::connect::new_id;
use super::error::found;
use super::sql::{Tx, all, execute, from_json, optional, to_json};
use super::{Store, StoreError};
use domain::ids::{ConfigurationId, OrganizationId, ProposalId, SessionId};
use domain::proposal::{Proposal, ProposalKind, ProposalState, ProposedChange};
use serde_json::Value;
use sqlx::types::Json;

/// Something that an agent proposes.
#[derive(Clone, Copy, Debug)]
pub struct NewProposal<'a> {
    /// The agent's session.
    pub session: &'a SessionId,
    /// The agent's name.
    pub proposed_by: &'a str,
    /// What would change.
    pub change: &'a ProposedChange,
}

/// What came of proposing something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The pending proposal.
    pub proposal: Proposal,
    /// Whether it is new; the same change proposed again is the proposal that waits already.
    pub is_new: bool,
}

/// How a person decides.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Accepted or declined.
    pub state: ProposalState,
    /// The person's name.
    pub by: &'a str,
    /// What the person says to the agent.
    pub reason: Option<&'a str>,
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: String,
    session_id: String,
    proposed_by: String,
    change: Json<Value>,
    #[sqlx(try_from = "String")]
    state: ProposalState,
    created_at: i64,
    closed_at: Option<i64>,
    decided_by: Option<String>,
    reason: Option<String>,
}

impl TryFrom<Columns> for Proposal {
    type Error = StoreError;

    fn try_from(columns: Columns) -> Result<Self, StoreError> {
        Ok(Self {
            id: columns.id.into(),
            session: columns.session_id.into(),
            proposed_by: columns.proposed_by,
            change: from_json("the proposed change", columns.change)?,
            state: columns.state,
            created_at: columns.created_at,
            closed_at: columns.closed_at,
            decided_by: columns.decided_by,
            reason: columns.reason,
        })
    }
}

/// The head of every statement that reads proposals; a macro, so that `concat!` can take it.
macro_rules! proposals {
    ($rest:literal) => {
        concat!(
            "SELECT id, session_id, proposed_by, change, state, created_at, closed_at, decided_by, reason
             FROM proposals WHERE organization_id = $1 AND session_id = $2",
            $rest
        )
    };
}

impl Store {
    /// Stores a change that waits for a person. A pending proposal of the same kind gives way to it, unless it proposes
    /// the same: then that one stands. Nothing of a session that has ended.
    pub async fn propose(
        &self,
        organization: &OrganizationId,
        new: NewProposal<'_>,
    ) -> Result<Option<Proposed>, StoreError> {
        let mut tx = self.begin().await?;
        let proposed = propose(&mut tx, organization, new, self.now()).await?;
        tx.commit().await?;
        Ok(proposed)
    }

    /// The proposals of a session, oldest first.
    pub async fn proposals(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Vec<Proposal>, StoreError> {
        let rows =
            all!(self.db, Columns, proposals!(" ORDER BY created_at, id"), organization.as_str(), session.as_str(),)?;
        rows.into_iter().map(Proposal::try_from).collect()
    }

    /// One proposal of a session.
    pub async fn proposal(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &ProposalId,
    ) -> Result<Option<Proposal>, StoreError> {
        let row = optional!(
            self.db,
            Columns,
            proposals!(" AND id = $3"),
            organization.as_str(),
            session.as_str(),
            id.as_str(),
        )?;
        row.map(Proposal::try_from).transpose()
    }

    /// Records a person's decision. Answers whether the proposal was still pending: exactly one of all who decide at the
    /// same time does.
    pub async fn decide_proposal(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &ProposalId,
        decision: Decision<'_>,
    ) -> Result<bool, StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE proposals SET state = $4, decided_by = $5, reason = $6, closed_at = $7
             WHERE organization_id = $1 AND session_id = $2 AND id = $3 AND state = 'pending'",
            organization.as_str(),
            session.as_str(),
            id.as_str(),
            decision.state.as_str(),
            decision.by,
            decision.reason,
            self.now(),
        )?;
        Ok(touched > 0)
    }

    /// Has a proposal wait again whose acceptance could not be carried out, as `change` if that differs by now. If the
    /// agent proposed something else meanwhile, it gives way to that. What a session that has ended proposed stays closed.
    pub async fn reopen_proposal(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &ProposalId,
        change: &ProposedChange,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if !lock(&mut tx, organization, session).await? {
            return Ok(());
        }
        execute!(
            tx,
            "UPDATE proposals SET change = $4, decided_by = NULL,
                    state = CASE WHEN EXISTS
                        (SELECT 1 FROM proposals p WHERE p.session_id = $2 AND p.kind = $5 AND p.state = 'pending')
                        THEN 'superseded' ELSE 'pending' END,
                    closed_at = CASE WHEN EXISTS
                        (SELECT 1 FROM proposals p WHERE p.session_id = $2 AND p.kind = $5 AND p.state = 'pending')
                        THEN closed_at ELSE NULL END
             WHERE organization_id = $1 AND session_id = $2 AND id = $3 AND state = 'accepted'",
            organization.as_str(),
            session.as_str(),
            id.as_str(),
            to_json("the proposed change", change)?,
            change.kind().as_str(),
        )?;
        tx.commit().await
    }

    /// Closes the pending proposal of a kind, which its agent wants no more. Answers whether there was one.
    pub async fn supersede_proposal(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        kind: ProposalKind,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let closed = close(&mut tx, organization, session, kind, self.now()).await?;
        tx.commit().await?;
        Ok(closed)
    }

    /// Closes everything that a session which ended still proposes. Answers whether there was something.
    pub async fn expire_proposals(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<bool, StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE proposals SET state = 'expired', closed_at = $3
             WHERE organization_id = $1 AND session_id = $2 AND state = 'pending'",
            organization.as_str(),
            session.as_str(),
            self.now(),
        )?;
        Ok(touched > 0)
    }

    /// Says whether the commands that agents save for a configuration apply without asking people.
    pub async fn trust_agent_commands(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        trusted: bool,
    ) -> Result<(), StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE configurations SET trust_agent_commands = $3 WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            configuration.as_str(),
            trusted,
        )?;
        found(touched, "the configuration")
    }
}

/// See [`Store::propose`].
pub(super) async fn propose(
    tx: &mut Tx,
    organization: &OrganizationId,
    new: NewProposal<'_>,
    now: i64,
) -> Result<Option<Proposed>, StoreError> {
    let NewProposal { session, proposed_by, change } = new;
    if !lock(tx, organization, session).await? {
        return Ok(None);
    }
    let pending = optional!(
        tx,
        Columns,
        proposals!(" AND kind = $3 AND state = 'pending'"),
        organization.as_str(),
        session.as_str(),
        change.kind().as_str(),
    )?;
    let pending = pending.map(Proposal::try_from).transpose()?;
    if let Some(proposal) = pending.filter(|pending| pending.change == *change) {
        return Ok(Some(Proposed { proposal, is_new: false }));
    }
    close(tx, organization, session, change.kind(), now).await?;
    let proposal = Proposal {
        id: new_id().into(),
        session: session.clone(),
        proposed_by: proposed_by.to_owned(),
        change: change.clone(),
        state: ProposalState::Pending,
        created_at: now,
        closed_at: None,
        decided_by: None,
        reason: None,
    };
    execute!(
        tx,
        "INSERT INTO proposals (organization_id, id, session_id, proposed_by, kind, change, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7)",
        organization.as_str(),
        proposal.id.as_str(),
        session.as_str(),
        proposed_by,
        change.kind().as_str(),
        to_json("the proposed change", change)?,
        now,
    )?;
    Ok(Some(Proposed { proposal, is_new: true }))
}

/// Has whoever proposes in a session wait for whoever does so already. Answers whether the session goes on.
async fn lock(tx: &mut Tx, organization: &OrganizationId, session: &SessionId) -> Result<bool, StoreError> {
    let locked = execute!(
        tx,
        "UPDATE sessions SET id = id WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL",
        organization.as_str(),
        session.as_str(),
    )?;
    Ok(locked > 0)
}

async fn close(
    tx: &mut Tx,
    organization: &OrganizationId,
    session: &SessionId,
    kind: ProposalKind,
    now: i64,
) -> Result<bool, StoreError> {
    let touched = execute!(
        tx,
        "UPDATE proposals SET state = 'superseded', closed_at = $4
         WHERE organization_id = $1 AND session_id = $2 AND kind = $3 AND state = 'pending'",
        organization.as_str(),
        session.as_str(),
        kind.as_str(),
        now,
    )?;
    Ok(touched > 0)
}
