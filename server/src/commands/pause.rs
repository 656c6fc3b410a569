//! Stopping a session's commands for a while, so that nobody changes the workspace, and letting them go on.

use super::Commands;
use super::group::{Group, Status};
use domain::ids::SessionId;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tokio::sync::OwnedMutexGuard;

/// How long processes may take to stop: one that is busy in the kernel stops when it comes back.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Why commands are not paused.
#[derive(Debug, thiserror::Error)]
#[error("The session's commands cannot be paused. Stop them and try again.")]
pub struct NotPaused;

/// A session's commands, paused. They go on when this is dropped.
pub struct Paused {
    /// Those that were stopped here, and no others: a command may have stopped some itself.
    stopped: Vec<Status>,
    /// Keeps new ones from being started.
    _starting: OwnedMutexGuard<()>,
}

impl Commands {
    /// Pauses the commands of a session until the answer is dropped; none starts meanwhile.
    pub async fn pause(&self, session: &SessionId) -> Result<Paused, NotPaused> {
        let starting = self.gate(session).lock_owned().await;
        let groups = self.of(session).map(|row| row.groups()).unwrap_or_default();
        let mut paused = Paused { stopped: Vec::new(), _starting: starting };
        let since = Instant::now();
        // Those that were started by others just before these stopped are found in the next round.
        while paused.stop(&groups) {
            if since.elapsed() > PATIENCE {
                return Err(NotPaused);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(paused)
    }
}

impl Paused {
    /// Tells every process that runs to stop; answers whether there was any.
    fn stop(&mut self, groups: &[Group]) -> bool {
        let mut any = false;
        for status in groups.iter().flat_map(Group::processes).filter(Status::is_going) {
            let is_told = self.stopped.iter().any(|known| known.is_same(&status));
            any |= !is_told || !status.is_waiting();
            if !is_told {
                self.stopped.push(status);
            }
            // Also one that another process told to go on meanwhile.
            status.tell(Signal::STOP);
        }
        any
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        for status in &self.stopped {
            if let Some(Err(error)) = status.tell(Signal::CONT) {
                tracing::warn!(%error, "a process of a command could not be told to go on");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::row::Row;
    use crate::wall::Wall;
    use domain::ids::OrganizationId;
    use std::path::Path;
    use std::sync::Arc;

    async fn commands(folder: &Path) -> Commands {
        let config = crate::config::tests::local(&folder.join("data"));
        let wall = Wall::choose(&config).await;
        wall.require().expect("bubblewrap");
        std::fs::create_dir(folder.join("workspace")).expect("a folder");
        Commands::new(folder.join("commands"), wall)
    }

    async fn started(commands: &Commands, folder: &Path, script: &str) -> Arc<Row> {
        let session = SessionId::from("one");
        let row = commands
            .replace(&OrganizationId::from("all"), &session, folder.join("workspace"), Box::new(|| ()))
            .await
            .expect("a row");
        row.fill(vec![script.to_owned()]);
        row.run_from(0).await;
        row
    }

    fn running(row: &Row) -> Vec<Status> {
        row.groups()
            .iter()
            .flat_map(Group::processes)
            .filter(|status| status.is_going() && !status.is_waiting())
            .collect()
    }

    async fn until(what: &str, so: impl Fn() -> bool) {
        let since = Instant::now();
        while !so() {
            assert!(since.elapsed() < Duration::from_secs(60), "never: {what}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    #[tokio::test]
    async fn everything_that_a_command_started_stands_still_until_it_may_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let commands = commands(folder.path()).await;
        let busy = "setsid sh -c 'while :; do : > beat; done' & while :; do sh -c ': > tick'; done";
        let row = started(&commands, folder.path(), busy).await;
        let (beat, tick) = (folder.path().join("workspace/beat"), folder.path().join("workspace/tick"));
        until("both work", || beat.exists() && tick.exists()).await;
        let paused = commands.pause(&SessionId::from("one")).await.expect("paused");
        assert!(running(&row).is_empty() && paused.stopped.len() >= 3, "{}", paused.stopped.len());
        for file in [&beat, &tick] {
            std::fs::remove_file(file).expect("gone");
        }
        assert!(running(&row).is_empty() && !beat.exists() && !tick.exists());
        drop(paused);
        until("both go on", || beat.exists() && tick.exists()).await;
        commands.end_all().await;
    }

    #[tokio::test]
    async fn no_command_starts_while_they_are_paused_and_ending_them_needs_no_waiting_for_that() {
        let folder = tempfile::tempdir().expect("a folder");
        let commands = commands(folder.path()).await;
        let session = SessionId::from("one");
        let row = started(&commands, folder.path(), "echo ran >> runs").await;
        let runs = || std::fs::read_to_string(folder.path().join("workspace/runs")).unwrap_or_default();
        assert_eq!(runs(), "ran\n");
        let paused = commands.pause(&session).await.expect("paused");
        let again = tokio::spawn({
            let row = row.clone();
            async move { row.run_from(0).await }
        });
        // A new row in its place waits at the same gate.
        let other = commands
            .replace(&OrganizationId::from("all"), &session, folder.path().join("workspace"), Box::new(|| ()))
            .await
            .expect("a row");
        other.fill(vec!["echo other >> runs".to_owned()]);
        let fresh = tokio::spawn(async move { other.run_from(0).await });
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(runs(), "ran\n");
        drop(paused);
        again.await.expect("no panic");
        fresh.await.expect("no panic");
        assert_eq!(runs(), "ran\nother\n", "the old row was ended before its turn came");
        commands.end_all().await;
    }
}
