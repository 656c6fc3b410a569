//! The tool for proposals: how a change stands that waits for a person.

use super::awaited::Awaited;
use super::{Agent, Bearer, Problem};
use crate::service::ServiceError;
use app::api::sessions::path_of;
use domain::ids::{ProposalId, SnapshotId};
use domain::proposal::{Proposal, ProposalKind, ProposalState, ProposedChange};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What `get_proposal` takes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProposalLook {
    /// The proposal's id; the session's newest one when not given.
    #[serde(default)]
    pub id: Option<ProposalId>,
    /// Seconds to wait for a person's decision; 0 answers at once.
    #[serde(default)]
    #[schemars(range(max = domain::limits::WAIT_SECONDS))]
    pub wait_seconds: u32,
}

/// Where a change stands that reaches beyond the agent's session.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProposalAnswer {
    /// The proposal's id, for `get_proposal`.
    pub id: ProposalId,
    /// What it would change.
    pub about: ProposalKind,
    /// `pending` until a person decides; nothing is changed before.
    pub state: ProposalState,
    /// Who accepted or declined it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// What that person says about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Page with the card that people decide on. It gives no access by itself: whoever opens it must be signed in.
    pub url: String,
    /// What to do next.
    pub next: String,
}

impl ProposalAnswer {
    /// What an agent may see of a proposal; `url` leads to its card.
    pub fn new(proposal: Proposal, url: String) -> Self {
        let next = match proposal.state {
            ProposalState::Pending => format!(
                "Nothing is changed yet: a person has to accept it. Tell the person in front of you to open {url}; then \
                 call get_proposal with this id and waitSeconds. It expires when the session ends."
            ),
            ProposalState::Accepted => "It is done.".to_owned(),
            ProposalState::Declined => {
                "A person does not want this; reason says why where one was given. Do not propose the same again unless \
                 a person asks for it."
                    .to_owned()
            }
            ProposalState::Superseded => "You proposed something else since, or what stands already.".to_owned(),
            ProposalState::Expired => "The session ended before anybody decided.".to_owned(),
        };
        Self {
            id: proposal.id,
            about: proposal.change.kind(),
            state: proposal.state,
            decided_by: proposal.decided_by,
            reason: proposal.reason,
            url,
            next,
        }
    }
}

impl Awaited for ProposalAnswer {
    type Id = ProposalId;
    const PLACE: &'static str = "proposals";

    fn id(&self) -> &ProposalId {
        &self.id
    }

    fn is_open(&self) -> bool {
        self.state == ProposalState::Pending
    }

    fn words(&self) -> String {
        format!("Waiting for a person to accept or decline it at {}", self.url)
    }

    async fn newest(agent: &Agent) -> Result<ProposalId, Problem> {
        let Bearer { organization, session, .. } = &agent.bearer;
        let all = agent.keyslot.proposals_of(organization, session).await?;
        let newest = all.iter().rfind(|proposal| proposal.is_pending()).or(all.last());
        let newest = newest.ok_or_else(|| ServiceError::not_found("proposal"))?;
        Ok(newest.id.clone())
    }

    async fn later(agent: &Agent, id: &ProposalId, patience: Duration) -> Result<Self, Problem> {
        let Bearer { organization, session, .. } = &agent.bearer;
        let proposal = tokio::select! {
            proposal = agent.keyslot.await_decision(organization, session, id, patience) => proposal?,
            // A server that closes waits for nobody: the client asks another one again.
            () = agent.closing() => agent.keyslot.proposal(organization, session, id).await?,
        };
        Ok(agent.proposed(proposal))
    }
}

impl Agent {
    /// A proposal of the session as the agent sees it.
    pub(super) fn proposed(&self, proposal: Proposal) -> ProposalAnswer {
        let origin = self.keyslot.config().origin();
        let url = format!("{origin}{}#proposal:{}", path_of(&self.bearer.session), proposal.id);
        ProposalAnswer::new(proposal, url)
    }

    /// The newest proposal to make a snapshot the current one.
    pub(super) async fn proposed_snapshot(&self, snapshot: &SnapshotId) -> Result<Option<ProposalAnswer>, Problem> {
        let Bearer { organization, session, .. } = &self.bearer;
        let all = self.keyslot.proposals_of(organization, session).await?;
        let about = |proposal: &Proposal| matches!(&proposal.change, ProposedChange::Snapshot { snapshot: of, .. } if of == snapshot);
        Ok(all.into_iter().rfind(about).map(|proposal| self.proposed(proposal)))
    }
}
