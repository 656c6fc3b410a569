//! Snapshots: archives of a session's workspace that later sessions start from.

mod guarding;
mod restore;
mod save;

use super::{Keyslot, ServiceError, require};
use crate::events::Fact;
use crate::store::{NewSnapshot, SessionRow, SnapshotRow, StoreError, Then};
use app::api::environment::EnvironmentTarget;
use app::api::snapshots::{SnapshotBackend, SnapshotView};
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::ids::{ConfigurationId, MemberId, OrganizationId, SessionId, SnapshotId};
use domain::limits;
use domain::member::Role;
use domain::session::SessionState;
use domain::snapshot::SnapshotState;
use std::collections::HashSet;

#[async_trait]
impl SnapshotBackend for Keyslot {
    async fn snapshots(&self, actor: &Actor, session: &SessionId) -> Result<Vec<SnapshotView>, ApiError> {
        let session = self.session_row(&actor.organization, session).await?;
        Ok(self.snapshot_views(&actor.organization, &session.configuration).await?)
    }

    async fn save_snapshot(
        &self,
        actor: &Actor,
        session: &SessionId,
        name: &str,
        make_current: bool,
    ) -> Result<Vec<SnapshotView>, ApiError> {
        require(actor, Role::Member, "save snapshots")?;
        let session = self.session_row(&actor.organization, session).await?;
        let by = (&actor.member, actor.name.as_str());
        let then = if make_current { Then::MakeCurrent } else { Then::Keep };
        self.save_snapshot_of(&actor.organization, &session, by, name, then).await?;
        Ok(self.snapshot_views(&actor.organization, &session.configuration).await?)
    }

    async fn repeat_snapshot(
        &self,
        actor: &Actor,
        session: &SessionId,
        snapshot: &SnapshotId,
    ) -> Result<Vec<SnapshotView>, ApiError> {
        require(actor, Role::Member, "save snapshots")?;
        let (configuration, row) = self.named(actor, session, snapshot).await?;
        self.save_again(&actor.organization, &row).await?;
        Ok(self.snapshot_views(&actor.organization, &configuration).await?)
    }

    async fn cancel_snapshot(
        &self,
        actor: &Actor,
        session: &SessionId,
        snapshot: &SnapshotId,
    ) -> Result<Vec<SnapshotView>, ApiError> {
        require(actor, Role::Member, "call snapshots off")?;
        let (configuration, row) = self.named(actor, session, snapshot).await?;
        self.call_snapshot_off(&actor.organization, &row).await?;
        Ok(self.snapshot_views(&actor.organization, &configuration).await?)
    }

    async fn use_snapshot(
        &self,
        actor: &Actor,
        session: &SessionId,
        snapshot: Option<&SnapshotId>,
    ) -> Result<Vec<SnapshotView>, ApiError> {
        require(actor, Role::Member, "choose the current snapshot")?;
        let (configuration, row) = match snapshot {
            Some(id) => self.choose(actor, session, id).await.map(|(configuration, row)| (configuration, Some(row)))?,
            None => (self.session_row(&actor.organization, session).await?.configuration, None),
        };
        let chosen = self.store().set_current_snapshot(&actor.organization, &configuration, snapshot).await;
        chosen.map_err(ServiceError::from)?;
        self.snapshots_changed(&actor.organization, &configuration);
        if let Some(row) = row {
            self.settle_snapshot_proposal(actor, &row.session, &row.id).await?;
        }
        Ok(self.snapshot_views(&actor.organization, &configuration).await?)
    }

    async fn delete_snapshot(
        &self,
        actor: &Actor,
        session: &SessionId,
        snapshot: &SnapshotId,
    ) -> Result<Vec<SnapshotView>, ApiError> {
        require(actor, Role::Member, "delete snapshots")?;
        let (configuration, row) = self.named(actor, session, snapshot).await?;
        self.throw_away(&actor.organization, &row).await?;
        Ok(self.snapshot_views(&actor.organization, &configuration).await?)
    }
}

impl Keyslot {
    /// Has a session's workspace saved, in the background and by the process that has it. `by` is the member in whose
    /// name it is, and the name that people read.
    pub async fn save_snapshot_of(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        by: (&MemberId, &str),
        name: &str,
        then: Then,
    ) -> Result<SnapshotId, ServiceError> {
        must_be_live(session)?;
        // Its history is read by git.
        self.wall().require()?;
        let (member, by) = by;
        let name = &*self.checked_name(organization, session, member, name).await?;
        let known = self.store().snapshots(organization, &session.configuration).await?;
        if known.len() >= limits::SNAPSHOTS {
            let text = format!("{} snapshots are kept at most. Delete one first.", limits::SNAPSHOTS);
            return Err(ServiceError::conflict(text));
        }
        let target = EnvironmentTarget::Session(session.id.clone());
        let readiness = self.environment_of(organization, &target).await?.counts();
        let (configuration, session) = (&session.configuration, &session.id);
        let new = NewSnapshot { configuration, session, name, then, readiness, created_by: by };
        let id = self.store().add_snapshot(organization, new).await.map_err(under_way)?;
        self.snapshots_changed(organization, configuration);
        self.take_up_snapshots(organization).await?;
        Ok(id)
    }

