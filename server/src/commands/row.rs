//! The commands of one session, in their row.

use super::group::Group;
use super::known::Known;
use super::nameless;
use super::process::{Process, StartError};
use super::ring::{Part, Ring};
use super::{Ledger, SERVICE_AFTER};
use crate::usage::Usage;
use crate::wall::Wall;
use domain::command::{CommandState, Step, step_after, turns};
use domain::ids::OrganizationId;
use domain::plain::PlainKeys;
use domain::{KeyName, SecretValue};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long the last output of a command that ended may take to arrive before its end is told.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How often it is looked whether the processes that a command left behind are still there.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Told that something about the commands changed.
pub type Teller = Box<dyn Fn() + Send + Sync>;

/// Why a row stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halt {
    /// The place of the command, from 0.
    pub at: usize,
    /// Where it stands.
    pub state: CommandState,
    /// How many commands after it were not started.
    pub left: usize,
}

/// The commands of a session.
pub struct Row {
    organization: OrganizationId,
    workspace: PathBuf,
    tell: Teller,
    ledger: Ledger,
    wall: Wall,
    tasks: TaskTracker,
    runs: Mutex<Vec<Run>>,
    known: Known,
    ended: CancellationToken,
    /// One start at a time, so that no run is lost sight of, and none while the session's commands are paused.
    starting: Arc<tokio::sync::Mutex<()>>,
    made: i64,
}

/// One command.
struct Run {
    command: String,
    state: CommandState,
    output: Ring,
    /// Ends the run that is under way, and every process of it.
    stop: CancellationToken,
    /// The processes of the newest run.
    group: Option<Group>,
    /// Turns true when every process of the newest run is gone.
    gone: watch::Receiver<bool>,
}

impl Row {
    pub(super) fn new(
        organization: OrganizationId,
        workspace: PathBuf,
        tell: Teller,
        ledger: Ledger,
        wall: Wall,
        tasks: TaskTracker,
        starting: Arc<tokio::sync::Mutex<()>>,
    ) -> Self {
        Self {
            organization,
            workspace,
            tell,
            ledger,
            wall,
            tasks,
            runs: Mutex::default(),
            known: Known::default(),
            ended: CancellationToken::new(),
            starting,
            made: now(),
        }
    }

    /// Knows every value that another row knew.
    pub(super) fn know_as(&self, other: &Self) {
        self.known.know_as(&other.known);
    }

    /// Takes the values that count now out of the output from here on, beside those known already, but for plain ones.
    pub async fn learn(&self, current: Vec<(KeyName, SecretValue)>, plain: PlainKeys) {
        self.known.learn(current, plain).await;
    }

    /// Sets the commands; none of them starts yet.
    pub fn fill(&self, commands: Vec<String>) {
        let run = |command| Run {
            command,
            state: CommandState::Waiting,
            output: Ring::default(),
            stop: CancellationToken::new(),
            group: None,
            gone: watch::channel(true).1,
        };
        *self.runs() = commands.into_iter().map(run).collect();
        (self.tell)();
    }

    /// The processes of every command that was started.
    pub(super) fn groups(&self) -> Vec<Group> {
        self.runs().iter().filter_map(|run| run.group.clone()).collect()
    }

    /// Whose session it is.
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// Whether a process of any command is left.
    pub(super) fn is_running(&self) -> bool {
        self.runs().iter().any(|run| !*run.gone.borrow())
    }

    /// Counts the files on the workspace's disk that the commands hold open without a name.
    pub fn add_nameless(&self, usage: &mut Usage) -> std::io::Result<()> {
        let device = std::fs::metadata(&self.workspace)?.dev();
        for group in self.groups() {
            nameless::count(&group.processes(), device, usage);
        }
        Ok(())
    }

    /// When the row was made, in milliseconds since 1970 UTC.
    pub fn made(&self) -> i64 {
        self.made
    }

    /// Each command with where it stands and the place after its output.
    pub fn states(&self) -> Vec<(String, CommandState, u64)> {
        self.runs().iter().map(|run| (run.command.clone(), run.state, run.output.end())).collect()
    }

    /// What a command printed after a place; nothing if there is no such command.
    pub fn output(&self, at: usize, after: u64) -> Option<Part> {
        self.runs().get(at).map(|run| run.output.after(after))
    }

    /// The last lines that a command printed.
    pub fn tail(&self, at: usize, lines: usize) -> Option<Part> {
        self.runs().get(at).map(|run| run.output.tail(lines))
    }

    /// Runs a command, after ending it if it runs, and those after it whose turn has not come. Answers once the last
    /// of them has shown what it is, or why the row stopped.
    pub async fn run_from(self: &Arc<Self>, first: usize) -> Option<Halt> {
        let states: Vec<_> = self.runs().iter().map(|run| run.state).collect();
        let turns = turns(&states, first);
        for at in turns.clone() {
            // A person may have started one of them meanwhile, and what comes after it.
            if at > first && self.runs().get(at)?.state != CommandState::Waiting {
                return None;
            }
            let state = self.run(at).await?;
            if step_after(state) == Step::Halt {
                return Some(Halt { at, state, left: turns.end - at - 1 });
            }
        }
        None
    }

