//! Snapshots of workspaces, and which one a configuration's next sessions start from.

use super::error::found;
use super::sql::{all, execute, from_json, optional};
use super::{Store, StoreError};
use domain::environment::Counts;
use domain::ids::{ConfigurationId, OrganizationId, SessionId, SnapshotId};
use domain::snapshot::{GuardReport, SnapshotState};
use serde_json::Value;
use sqlx::types::Json;

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRow {
    /// Its id.
    pub id: SnapshotId,
    /// Whose sessions can start from it.
    pub configuration: ConfigurationId,
    /// Whose workspace it is.
    pub session: SessionId,
    /// What people call it; may be empty.
    pub name: String,
    /// Where it stands.
    pub state: SnapshotState,
    /// Whether it becomes the current one once it is ready.
    pub make_current: bool,
    /// Whether people are asked to make it the current one once it is ready.
    pub propose_current: bool,
    /// Whether it is the current one.
    pub current: bool,
    /// Bytes of the workspace that were searched.
    pub bytes_done: i64,
    /// Bytes that the workspace has; 0 while that is not known.
    pub bytes_total: i64,
    /// Files and links.
    pub files: i64,
    /// Bytes of the archive.
    pub size: Option<i64>,
    /// The archive's SHA-256.
    pub digest: Option<String>,
    /// How far the environment was filled in.
    pub readiness: Counts,
    /// What was scrubbed, found and not looked into.
    pub report: GuardReport,
    /// Why it failed, for people.
    pub error: Option<String>,
    /// Who saved it: a member's name, or an agent's.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: i64,
    /// When it was ready, or over.
    pub ended_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: String,
    configuration_id: String,
    session_id: String,
    name: String,
    #[sqlx(try_from = "String")]
    state: SnapshotState,
    make_current: bool,
    propose_current: bool,
    is_current: bool,
    bytes_done: i64,
    bytes_total: i64,
    files: i64,
    size: Option<i64>,
    digest: Option<String>,
    readiness: Json<Value>,
    report: Json<Value>,
    error: Option<String>,
    created_by: String,
    created_at: i64,
    ended_at: Option<i64>,
}

impl TryFrom<Columns> for SnapshotRow {
    type Error = StoreError;

    fn try_from(columns: Columns) -> Result<Self, StoreError> {
        Ok(Self {
            id: columns.id.into(),
            configuration: columns.configuration_id.into(),
            session: columns.session_id.into(),
            name: columns.name,
            state: columns.state,
            make_current: columns.make_current,
            propose_current: columns.propose_current,
            current: columns.is_current,
            bytes_done: columns.bytes_done,
            bytes_total: columns.bytes_total,
            files: columns.files,
            size: columns.size,
            digest: columns.digest,
            readiness: from_json("the snapshot's readiness", columns.readiness)?,
            report: from_json("the snapshot's report", columns.report)?,
            error: columns.error,
            created_by: columns.created_by,
            created_at: columns.created_at,
            ended_at: columns.ended_at,
        })
    }
}

/// The head of every statement that reads snapshots; a macro, so that `concat!` can take it.
macro_rules! snapshots {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.configuration_id, p.session_id, p.name, p.state, p.make_current, p.propose_current,
                    coalesce(c.current_snapshot = p.id, FALSE) AS is_current, p.bytes_done, p.bytes_total, p.files,
                    p.size, p.digest, p.readiness, p.report, p.error, p.created_by, p.created_at, p.ended_at
             FROM snapshots p
             JOIN configurations c ON c.organization_id = p.organization_id AND c.id = p.configuration_id
             WHERE p.organization_id = $1",
            $rest
        )
    };
}

fn rows(columns: Vec<Columns>) -> Result<Vec<SnapshotRow>, StoreError> {
    columns.into_iter().map(SnapshotRow::try_from).collect()
}

impl Store {
    /// A configuration's snapshots, newest first.
    pub async fn snapshots(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Vec<SnapshotRow>, StoreError> {
        let found = all!(
            self.db,
            Columns,
            snapshots!(" AND p.configuration_id = $2 ORDER BY p.created_at DESC, p.id DESC"),
            organization.as_str(),
            configuration.as_str(),
        )?;
        rows(found)
    }

    /// One snapshot.
    pub async fn snapshot(
        &self,
        organization: &OrganizationId,
        id: &SnapshotId,
    ) -> Result<Option<SnapshotRow>, StoreError> {
        let found = optional!(self.db, Columns, snapshots!(" AND p.id = $2"), organization.as_str(), id.as_str(),)?;
        found.map(SnapshotRow::try_from).transpose()
    }

    /// The snapshot that a configuration's next sessions start from.
    pub async fn current_snapshot(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Option<SnapshotRow>, StoreError> {
        let found = optional!(
            self.db,
            Columns,
            snapshots!(" AND c.id = $2 AND c.current_snapshot = p.id AND p.state = 'ready'"),
            organization.as_str(),
            configuration.as_str(),
        )?;
        found.map(SnapshotRow::try_from).transpose()
    }

    /// Snapshots that are being saved of workspaces on the disk of this server process.
    pub async fn saving_snapshots(
        &self,
        organization: &OrganizationId,
        host: &str,
    ) -> Result<Vec<SnapshotRow>, StoreError> {
        let found = all!(
            self.db,
            Columns,
            snapshots!(
                " AND p.state = 'saving' AND EXISTS
                   (SELECT 1 FROM sessions s WHERE s.organization_id = $1 AND s.id = p.session_id AND s.host = $2)
                 ORDER BY p.created_at, p.id"
            ),
            organization.as_str(),
            host,
        )?;
        rows(found)
    }

    /// Chooses the snapshot that the next sessions start from, or none.
    pub async fn set_current_snapshot(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        snapshot: Option<&SnapshotId>,
    ) -> Result<(), StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE configurations SET current_snapshot = $3
             WHERE organization_id = $1 AND id = $2
               AND ($3 IS NULL OR EXISTS
                    (SELECT 1 FROM snapshots p WHERE p.organization_id = $1 AND p.configuration_id = $2
                                                 AND p.id = $3 AND p.state = 'ready'))",
            organization.as_str(),
            configuration.as_str(),
            snapshot.map(SnapshotId::as_str),
        )?;
        found(touched, "the snapshot")
    }

    /// Deletes a snapshot that is not being saved; the next sessions clone if it was the current one. Answers whether
    /// there was one.
    pub async fn delete_snapshot(&self, organization: &OrganizationId, id: &SnapshotId) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let touched = execute!(
            tx,
            "DELETE FROM snapshots WHERE organization_id = $1 AND id = $2 AND state <> 'saving'",
            organization.as_str(),
            id.as_str(),
        )?;
        if touched > 0 {
            execute!(
                tx,
                "UPDATE configurations SET current_snapshot = NULL
                 WHERE organization_id = $1 AND current_snapshot = $2",
                organization.as_str(),
                id.as_str(),
            )?;
        }
        tx.commit().await?;
        Ok(touched > 0)
    }
}
