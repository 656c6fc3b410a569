//! Room on the disk while commands run: whose workspace outgrows what a session may have is stopped, and where the disk
//! itself gets full, whoever has most of it.

use super::{Keyslot, ServiceError};
use crate::commands::Row;
use crate::store::SessionRow;
use crate::usage::{Disk, NoRoom, Usage, megabytes};
use app::api::thread::ThreadEvent;
use domain::ids::SessionId;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Time between two looks at the disk as a whole.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A workspace is walked at least so often while commands run in it.
const WALK_EVERY: Duration = Duration::from_secs(30);
/// And no more often than takes one part of so many of the time.
const SHARE: u32 = 10;
/// It is walked before its time when the disk holds this part of a workspace more than at the last walk.
const GROWTH: u64 = 32;

/// The last walk through a workspace.
struct Walked {
    ended: Instant,
    took: Duration,
    disk: u64,
}

impl Walked {
    fn is_due(&self, disk: u64, most: u64) -> bool {
        let rested = self.ended.elapsed();
        let has_grown = disk.saturating_sub(self.disk) >= most / GROWTH;
        rested >= self.took * (SHARE - 1) && (has_grown || rested >= WALK_EVERY)
    }
}

impl Keyslot {
    /// Watches the disk until the server closes.
    pub async fn watch_room(&self, closing: CancellationToken) {
        let mut walked = HashMap::new();
        while closing.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            if let Err(error) = self.look_for_room(&mut walked).await {
                tracing::warn!(%error, "it could not be seen how much room the workspaces leave");
            }
        }
    }

    async fn look_for_room(&self, walked: &mut HashMap<SessionId, Walked>) -> Result<(), ServiceError> {
        let running = self.0.commands.running();
        walked.retain(|session, _| running.iter().any(|(known, _)| known == session));
        if running.is_empty() {
            return Ok(());
        }
        let (most, disk) = (self.config().quotas.workspace_bytes(), Disk::of(&self.config().sandboxes())?);
        if disk.free < self.config().quotas.free_bytes() {
            return self.make_room(running).await;
        }
        for (session, row) in running {
            if walked.get(&session).is_some_and(|last| !last.is_due(disk.used, most)) {
                continue;
            }
            let began = Instant::now();
            let used = used(self.config().sandbox(session.as_str()), row.clone(), most).await?;
            if used > most {
                self.stop_without_room(&session, &row, NoRoom::Workspace(megabytes(most))).await?;
            }
            walked.insert(session, Walked { ended: Instant::now(), took: began.elapsed(), disk: disk.used });
        }
        Ok(())
    }

    /// Stops the commands of the session that has most.
    async fn make_room(&self, running: Vec<(SessionId, Arc<Row>)>) -> Result<(), ServiceError> {
        let mut largest: Option<(u64, SessionId, Arc<Row>)> = None;
        for (session, row) in running {
            let used = used(self.config().sandbox(session.as_str()), row.clone(), u64::MAX).await?;
            if largest.as_ref().is_none_or(|(most, ..)| used > *most) {
                largest = Some((used, session, row));
            }
        }
        let Some((_, session, row)) = largest else { return Ok(()) };
        let reason = NoRoom::Disk(self.config().quotas.keep_free_mb);
        self.stop_without_room(&session, &row, reason).await
    }

    async fn stop_without_room(&self, session: &SessionId, row: &Row, reason: NoRoom) -> Result<(), ServiceError> {
        row.kill(&reason.to_string()).await;
        tracing::warn!(%session, %reason, "the commands of a session were stopped");
        let text = format!("The commands of this session were stopped. {reason}");
        self.say(row.organization(), session, ThreadEvent::Failure { text }).await
    }

    /// Refuses to start commands where there is no room for what they write.
    pub(super) async fn has_room(&self, session: &SessionRow) -> Result<(), ServiceError> {
        let quotas = &self.config().quotas;
        if Disk::of(&self.config().sandboxes())?.free < quotas.free_bytes() {
            return Err(NoRoom::Disk(quotas.keep_free_mb).into());
        }
        let (folder, most) = (PathBuf::from(&session.workspace_dir), quotas.workspace_bytes());
        let usage = tokio::task::spawn_blocking(move || of_folder(&folder, most)).await??;
        if usage.is_over() { Err(NoRoom::Workspace(quotas.max_workspace_mb).into()) } else { Ok(()) }
    }
}

/// The bytes of a session whose commands run, up to a little more than a limit.
async fn used(folder: PathBuf, row: Arc<Row>, most: u64) -> Result<u64, ServiceError> {
    let counted = tokio::task::spawn_blocking(move || {
        let mut usage = of_folder(&folder, most)?;
        row.add_nameless(&mut usage)?;
        io::Result::Ok(usage.used())
    });
    Ok(counted.await??)
}

fn of_folder(folder: &Path, most: u64) -> io::Result<Usage> {
    let mut usage = Usage::up_to(most);
    usage.add_folder(folder)?;
    Ok(usage)
}