    /// One snapshot of a session's configuration.
    pub async fn snapshot_row(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        id: &SnapshotId,
    ) -> Result<SnapshotRow, ServiceError> {
        let found = self.store().snapshot(organization, id).await?;
        let found = found.filter(|row| row.configuration == *configuration);
        found.ok_or_else(|| ServiceError::not_found("snapshot"))
    }

    /// Tells everybody who watches.
    fn snapshots_changed(&self, organization: &OrganizationId, configuration: &ConfigurationId) {
        self.events().tell(organization, Fact::Snapshots(configuration.clone()));
    }

    async fn save_again(&self, organization: &OrganizationId, row: &SnapshotRow) -> Result<(), ServiceError> {
        let session = self.session_row(organization, &row.session).await?;
        must_be_live(&session)?;
        self.wall().require()?;
        let target = EnvironmentTarget::Session(session.id.clone());
        let readiness = self.environment_of(organization, &target).await?.counts();
        if !self.store().save_snapshot_again(organization, &row.id, readiness).await.map_err(under_way)? {
            return Err(ServiceError::conflict("This snapshot is saved already, or is being saved."));
        }
        self.snapshots_changed(organization, &row.configuration);
        self.take_up_snapshots(organization).await
    }

    async fn call_snapshot_off(&self, organization: &OrganizationId, row: &SnapshotRow) -> Result<(), ServiceError> {
        if !self.store().cancel_snapshot(organization, &row.id).await? {
            return Err(ServiceError::conflict("This snapshot is not being saved any more."));
        }
        // Whoever saves it looks whether it is still wanted.
        self.snapshots_changed(organization, &row.configuration);
        Ok(())
    }

    async fn throw_away(&self, organization: &OrganizationId, row: &SnapshotRow) -> Result<(), ServiceError> {
        if row.state == SnapshotState::Saving {
            return Err(ServiceError::conflict("This snapshot is being saved. Cancel it first."));
        }
        // First the archive: what is only half deleted is still listed and can be deleted again.
        self.0.depot.delete(&archive_name(organization, &row.id)).await?;
        self.store().delete_snapshot(organization, &row.id).await?;
        self.snapshots_changed(organization, &row.configuration);
        Ok(())
    }

    async fn choose(
        &self,
        actor: &Actor,
        session: &SessionId,
        id: &SnapshotId,
    ) -> Result<(ConfigurationId, SnapshotRow), ServiceError> {
        let (configuration, row) = self.named(actor, session, id).await?;
        if row.state != SnapshotState::Ready {
            return Err(ServiceError::conflict("Only a snapshot that is ready can be the current one."));
        }
        Ok((configuration, row))
    }

    async fn named(
        &self,
        actor: &Actor,
        session: &SessionId,
        id: &SnapshotId,
    ) -> Result<(ConfigurationId, SnapshotRow), ServiceError> {
        let session = self.session_row(&actor.organization, session).await?;
        let row = self.snapshot_row(&actor.organization, &session.configuration, id).await?;
        Ok((session.configuration, row))
    }

    async fn snapshot_views(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Vec<SnapshotView>, ServiceError> {
        let rows = self.store().snapshots(organization, configuration).await?;
        let sessions = self.store().sessions_of(organization, configuration).await?;
        let live = sessions.into_iter().filter(|row| SessionState::from_word(&row.state).is_live());
        let live: HashSet<SessionId> = live.map(|row| row.id).collect();
        Ok(rows.into_iter().map(|row| view(row, &live)).collect())
    }
}

/// The name of a snapshot's archive in the store.
fn archive_name(organization: &OrganizationId, id: &SnapshotId) -> String {
    format!("{organization}/{id}.tar.zst")
}

fn must_be_live(session: &SessionRow) -> Result<(), ServiceError> {
    if SessionState::from_word(&session.state).is_live() {
        return Ok(());
    }
    Err(ServiceError::conflict("Only a session that is open or running can be saved. Start one first."))
}

fn under_way(error: StoreError) -> ServiceError {
    match error {
        StoreError::AlreadyExists(_) => {
            ServiceError::conflict("A snapshot of this session is being saved already. Wait for it, or cancel it.")
        }
        error => error.into(),
    }
}

fn view(row: SnapshotRow, live: &HashSet<SessionId>) -> SnapshotView {
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    SnapshotView {
        can_repeat: live.contains(&row.session),
        id: row.id,
        name: row.name,
        state: row.state,
        current: row.current,
        session: row.session,
        created_by: row.created_by,
        created_at: row.created_at,
        bytes_done: number(row.bytes_done),
        bytes_total: number(row.bytes_total),
        files: number(row.files),
        size: row.size.map(number),
        readiness: row.readiness,
        report: row.report,
        error: row.error,
    }
}
