//! The tools for snapshots: what they take, do and answer.

use super::answers::yes;
use super::awaited::Awaited;
use super::proposals::ProposalAnswer;
use super::{Agent, Bearer, Problem};
use crate::service::ServiceError;
use crate::store::{SnapshotRow, Then};
use app::api::sessions::path_of;
use app::api::snapshots::SnapshotBackend;
use domain::KeyName;
use domain::ids::SnapshotId;
use domain::receipt::BootReceipt;
use domain::snapshot::{GuardReport, Scrubbed, SnapshotState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// What `save_snapshot` takes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotAsk {
    /// What people will call it, in a few words on one line.
    #[serde(default)]
    #[schemars(
        length(max = domain::limits::SNAPSHOT_NAME_CHARS),
        regex(pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")
    )]
    pub name: String,
    /// Whether to propose that the next sessions start from it once it is ready; a person has to accept it. True when not
    /// given.
    #[serde(default = "yes")]
    pub make_current: bool,
}

/// What `get_snapshot` takes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotLook {
    /// The snapshot's id; the session's newest one when not given.
    #[serde(default)]
    pub id: Option<SnapshotId>,
    /// Seconds to wait until it is saved; 0 answers at once.
    #[serde(default)]
    #[schemars(range(max = domain::limits::WAIT_SECONDS))]
    pub wait_seconds: u32,
}

/// Where a snapshot stands: names and places, never values.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotAnswer {
    /// The snapshot's id, for `get_snapshot`.
    pub id: SnapshotId,
    /// `saving` while the workspace is searched and archived.
    pub state: SnapshotState,
    /// Whether the next sessions start from it.
    pub current: bool,
    /// How much of the workspace was searched, in percent.
    pub percent: u64,
    /// Files and links so far.
    pub files: u64,
    /// Bytes of the archive, once it is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// What was taken out, found and not looked into.
    pub report: SnapshotReport,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The proposal that the next sessions start from it, once it is ready; look at it again with get_proposal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<ProposalAnswer>,
    /// Page with the snapshots. It gives no access by itself: whoever opens it must be signed in.
    pub url: String,
    /// What to do next.
    pub next: String,
}

/// What an agent is told of the search. Of values that its session was not given it hears nothing, so that it cannot
/// find out what they are.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotReport {
    /// Files that Keyslot's own lines were taken out of.
    pub scrubbed: Vec<Scrubbed>,
    /// Where the files hold values that the session was given.
    pub findings: Vec<FoundValue>,
    /// Files whose packed content could not be looked into, each with the reason.
    pub unsearched: Vec<String>,
    /// What no archive keeps and what cannot be read, each with the reason.
    pub left_out: Vec<String>,
    /// Files that were written to while they were read.
    pub changed: Vec<String>,
}

/// A file that holds a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct FoundValue {
    /// Which file, from the workspace down.
    pub place: String,
    /// Whose value it is.
    pub key: KeyName,
}

impl SnapshotReport {
    fn new(report: GuardReport, given: &BTreeSet<KeyName>) -> Self {
        let told = report.findings.into_iter().filter(|found| given.contains(&found.key));
        let findings: BTreeSet<_> = told.map(|found| FoundValue { place: found.place, key: found.key }).collect();
        Self {
            scrubbed: report.scrubbed,
            findings: findings.into_iter().collect(),
            unsearched: report.unsearched,
            left_out: report.left_out,
            changed: report.changed,
        }
    }
}

/// The keys whose values a session was given.
fn given(written: Option<&BootReceipt>) -> BTreeSet<KeyName> {
    let keys = written.into_iter().flat_map(|receipt| &receipt.files).flat_map(|file| &file.keys);
    keys.filter(|key| key.status.is_written()).map(|key| key.key.clone()).collect()
}