    /// Ends a command. Answers once its processes are gone; false if there is no such command.
    pub async fn stop(&self, at: usize) -> bool {
        let Some((stop, mut gone)) = self.runs().get(at).map(|run| (run.stop.clone(), run.gone.clone())) else {
            return false;
        };
        stop.cancel();
        // Fails only when whoever tells is gone, and with it the processes.
        let _ = gone.wait_for(|gone| *gone).await;
        true
    }

    /// Kills every command that runs, at once, and says why where its output is read. They can be started again.
    pub async fn kill(&self, reason: &str) {
        let mut killed = Vec::new();
        for (at, run) in self.runs().iter_mut().enumerate().filter(|(_, run)| !*run.gone.borrow()) {
            run.output.push(&format!("{reason}\n"));
            // Nobody who is asked to end may go on writing meanwhile.
            if let Some(group) = &run.group {
                group.kill();
            }
            killed.push(at);
        }
        futures::future::join_all(killed.into_iter().map(|at| self.stop(at))).await;
        (self.tell)();
    }

    /// Ends every command for good.
    pub async fn end(&self) {
        self.ended.cancel();
        let count = self.runs().len();
        futures::future::join_all((0..count).map(|at| self.stop(at))).await;
    }

    /// Runs one command. Answers where it stands once it ended or has stayed up; nothing if the row was ended.
    async fn run(self: &Arc<Self>, at: usize) -> Option<CommandState> {
        let turn = self.starting.lock().await;
        self.stop(at).await;
        if self.ended.is_cancelled() {
            return None;
        }
        let (stop, since) = (self.ended.child_token(), now());
        let (gone_in, gone) = watch::channel(false);
        self.change(at, |run| {
            run.output.clear();
            run.state = CommandState::Running { since };
            (run.stop, run.gone) = (stop.clone(), gone);
        })?;
        let command = self.runs().get(at)?.command.clone();
        let process = match Process::start(&command, &self.workspace, &self.ledger, &self.wall).await {
            Ok(process) => process,
            Err(error) => {
                tracing::warn!(%error, "an auto-start command could not be started");
                let state = CommandState::Failed { status: None, signal: None, took: now() - since };
                let words = match error {
                    StartError::Wall(refused) => format!("{refused}\n"),
                    StartError::System(_) => "The command could not be started.\n".to_owned(),
                };
                self.change(at, |run| {
                    run.output.push(&words);
                    run.state = state;
                });
                gone_in.send_replace(true);
                return Some(state);
            }
        };
        self.change(at, |run| run.group = Some(process.group.clone()));
        let (tell_end, end) = oneshot::channel();
        let row = self.clone();
        self.tasks.spawn(async move {
            row.watch(at, since, process, &stop, tell_end).await;
            gone_in.send_replace(true);
        });
        drop(turn);
        let settled = settle(end, sleep(SERVICE_AFTER)).await;
        Some(settled.unwrap_or(CommandState::Running { since }))
    }

    /// Watches a process until the last of its group is gone.
    async fn watch(
        self: &Arc<Self>,
        at: usize,
        since: i64,
        mut process: Process,
        stop: &CancellationToken,
        tell_end: oneshot::Sender<CommandState>,
    ) {
        let Some(output) = process.output.take() else { return };
        let mut reading = self.tasks.spawn({
            let row = self.clone();
            async move { row.known.read(output, |text| row.print(at, text)).await }
        });
        let status = tokio::select! {
            status = process.ended() => Some(status),
            () = stop.cancelled() => None,
        };
        let state = match status {
            Some(status) => {
                let _ = tokio::time::timeout(LAST_WORDS, &mut reading).await;
                let took = now() - since;
                match status {
                    (Some(0), _) => CommandState::Exited { took },
                    (status, signal) => CommandState::Failed { status, signal, took },
                }
            }
            None => {
                // Reaped at once, so that its number is free when its group is.
                let reaped = async { drop(process.child.wait().await) };
                tokio::join!(process.group.end(), reaped);
                let _ = tokio::time::timeout(LAST_WORDS, &mut reading).await;
                CommandState::Stopped { took: now() - since }
            }
        };
        self.change(at, |run| run.state = state);
        // Nobody listens when it counted as a service already.
        let _ = tell_end.send(state);
        // What it left running ends with a stop, a restart or the session.
        let mut child = process.child;
        let reaping = self.tasks.spawn(async move { drop(child.wait().await) });
        while process.group.is_alive() {
            tokio::select! {
                () = stop.cancelled() => process.group.end().await,
                () = sleep(LOOK_EVERY) => {}
            }
            if stop.is_cancelled() {
                break;
            }
        }
        reaping.abort();
        process.entry.strike();
        // A process of another group may hold the pipe open for ever.
        if stop.is_cancelled() {
            reading.abort();
        }
    }

    fn print(&self, at: usize, text: &str) {
        self.change(at, |run| run.output.push(text));
    }

    /// Changes a command and tells of it; nothing if there is no such command.
    fn change<T>(&self, at: usize, change: impl FnOnce(&mut Run) -> T) -> Option<T> {
        let done = self.runs().get_mut(at).map(change);
        (self.tell)();
        done
    }

    fn runs(&self) -> MutexGuard<'_, Vec<Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a command ended, if it did so before it counts as a service.
async fn settle(
    end: impl Future<Output = Result<CommandState, oneshot::error::RecvError>>,
    grace: impl Future<Output = ()>,
) -> Option<CommandState> {
    tokio::select! {
        biased;
        ended = end => ended.ok(),
        () = grace => None,
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
#[path = "row_tests.rs"]
mod tests;
