//! Saving: values out of the files, search and archive, values back into the files.

use super::archive_name;
use super::guarding::Guarding;
use crate::sandbox::{LocalSandbox, Sandbox};
use crate::service::{Keyslot, ServiceError};
use crate::snapshot::{Archived, DepotError, Job, Kept, Progress, archive, measure};
use crate::store::{NewProposal, SessionRow, SnapshotEnd, SnapshotEnded, SnapshotProgress, SnapshotRow};
use crate::usage::megabytes;
use app::api::ApiError;
use app::api::live::Change;
use app::api::thread::ThreadEvent;
use domain::RelativePath;
use domain::ids::OrganizationId;
use domain::proposal::ProposedChange;
use domain::receipt::{BootReceipt, Occasion};
use domain::report::{ApplyReport, Outcome};
use domain::session::SessionState;
use domain::snapshot::{GuardReport, Scrubbed, SnapshotState};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Time between two reports of progress, and between two looks whether the save was called off.
const PROGRESS_EVERY: Duration = Duration::from_millis(300);
/// How often a start tries to remove what an earlier run may still be writing.
const CLEARING_TRIES: usize = 100;

/// A workspace that no session could start from.
#[derive(Debug, thiserror::Error)]
#[error("its files have more than {0} MB, which is as much as this server allows a workspace")]
struct TooLarge(u64);

/// What came of a save.
enum Saved {
    Ready(Kept),
    Blocked,
    /// Somebody called it off: the row says so already.
    CalledOff,
}

impl Keyslot {
    /// Starts on every snapshot that waits for this process.
    pub(in crate::service) async fn take_up_snapshots(
        &self,
        organization: &OrganizationId,
    ) -> Result<(), ServiceError> {
        for row in self.store().saving_snapshots(organization, self.0.instance.as_str()).await? {
            if self.store().begin_snapshot(organization, &row.id).await? {
                let (keyslot, organization) = (self.clone(), organization.clone());
                self.0.tasks.spawn(async move { keyslot.save_to_the_end(&organization, row).await });
            }
        }
        Ok(())
    }

    /// Removes what an earlier run of this process left where things lie for a while.
    pub(in crate::service) fn clear_temporary(&self) -> Result<(), ServiceError> {
        // What the earlier run started may write its last file meanwhile; what then stays is removed by the next start.
        for _ in 0..CLEARING_TRIES {
            match std::fs::remove_dir_all(self.config().temporary()) {
                Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {}
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => return Ok(()),
            }
        }
        tracing::warn!("temporary files of an earlier run are still being written");
        Ok(())
    }

    /// Ends saves that a stop of this process cut off. The keeper brings the values back into the files.
    pub(in crate::service) async fn fail_interrupted_snapshots(
        &self,
        organization: &OrganizationId,
    ) -> Result<(), ServiceError> {
        for row in self.store().saving_snapshots(organization, self.0.instance.as_str()).await? {
            let error = ServiceError::conflict("The server was stopped while it was being saved. Save it again.");
            self.remove_archive(organization, &row).await;
            self.end_saving(organization, &row, GuardReport::default(), Err(error)).await?;
        }
        Ok(())
    }

    async fn save_to_the_end(&self, organization: &OrganizationId, row: SnapshotRow) {
        let work = {
            let (keyslot, organization, row) = (self.clone(), organization.clone(), row.clone());
            // A task of its own, so that even a panic ends the save in words.
            tokio::spawn(async move { keyslot.save_in_turn(&organization, &row).await })
        };
        let (report, saved) = match work.await {
            Ok(done) => done,
            Err(broken) => (GuardReport::default(), Err(ServiceError::Task(broken))),
        };
        // Files that did not come back are behind, and the keeper's to bring back.
        self.0.behind.notify_one();
        if !matches!(saved, Ok(Saved::Ready(_))) {
            self.remove_archive(organization, &row).await;
        }
        if let Err(error) = self.end_saving(organization, &row, report, saved).await {
            tracing::error!(snapshot = %row.id, %error, "the end of a snapshot could not be recorded");
        }
    }

    /// Holds the session's turn, so that nothing is written into its files meanwhile, and gives the values back in any
    /// case.
    async fn save_in_turn(
        &self,
        organization: &OrganizationId,
        row: &SnapshotRow,
    ) -> (GuardReport, Result<Saved, ServiceError>) {
        let turn = self.turn(&row.session);
        let _held = turn.lock().await;
        let mut report = GuardReport::default();
        let saved = self.scrub_and_save(organization, row, &mut report).await;
        if let Err(error) = self.fill_again(organization, row).await {
            // The sandbox is behind until they are: the keeper tries again, and says so if it fails too.
            tracing::warn!(session = %row.session, %error, "the values could not be written back after a snapshot");
        }
        (report, saved)
    }

