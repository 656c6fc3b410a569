//! Saving a snapshot: asked for, taken up, under way, over. What was called off stays so, whoever says what afterwards.

use super::connect::new_id;
use super::proposals::{NewProposal, Proposed, propose};
use super::sql::{execute, to_json};
use super::{Store, StoreError};
use domain::environment::Counts;
use domain::ids::{ConfigurationId, OrganizationId, SessionId, SnapshotId};
use domain::snapshot::{GuardReport, SnapshotState};

/// What becomes of a snapshot that is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is kept.
    Keep,
    /// The next sessions start from it.
    MakeCurrent,
    /// People are asked whether the next sessions start from it.
    Propose,
}

/// A snapshot to save.
#[derive(Clone, Copy, Debug)]
pub struct NewSnapshot<'a> {
    /// Whose sessions can start from it.
    pub configuration: &'a ConfigurationId,
    /// Whose workspace it is.
    pub session: &'a SessionId,
    /// What people call it.
    pub name: &'a str,
    /// What becomes of it once it is ready.
    pub then: Then,
    /// How far the environment is filled in.
    pub readiness: Counts,
    /// Who saves it.
    pub created_by: &'a str,
}

/// How a save ended.
#[derive(Clone, Debug)]
pub struct SnapshotEnd<'a> {
    /// Ready, failed, cancelled or blocked.
    pub state: SnapshotState,
    /// Size and digest of the archive, if there is one.
    pub archive: Option<(i64, &'a str)>,
    /// What was scrubbed, found and not looked into.
    pub report: &'a GuardReport,
    /// Why it failed.
    pub error: Option<&'a str>,
    /// The proposal to make it the current one.
    pub propose: Option<NewProposal<'a>>,
}

/// What ending a save did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotEnded {
    /// Whether it was still wanted: what was cancelled stays cancelled.
    pub recorded: bool,
    /// The proposal that was made; none of a session that has ended.
    pub proposal: Option<Proposed>,
}

/// How far a save is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnapshotProgress {
    /// Bytes searched.
    pub done: i64,
    /// Bytes that there are.
    pub total: i64,
    /// Files and links.
    pub files: i64,
}

impl Store {
    /// Notes that a snapshot is to be saved. A session's workspace is saved once at a time.
    pub async fn add_snapshot(
        &self,
        organization: &OrganizationId,
        new: NewSnapshot<'_>,
    ) -> Result<SnapshotId, StoreError> {
        let id = SnapshotId(new_id());
        execute!(
            self.db,
            "INSERT INTO snapshots (organization_id, id, configuration_id, session_id, name, state, make_current,
                                    propose_current, readiness, report, created_by, created_at)
             VALUES ($1, $2, $3, $4, $5, 'saving', $6, $7, $8, $9, $10, $11)",
            organization.as_str(),
            id.as_str(),
            new.configuration.as_str(),
            new.session.as_str(),
            new.name,
            new.then == Then::MakeCurrent,
            new.then == Then::Propose,
            to_json("the snapshot's readiness", &new.readiness)?,
            to_json("the snapshot's report", &GuardReport::default())?,
            new.created_by,
            self.now(),
        )
        .map_err(|error| error.or_exists("a snapshot that is being saved").or_not_found("the session"))?;
        Ok(id)
    }

    /// Has a snapshot that was not saved saved again. Answers whether there was one.
    pub async fn save_snapshot_again(
        &self,
        organization: &OrganizationId,
        id: &SnapshotId,
        readiness: Counts,
    ) -> Result<bool, StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE snapshots SET state = 'saving', begun_at = NULL, bytes_done = 0, bytes_total = 0, files = 0,
                                  readiness = $3, report = $4, error = NULL, created_at = $5, ended_at = NULL
             WHERE organization_id = $1 AND id = $2 AND state IN ('failed', 'cancelled', 'blocked')",
            organization.as_str(),
            id.as_str(),
            to_json("the snapshot's readiness", &readiness)?,
            to_json("the snapshot's report", &GuardReport::default())?,
            self.now(),
        )
        .map_err(|error| error.or_exists("a snapshot that is being saved"))?;
        Ok(touched > 0)
    }

    /// Takes a snapshot up. Answers whether nobody had before.
    pub async fn begin_snapshot(&self, organization: &OrganizationId, id: &SnapshotId) -> Result<bool, StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE snapshots SET begun_at = $3
             WHERE organization_id = $1 AND id = $2 AND state = 'saving' AND begun_at IS NULL",
            organization.as_str(),
            id.as_str(),
            self.now(),
        )?;
        Ok(touched > 0)
    }

    /// Notes how far a save is. Answers whether it is still wanted.
    pub async fn set_snapshot_progress(
        &self,
        organization: &OrganizationId,
        id: &SnapshotId,
        progress: SnapshotProgress,
    ) -> Result<bool, StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE snapshots SET bytes_done = $3, bytes_total = $4, files = $5
             WHERE organization_id = $1 AND id = $2 AND state = 'saving'",
            organization.as_str(),
            id.as_str(),
            progress.done,
            progress.total,
            progress.files,
        )?;
        Ok(touched > 0)
    }

    /// Ends a save. A ready one becomes the current one, or is proposed as such, if that was wished.
    pub async fn end_snapshot(
        &self,
        organization: &OrganizationId,
        id: &SnapshotId,
        end: SnapshotEnd<'_>,
    ) -> Result<SnapshotEnded, StoreError> {
        let mut tx = self.begin().await?;
        let touched = execute!(
            tx,
            "UPDATE snapshots SET state = $3, size = $4, digest = $5, report = $6, error = $7, ended_at = $8
             WHERE organization_id = $1 AND id = $2 AND state = 'saving'",
            organization.as_str(),
            id.as_str(),
            end.state.as_str(),
            end.archive.map(|(size, _)| size),
            end.archive.map(|(_, digest)| digest),
            to_json("the snapshot's report", end.report)?,
            end.error,
            self.now(),
        )?;
        if touched > 0 && end.state == SnapshotState::Ready {
            execute!(
                tx,
                "UPDATE configurations SET current_snapshot = $2
                 WHERE organization_id = $1 AND id IN
                       (SELECT configuration_id FROM snapshots
                        WHERE organization_id = $1 AND id = $2 AND make_current = TRUE)",
                organization.as_str(),
                id.as_str(),
            )?;
        }
        let proposal = match end.propose.filter(|_| touched > 0) {
            Some(new) => propose(&mut tx, organization, new, self.now()).await?,
            None => None,
        };
        tx.commit().await?;
        Ok(SnapshotEnded { recorded: touched > 0, proposal })
    }

    /// Calls a save off. Answers whether it was under way.
    pub async fn cancel_snapshot(&self, organization: &OrganizationId, id: &SnapshotId) -> Result<bool, StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE snapshots SET state = 'cancelled', ended_at = $3
             WHERE organization_id = $1 AND id = $2 AND state = 'saving'",
            organization.as_str(),
            id.as_str(),
            self.now(),
        )?;
        Ok(touched > 0)
    }
}
