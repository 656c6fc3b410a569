//! Starting a session from its configuration's snapshot instead of cloning.

use super::archive_name;
use crate::config::make_private_folder;
use crate::sandbox::LocalSandbox;
use crate::service::{Keyslot, ServiceError};
use crate::snapshot::{ExtractError, Inlet, Progress, extract};
use crate::store::{SessionRow, SnapshotRow};
use app::api::ApiError;
use app::api::sessions::SessionState;
use app::api::thread::ThreadEvent;
use domain::ids::OrganizationId;
use std::fs::File;
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Shortest time between two progress reports.
const PROGRESS_EVERY: Duration = Duration::from_millis(300);

impl Keyslot {
    /// Fills a session's empty workspace from the current snapshot. Answers whether it did: if there is none, or it
    /// cannot be unpacked, which the thread then says, the workspace is still empty.
    pub(in crate::service) async fn restore(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
    ) -> Result<bool, ServiceError> {
        let Some(snapshot) = self.store().current_snapshot(organization, &session.configuration).await? else {
            return Ok(false);
        };
        match self.unpack(organization, session, &snapshot).await {
            Ok(()) => {
                let event = ThreadEvent::Restored { name: snapshot.name };
                self.say(organization, &session.id, event).await?;
                Ok(true)
            }
            Err(error) => {
                let reason = match error {
                    ServiceError::Extract(error) => error.to_string(),
                    error => ApiError::from(error).to_string(),
                };
                let reason = reason.trim_end_matches('.');
                let named = if snapshot.name.is_empty() { String::new() } else { format!(" “{}”", snapshot.name) };
                let text = format!(
                    "The snapshot{named} could not be used: {reason}. The repositories are cloned instead. Save a new \
                     snapshot, or choose another one."
                );
                self.say(organization, &session.id, ThreadEvent::Failure { text }).await?;
                Ok(false)
            }
        }
    }

    async fn unpack(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        snapshot: &SnapshotRow,
    ) -> Result<(), ServiceError> {
        let folder = PathBuf::from(&session.workspace_dir);
        let (beside, workspace) = (folder.join("restoring"), LocalSandbox::workspace(&folder));
        make_private_folder(&beside)?;
        let temporary = self.config().temporary();
        make_private_folder(&temporary)?;
        let (archive, feeding) = self.0.depot.download(&archive_name(organization, &snapshot.id));
        let feeding = tokio::spawn(feeding);
        let (progress, digest) = (Arc::new(Progress::default()), snapshot.digest.clone());
        let most = self.config().quotas.workspace_bytes();
        let mut work = tokio::task::spawn_blocking({
            let (progress, into) = (progress.clone(), beside.clone());
            move || {
                let archive = fetched(archive, &temporary, digest.as_deref())?;
                Ok::<_, ServiceError>(extract(archive, &into, most, &progress)?)
            }
        });
        let mut tick = interval(PROGRESS_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let unpacked = loop {
            tokio::select! {
                done = &mut work => break done?,
                _ = tick.tick() => self.tell_progress(organization, session, snapshot, &progress).await?,
            }
        };
        feeding.abort();
        if let Err(error) = unpacked {
            remove(beside).await?;
            return Err(error);
        }
        tokio::fs::remove_dir(&workspace).await?;
        Ok(tokio::fs::rename(&beside, &workspace).await?)
    }

    async fn tell_progress(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        snapshot: &SnapshotRow,
        progress: &Progress,
    ) -> Result<(), ServiceError> {
        let all = u64::try_from(snapshot.bytes_done).unwrap_or(0).max(1);
        let percent = (progress.bytes() * 100 / all).min(100);
        let text = format!("Unpacking the snapshot: {percent}%");
        self.enter(organization, &session.id, SessionState::Cloning, Some(&text), None).await
    }
}

/// The whole archive in a file that has no name, once it is known to be the one that was saved: nothing of another one is
/// unpacked, not even looked at.
fn fetched(mut archive: Inlet, temporary: &Path, digest: Option<&str>) -> Result<File, ServiceError> {
    let mut file = tempfile::tempfile_in(temporary)?;
    io::copy(&mut archive, &mut file).map_err(ExtractError::from)?;
    if Some(archive.digest().map_err(ExtractError::from)?.as_str()) != digest {
        return Err(ServiceError::conflict("The archive is not the one that was saved"));
    }
    file.rewind()?;
    Ok(file)
}

/// Removes a folder, also one whose own folders may not be written to.
async fn remove(folder: PathBuf) -> Result<(), ServiceError> {
    let work = move || {
        use std::os::unix::fs::PermissionsExt;
        for entry in walkdir::WalkDir::new(&folder).into_iter().flatten().filter(|entry| entry.file_type().is_dir()) {
            std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(0o700))?;
        }
        std::fs::remove_dir_all(&folder)
    };
    Ok(tokio::task::spawn_blocking(work).await??)
}