    async fn scrub_and_save(
        &self,
        organization: &OrganizationId,
        row: &SnapshotRow,
        report: &mut GuardReport,
    ) -> Result<Saved, ServiceError> {
        // Looked up within the turn: whoever had it before may have ended the session.
        let session = self.session_row(organization, &row.session).await?;
        super::must_be_live(&session)?;
        let Guarding { guard, report: about } = self.guarding(organization, &session).await?;
        *report = about;
        let local = self.local_sandbox(organization, &session.id).await?;
        // From here on the files are behind whatever happens, also if this process dies.
        self.store().sandbox_emptied(organization, &local.id).await?;
        let written = self.store().latest_receipt::<BootReceipt>(organization, &session.id).await?;
        self.delivered(organization, &session.configuration);
        let taken_out = self.sandbox(&session).scrub().await?;
        report.scrubbed = scrubbed(&taken_out, written.map(|row| row.receipt).as_ref());
        self.search_and_store(organization, row, &session, guard, report).await
    }

    async fn search_and_store(
        &self,
        organization: &OrganizationId,
        row: &SnapshotRow,
        session: &SessionRow,
        guard: crate::guard::Guard,
        report: &mut GuardReport,
    ) -> Result<Saved, ServiceError> {
        let temporary = self.config().temporary();
        crate::config::make_private_folder(&temporary)?;
        // What is searched is what is archived, also where commands work in the same files.
        let paused = self.0.commands.pause(&row.session).await;
        let _paused = paused.map_err(|error| ServiceError::conflict(error.to_string()))?;
        let (outlet, storing) = self.0.depot.upload(&archive_name(organization, &row.id));
        let storing = tokio::spawn(storing);
        let progress = Arc::new(Progress::default());
        let archiving = tokio::task::spawn_blocking({
            let (progress, wall) = (progress.clone(), self.wall().clone());
            let workspace = LocalSandbox::workspace(&PathBuf::from(&session.workspace_dir));
            let most = self.config().quotas.workspace_bytes();
            move || {
                let (guard, progress, wall) = (&guard, &*progress, &wall);
                let job = Job { workspace: &workspace, temporary: &temporary, wall, guard, progress };
                measure(&job)?;
                // Holes count: whoever starts from it gets them filled.
                if progress.total() > most {
                    return Err(std::io::Error::other(TooLarge(megabytes(most))));
                }
                let Archived { report, output } = archive(&job, outlet)?;
                let finished = output.map(crate::snapshot::Outlet::finish).transpose()?;
                std::io::Result::Ok((report, finished))
            }
        });
        let archived = self.watch(organization, row, &progress, archiving).await;
        let stored = storing.await?;
        self.note_progress(organization, row, &progress).await?;
        let called_off = progress.check().is_err();
        let (found, finished) = match archived {
            _ if called_off && self.events().closing().is_cancelled() => {
                return Err(ServiceError::conflict("The server was stopped while it was being saved. Save it again."));
            }
            _ if called_off => return Ok(Saved::CalledOff),
            Ok(done) => done,
            // Whoever writes sees only that nobody takes the bytes; the store knows why.
            Err(error) => return Err(stored.err().filter(is_the_cause).map_or(error, ServiceError::from)),
        };
        report.findings = found.findings;
        (report.unsearched, report.left_out, report.changed) = (found.unsearched, found.left_out, found.changed);
        match finished {
            Some((size, digest)) => {
                stored?;
                Ok(Saved::Ready(Kept { size, digest }))
            }
            None => Ok(Saved::Blocked),
        }
    }

