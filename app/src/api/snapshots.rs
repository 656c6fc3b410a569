//! Snapshots: archives of a session's workspace, kept with its configuration.

use super::{Answer, ApiError};
use domain::environment::Counts;
use domain::ids::{SessionId, SnapshotId};
use domain::snapshot::{GuardReport, SnapshotState};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One snapshot, without values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotView {
    /// Which one.
    pub id: SnapshotId,
    /// What people call it; may be empty.
    pub name: String,
    /// Where it stands.
    pub state: SnapshotState,
    /// Whether the next sessions start from it.
    pub current: bool,
    /// The session whose workspace it is.
    pub session: SessionId,
    /// Whether that session still runs, so that it can be saved again.
    pub can_repeat: bool,
    /// Who saved it.
    pub created_by: String,
    /// When, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// Bytes of the workspace that were searched.
    pub bytes_done: u64,
    /// Bytes that the workspace has; 0 while that is not known.
    pub bytes_total: u64,
    /// Files and links.
    pub files: u64,
    /// Bytes of the archive.
    pub size: Option<u64>,
    /// How far the environment was filled in.
    pub readiness: Counts,
    /// What was scrubbed, found and not looked into.
    pub report: GuardReport,
    /// Why it failed, in words.
    pub error: Option<String>,
}

/// The work behind snapshots: what [`super::Backend`] says of its methods holds here. Each answers the snapshots of the
/// session's configuration as they stand then, newest first.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait SnapshotBackend: Send + Sync {
    /// See [`get_snapshots`].
    async fn snapshots(&self, actor: &super::Actor, session: &SessionId) -> Result<Vec<SnapshotView>, ApiError>;
    /// See [`save_snapshot`].
    async fn save_snapshot(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        name: &str,
        make_current: bool,
    ) -> Result<Vec<SnapshotView>, ApiError>;
    /// See [`repeat_snapshot`].
    async fn repeat_snapshot(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        snapshot: &SnapshotId,
    ) -> Result<Vec<SnapshotView>, ApiError>;
    /// See [`cancel_snapshot`].
    async fn cancel_snapshot(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        snapshot: &SnapshotId,
    ) -> Result<Vec<SnapshotView>, ApiError>;
    /// See [`use_snapshot`].
    async fn use_snapshot(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        snapshot: Option<&SnapshotId>,
    ) -> Result<Vec<SnapshotView>, ApiError>;
    /// See [`delete_snapshot`].
    async fn delete_snapshot(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        snapshot: &SnapshotId,
    ) -> Result<Vec<SnapshotView>, ApiError>;
}

/// The snapshots of a session's configuration, newest first.
#[server(prefix = "/fn", endpoint = "get_snapshots", output = Answer)]
pub async fn get_snapshots(
    /// Which session.
    session: SessionId,
) -> Result<Vec<SnapshotView>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.snapshots(&actor, &session).await
}

/// Saves a snapshot of a session's workspace, in the background.
#[server(prefix = "/fn", endpoint = "save_snapshot", output = Answer)]
pub async fn save_snapshot(
    /// Which session.
    session: SessionId,
    /// What to call it; may be empty.
    #[server(default)]
    name: String,
    /// Whether the next sessions start from it once it is ready. A form leaves an unticked box out.
    #[server(default)]
    make_current: bool,
) -> Result<Vec<SnapshotView>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.save_snapshot(&actor, &session, &name, make_current).await
}

/// Tries again to save a snapshot that was blocked, failed or was called off.
#[server(prefix = "/fn", endpoint = "repeat_snapshot", output = Answer)]
pub async fn repeat_snapshot(
    /// The session whose page this is.
    session: SessionId,
    /// Which snapshot.
    snapshot: SnapshotId,
) -> Result<Vec<SnapshotView>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.repeat_snapshot(&actor, &session, &snapshot).await
}

/// Calls off a snapshot that is being saved. The env files come back at once.
#[server(prefix = "/fn", endpoint = "cancel_snapshot", output = Answer)]
pub async fn cancel_snapshot(
    /// The session whose page this is.
    session: SessionId,
    /// Which snapshot.
    snapshot: SnapshotId,
) -> Result<Vec<SnapshotView>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.cancel_snapshot(&actor, &session, &snapshot).await
}

/// Has the configuration's next sessions start from a snapshot, or clone when none is given.
#[server(prefix = "/fn", endpoint = "use_snapshot", output = Answer)]
pub async fn use_snapshot(
    /// The session whose page this is.
    session: SessionId,
    /// Which snapshot; empty for none.
    #[server(default)]
    snapshot: String,
) -> Result<Vec<SnapshotView>, ApiError> {
    let (backend, actor) = super::backend()?;
    let snapshot = (!snapshot.is_empty()).then(|| SnapshotId::from(snapshot));
    backend.use_snapshot(&actor, &session, snapshot.as_ref()).await
}

/// Deletes a snapshot with its archive. The next sessions clone if it was the current one.
#[server(prefix = "/fn", endpoint = "delete_snapshot", output = Answer)]
pub async fn delete_snapshot(
    /// The session whose page this is.
    session: SessionId,
    /// Which snapshot.
    snapshot: SnapshotId,
) -> Result<Vec<SnapshotView>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.delete_snapshot(&actor, &session, &snapshot).await
}
