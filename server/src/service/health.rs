//! Whether this process can do its work: what `/healthz` answers.

use super::Keyslot;
use serde::Serialize;
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long an answer stands: anybody may ask, and each look writes.
const STANDS_FOR: Duration = Duration::from_secs(1);
/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes that are written to the data folder to see whether there is room.
const FILLING: [u8; 4096] = [0; 4096];

/// How this process is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "camelCase")]
pub enum Health {
    /// It can do its work.
    Ready,
    /// It cannot do all of it.
    Degraded {
        /// What is wrong, in words that tell nobody more than that.
        reasons: Vec<&'static str>,
    },
}

/// The newest answer, looked up by one at a time.
#[derive(Default)]
pub(super) struct Checked(Mutex<Option<(Instant, Health)>>);

impl Keyslot {
    /// Writes to the database and to the data folder, and takes both back.
    pub async fn health(&self) -> Health {
        let mut last = self.0.checked.0.lock().await;
        if let Some((_, health)) = last.as_ref().filter(|(at, _)| at.elapsed() < STANDS_FOR) {
            return health.clone();
        }
        let (database, folder) = tokio::join!(self.database_problem(), self.folder_problem());
        let reasons: Vec<_> = database.into_iter().chain(folder).collect();
        let health = if reasons.is_empty() { Health::Ready } else { Health::Degraded { reasons } };
        *last = Some((Instant::now(), health.clone()));
        health
    }

    async fn database_problem(&self) -> Option<&'static str> {
        let error = match timeout(PATIENCE, self.store().probe_write()).await {
            Ok(Ok(())) => return None,
            Ok(Err(error)) => error,
            Err(_) => {
                tracing::error!("the database takes too long to write");
                return Some("The database takes too long to write.");
            }
        };
        tracing::error!(%error, "the database takes no writes");
        Some(match error {
            full if full.is_full() => "The database's disk is full.",
            busy if busy.is_exhausted() => "Every connection to the database is in use.",
            _ => "The database takes no writes; the server's log says why.",
        })
    }

    async fn folder_problem(&self) -> Option<&'static str> {
        let folder = self.config().data.clone();
        let written = tokio::task::spawn_blocking(move || probe(&folder)).await;
        let error = written.map_err(std::io::Error::other).and_then(|written| written).err()?;
        tracing::error!(%error, "the data folder takes no writes");
        Some(match error.kind() {
            std::io::ErrorKind::StorageFull => "The data folder's disk is full.",
            _ => "The data folder takes no writes; the server's log says why.",
        })
    }
}

/// Writes to a file that has no name and goes with its handle.
fn probe(folder: &Path) -> std::io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(&FILLING)?;
    file.sync_all()
}