    /// Waits for the work; says now and then how far it is, and stops it when it is no longer wanted.
    async fn watch<T>(
        &self,
        organization: &OrganizationId,
        row: &SnapshotRow,
        progress: &Progress,
        mut work: tokio::task::JoinHandle<std::io::Result<T>>,
    ) -> Result<T, ServiceError> {
        let mut tick = interval(PROGRESS_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let closing = self.events().closing();
        loop {
            tokio::select! {
                done = &mut work => return Ok(done??),
                () = closing.cancelled(), if progress.check().is_ok() => progress.stop(),
                _ = tick.tick() => match self.note_progress(organization, row, progress).await {
                    Ok(true) => {}
                    Ok(false) => progress.stop(),
                    // The work must not be left alone: values come back into the files after it.
                    Err(error) => tracing::warn!(snapshot = %row.id, %error, "its progress could not be recorded"),
                },
            }
        }
    }

    /// Answers whether the save is still wanted.
    async fn note_progress(
        &self,
        organization: &OrganizationId,
        row: &SnapshotRow,
        progress: &Progress,
    ) -> Result<bool, ServiceError> {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let (done, total) = (number(progress.bytes()), number(progress.total()));
        let now = SnapshotProgress { done, total, files: number(progress.files()) };
        let wanted = self.store().set_snapshot_progress(organization, &row.id, now).await?;
        self.snapshots_changed(organization, &row.configuration);
        Ok(wanted)
    }

    /// Writes the session's files anew, if it still runs.
    async fn fill_again(&self, organization: &OrganizationId, row: &SnapshotRow) -> Result<(), ServiceError> {
        let session = self.session_row(organization, &row.session).await?;
        if !SessionState::from_word(&session.state).is_live() {
            return Ok(());
        }
        self.apply_in_turn(organization, session, Occasion::Live).await?;
        self.events().publish(organization, &row.session, Change::Environment);
        Ok(())
    }

    async fn remove_archive(&self, organization: &OrganizationId, row: &SnapshotRow) {
        if let Err(error) = self.0.depot.delete(&archive_name(organization, &row.id)).await {
            tracing::warn!(snapshot = %row.id, ?error, "what was stored of a snapshot could not be removed");
        }
    }

    async fn end_saving(
        &self,
        organization: &OrganizationId,
        row: &SnapshotRow,
        report: GuardReport,
        saved: Result<Saved, ServiceError>,
    ) -> Result<(), ServiceError> {
        let (state, kept, reason) = match saved {
            Ok(Saved::Ready(kept)) => (SnapshotState::Ready, Some(kept), None),
            Ok(Saved::Blocked) => (SnapshotState::Blocked, None, None),
            Ok(Saved::CalledOff) => (SnapshotState::Cancelled, None, None),
            Err(error) => (SnapshotState::Failed, None, Some(words(error))),
        };
        let archive = kept.as_ref().map(|kept| (i64::try_from(kept.size).unwrap_or(i64::MAX), kept.digest.as_str()));
        let change = kept.as_ref().filter(|_| row.propose_current).map(|kept| ProposedChange::Snapshot {
            snapshot: row.id.clone(),
            name: row.name.clone(),
            size: kept.size,
        });
        let propose =
            change.as_ref().map(|change| NewProposal { session: &row.session, proposed_by: &row.created_by, change });
        let end = SnapshotEnd { state, archive, report: &report, error: reason.as_deref(), propose };
        let SnapshotEnded { recorded, proposal } = self.store().end_snapshot(organization, &row.id, end).await?;
        let state = if recorded { state } else { SnapshotState::Cancelled };
        if state != SnapshotState::Blocked {
            self.return_snapshot(organization, &row.session).await?;
        }
        if !recorded && kept.is_some() {
            self.remove_archive(organization, row).await;
        }
        self.snapshots_changed(organization, &row.configuration);
        let (by, name, findings) = (row.created_by.clone(), row.name.clone(), report.findings.len());
        let event = ThreadEvent::Snapshot { by, name, state, findings, reason };
        self.say(organization, &row.session, event).await?;
        match proposal {
            Some(proposed) => self.tell_proposed(organization, &proposed).await,
            None => Ok(()),
        }
    }
}

/// The files that lost lines, with the keys that stood in them.
fn scrubbed(taken_out: &ApplyReport, written: Option<&BootReceipt>) -> Vec<Scrubbed> {
    let files = taken_out.files.iter().filter(|file| file.outcome == Outcome::Removed);
    let keys_of = |place: &RelativePath| {
        let known = written.into_iter().flat_map(|receipt| &receipt.files).find(|file| file.place == *place);
        let keys = known.into_iter().filter(|file| file.refused.is_none()).flat_map(|file| &file.keys);
        keys.filter(|key| key.status.is_written()).map(|key| key.key.clone()).collect()
    };
    files.map(|file| Scrubbed { place: file.place.clone(), keys: keys_of(&file.place) }).collect()
}

/// Whether the store failed by itself, and not because the archive was broken off.
fn is_the_cause(error: &DepotError) -> bool {
    !matches!(error, DepotError::BrokenOff)
}

/// A failure in words for people; what is our own fault goes into the log.
fn words(error: ServiceError) -> String {
    match error {
        ServiceError::Sandbox(error) => format!("The values could not be taken out of the files: {error}."),
        ServiceError::Depot(error) => {
            tracing::error!(?error, "the store for snapshots failed");
            "The store for snapshots did not take it. The server's log says why.".to_owned()
        }
        // The words of the operating system, such as that the disk is full.
        ServiceError::Io(error) => format!("The workspace could not be archived: {error}."),
        error => ApiError::from(error).to_string(),
    }
}
