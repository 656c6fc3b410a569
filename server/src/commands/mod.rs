//! Auto-start commands at work: child processes in the workspaces on this process's disk.
//!
//! A session's commands run one after the other, each by `sh -c` behind a wall of its own, without any of Keyslot's
//! environment; values reach them through the env files alone. One that stays up is a service and the next one starts;
//! one that fails stops the row. What they print is kept in memory, without values.

mod group;
mod known;
mod nameless;
mod pause;
mod process;
mod ring;
mod row;

pub use group::{Group, Ledger};
pub use pause::{NotPaused, Paused};
pub use ring::{Part, Ring};
pub use row::{Halt, Row, Teller};

use crate::wall::{Wall, hand_over};
use domain::ids::{OrganizationId, SessionId};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// How long a command must have stayed up before it counts as a service and the next one starts.
pub const SERVICE_AFTER: Duration = Duration::from_secs(2);

/// The commands of every session on this process's disk.
pub struct Commands {
    rows: Mutex<HashMap<SessionId, Arc<Row>>>,
    /// What must be held to start a command of a session.
    gates: Mutex<HashMap<SessionId, Arc<tokio::sync::Mutex<()>>>>,
    ledger: Ledger,
    wall: Wall,
    tasks: TaskTracker,
}

impl Commands {
    /// None yet. `folder` is where running process groups are written down.
    pub fn new(folder: PathBuf, wall: Wall) -> Self {
        Self {
            rows: Mutex::default(),
            gates: Mutex::default(),
            ledger: Ledger::new(folder),
            wall,
            tasks: TaskTracker::new(),
        }
    }

    /// Ends what an earlier run of this server left behind.
    pub async fn end_stale(&self) -> usize {
        self.ledger.end_stale().await
    }

    /// The commands of a session, if it ever had any since this process started.
    pub fn of(&self, session: &SessionId) -> Option<Arc<Row>> {
        self.rows().get(session).cloned()
    }

    /// The sessions of which a command, or what it left behind, runs.
    pub fn running(&self) -> Vec<(SessionId, Arc<Row>)> {
        let rows = self.rows();
        let running = rows.iter().filter(|(_, row)| row.is_running());
        running.map(|(session, row)| (session.clone(), row.clone())).collect()
    }

    /// Puts new commands in the place of a session's, after ending those, and gives them the workspace.
    pub async fn replace(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        workspace: PathBuf,
        teller: Teller,
    ) -> Result<Arc<Row>, std::io::Error> {
        let (ledger, wall, tasks) = (self.ledger.clone(), self.wall.clone(), self.tasks.clone());
        let gate = self.gate(session);
        let row = Arc::new(Row::new(organization.clone(), workspace.clone(), teller, ledger, wall, tasks, gate));
        let old = self.rows().insert(session.clone(), row.clone());
        if let Some(old) = old {
            row.know_as(&old);
            old.end().await;
        }
        if matches!(self.wall, Wall::Bubblewrap(_)) {
            tokio::task::spawn_blocking(move || hand_over(&workspace)).await.map_err(std::io::Error::other)??;
        }
        Ok(row)
    }

    /// Ends a session's commands and forgets what they printed.
    pub async fn end(&self, session: &SessionId) {
        let row = self.rows().remove(session);
        if let Some(row) = row {
            row.end().await;
        }
    }

    /// Ends the commands of every session, and waits until all is told.
    pub async fn end_all(&self) {
        let rows: Vec<_> = self.rows().drain().map(|(_, row)| row).collect();
        futures::future::join_all(rows.iter().map(|row| row.end())).await;
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn gate(&self, session: &SessionId) -> Arc<tokio::sync::Mutex<()>> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        // A gate is needed while a row has it or somebody holds it.
        gates.retain(|_, gate| Arc::strong_count(gate) > 1);
        gates.entry(session.clone()).or_default().clone()
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Row>>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