impl SnapshotAnswer {
    /// What an agent may see of a snapshot of a session that was `given` these keys' values; `url` leads to the list of
    /// them.
    pub fn new(row: SnapshotRow, proposal: Option<ProposalAnswer>, url: String, given: &BTreeSet<KeyName>) -> Self {
        let number = |number: i64| u64::try_from(number).unwrap_or(0);
        let next = match row.state {
            SnapshotState::Saving => {
                "The env files are away until it is saved; do not start what needs them. Call get_snapshot with this \
                 id to wait."
            }
            SnapshotState::Ready if proposal.as_ref().is_some_and(Awaited::is_open) => {
                "It is saved, and the env files are back. The next sessions start from it once a person accepts the \
                 proposal: wait for that with get_proposal."
            }
            SnapshotState::Ready => "It is saved, and the env files are back.",
            SnapshotState::Blocked => {
                "The workspace holds values, so nothing was kept. Take them out of the files in findings (for a git \
                 object out of the history, then run git gc --prune=now) and save again. Never print them. People see \
                 more under url: ask them where findings do not help."
            }
            SnapshotState::Cancelled => "It was called off. Ask before you save again.",
            SnapshotState::Failed => "It could not be saved; error says why.",
        };
        let percent = match (row.state, row.bytes_total) {
            (SnapshotState::Saving, 0) => 0,
            (SnapshotState::Saving, total) => number(row.bytes_done.saturating_mul(100) / total).min(99),
            _ => 100,
        };
        Self {
            id: row.id,
            state: row.state,
            current: row.current,
            percent,
            files: number(row.files),
            size: row.size.map(number),
            report: SnapshotReport::new(row.report, given),
            error: row.error,
            proposal,
            url,
            next: next.to_owned(),
        }
    }
}

impl Awaited for SnapshotAnswer {
    type Id = SnapshotId;
    const PLACE: &'static str = "snapshots";

    fn id(&self) -> &SnapshotId {
        &self.id
    }

    fn is_open(&self) -> bool {
        self.state == SnapshotState::Saving
    }

    fn words(&self) -> String {
        format!("{} % of the workspace searched and archived", self.percent)
    }

    async fn newest(agent: &Agent) -> Result<SnapshotId, Problem> {
        let all = agent.keyslot.snapshots(&agent.actor(), &agent.bearer.session).await?;
        let mine = all.into_iter().find(|snapshot| snapshot.session == agent.bearer.session);
        Ok(mine.ok_or_else(|| ServiceError::not_found("snapshot"))?.id)
    }

    async fn later(agent: &Agent, id: &SnapshotId, patience: Duration) -> Result<Self, Problem> {
        let until = Instant::now() + patience;
        // Listening before looking: what changes between the two is heard.
        let mut heard = agent.keyslot.events().subscribe();
        loop {
            let answer = agent.snapshot(id).await?;
            if !answer.is_open() || Instant::now() >= until {
                return Ok(answer);
            }
            tokio::select! {
                // Any news may be this; one that lags looks again.
                _ = heard.recv() => {}
                () = tokio::time::sleep_until(until) => {}
                // A server that closes waits for nobody: the client asks another one again.
                () = agent.closing() => return Ok(answer),
            }
        }
    }
}

impl Agent {
    /// Saves a snapshot of the workspace, in the background.
    pub async fn save_snapshot(&self, ask: SnapshotAsk) -> Result<SnapshotAnswer, Problem> {
        let session = self.session().await?;
        let Bearer { organization, name, member, .. } = &self.bearer;
        self.keyslot.spend_snapshot(organization, &session.id).await?;
        let by = (member, name.as_str());
        let then = if ask.make_current { Then::Propose } else { Then::Keep };
        let saving = self.keyslot.save_snapshot_of(organization, &session, by, &ask.name, then).await;
        let id = match saving {
            Ok(id) => id,
            Err(error) => {
                self.keyslot.return_snapshot(organization, &session.id).await?;
                return Err(error.into());
            }
        };
        self.snapshot(&id).await
    }

    async fn snapshot(&self, id: &SnapshotId) -> Result<SnapshotAnswer, Problem> {
        let configuration = self.session().await?.configuration;
        let row = self.keyslot.snapshot_row(&self.bearer.organization, &configuration, id).await?;
        let url = format!("{}{}?tab=snapshots", self.keyslot.config().origin(), path_of(&self.bearer.session));
        let written = self.keyslot.store().latest_receipt::<BootReceipt>(&self.bearer.organization, &row.session).await;
        let written = written.map_err(ServiceError::from)?.map(|row| row.receipt);
        let proposal = self.proposed_snapshot(id).await?;
        Ok(SnapshotAnswer::new(row, proposal, url, &given(written.as_ref())))
    }
}
