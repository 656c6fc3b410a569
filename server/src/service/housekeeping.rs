//! What has to happen by itself while time passes.

use super::{Keyslot, ServiceError};
use domain::ids::SessionId;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Time between two looks for requests that nobody answered in time; whoever waits for one notices by itself.
const REQUESTS_EVERY: Duration = Duration::from_secs(5);
/// Looks for requests between two removals of what is over: about an hour.
const REMOVALS_EVERY: u32 = 720;
const DAY: i64 = 24 * 60 * 60 * 1000;

impl Keyslot {
    /// Closes overdue requests and removes what is over until the server closes. Any number of processes may do it on
    /// one database.
    pub async fn keep_house(&self, closing: CancellationToken) {
        let mut looks = 0u32;
        while closing.run_until_cancelled(tokio::time::sleep(REQUESTS_EVERY)).await.is_some() {
            if let Err(error) = self.tidy(looks.is_multiple_of(REMOVALS_EVERY)).await {
                tracing::warn!(%error, "tidying up failed and is tried again");
            }
            looks = looks.wrapping_add(1);
        }
    }

    async fn tidy(&self, is_due: bool) -> Result<(), ServiceError> {
        self.expire_requests().await?;
        if is_due {
            self.remove_what_is_over().await?;
        }
        Ok(())
    }

    /// Removes expired links and sign-ins, old versions of specs, and from this process's disk the workspaces of sessions
    /// that ended long ago; later on what is recorded of those sessions.
    pub async fn remove_what_is_over(&self) -> Result<(), ServiceError> {
        self.store().remove_expired_sign_ins().await?;
        self.store().remove_old_specs(self.config().quotas.keep_spec_versions).await?;
        let before = self.store().now() - i64::from(self.config().quotas.keep_workspace_days) * DAY;
        let names = match fs::read_dir(self.config().sandboxes()) {
            Ok(entries) => entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        for session in names.into_iter().map(SessionId::from) {
            if let Err(error) = self.remove_workspace(&session, before).await {
                tracing::warn!(%session, %error, "the workspace of a session that ended could not be removed");
            }
        }
        self.remove_old_sessions().await
    }

    /// Removes the records of this host's sessions that ended long ago and have no workspace any more.
    async fn remove_old_sessions(&self) -> Result<(), ServiceError> {
        let before = self.store().now() - i64::from(self.config().quotas.keep_session_days) * DAY;
        for (organization, session) in self.store().old_sessions(self.0.instance.as_str(), before).await? {
            if self.config().sandbox(session.as_str()).exists() {
                continue;
            }
            self.store().delete_session_records(&organization, &session).await?;
            tracing::info!(%session, "the records of a session that ended were removed");
        }
        Ok(())
    }

    async fn remove_workspace(&self, session: &SessionId, before: i64) -> Result<(), ServiceError> {
        let host = self.0.instance.as_str();
        let Some(organization) = self.store().ended_before(session, host, before).await? else { return Ok(()) };
        let turn = self.turn(session);
        let _held = turn.lock().await;
        let folder = self.config().sandbox(session.as_str());
        tokio::task::spawn_blocking(move || remove_tree(&folder)).await??;
        // Nothing has to be taken out of files that are gone.
        let local = self.local_sandbox(&organization, session).await?;
        self.store().sandbox_scrubbed(&organization, &local.id).await?;
        tracing::info!(%session, "the workspace of a session that ended was removed");
        Ok(())
    }
}

/// Removes a folder with everything in it, folders that cannot be written (such as those of package caches) included.
fn remove_tree(folder: &Path) -> io::Result<()> {
    open_folders(folder)?;
    fs::remove_dir_all(folder)
}

/// Lets the owner read and change a folder and those in it. Nothing runs in them any more.
fn open_folders(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_folders(&entry.path())?;
        }
    }
    Ok(())
}
