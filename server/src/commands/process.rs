//! One run of a command, from its start to the end of its last process.

use super::group::{Entry, Group, Ledger};
use crate::wall::{Jail, Wall, WallError};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout};

/// Where the workspace lies behind the wall.
const WORKSPACE: &str = "/workspace";
/// Waits for the word that its group is written down, so that a server that crashes in between leaves nothing behind;
/// then runs the command. What that prints goes one way, in the order in which it is printed; how it ended goes to the
/// error stream. Behind a wall the end of this shell is the end of every process, so there it stays until what the
/// command left behind (a service that detached itself) is gone: until only the wall's first process and the shell are.
const SCRIPT: &str = r#"
read -r go && [ "$go" = go ] || exit 1
trap : TERM
umask 022
sh -c "$1" </dev/null 2>&1
echo $? >&2
exec >&-
[ "$2" = walled ] || exit 0
while set -- /proc/[0-9]*; [ $# -gt 2 ]; do sleep 2; done
"#;
/// Bytes of the line that tells how a command ended.
const STATUS_BYTES: u64 = 16;
/// A shell adds the number of the signal that ended a program to this.
const SIGNALS: i32 = 128;

/// A command that runs.
pub struct Process {
    /// Its first process.
    pub child: Child,
    /// What it prints.
    pub output: Option<ChildStdout>,
    /// All of its processes.
    pub group: Group,
    /// Where they are written down.
    pub entry: Entry,
    end: ChildStderr,
}

/// Why a command does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no wall to run it behind.
    #[error(transparent)]
    Wall(#[from] WallError),
    /// The system said no.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

impl Process {
    /// Starts a command in a workspace.
    pub async fn start(command: &str, workspace: &Path, ledger: &Ledger, wall: &Wall) -> Result<Self, StartError> {
        let walled = if matches!(wall, Wall::Off) { "open" } else { "walled" };
        let jail = Jail::new("sh").args(["-c", SCRIPT, "sh", command, walled]);
        let mut shell = wall.command(&jail.write(workspace, WORKSPACE).directory(WORKSPACE))?;
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = shell.spawn()?;
        let group = child.id().map(Group::of).transpose()?.ok_or_else(gone)?;
        let entry = ledger.write(&group)?;
        let output = child.stdout.take();
        let end = child.stderr.take().ok_or_else(gone)?;
        let mut input = child.stdin.take().ok_or_else(gone)?;
        input.write_all(b"go\n").await?;
        Ok(Self { child, output, group, entry, end })
    }

    /// Waits until the command ended, also when it left processes behind. Answers its status, or the signal that ended
    /// it.
    pub async fn ended(&mut self) -> (Option<i32>, Option<i32>) {
        let mut line = String::new();
        let told = BufReader::new(&mut self.end).take(STATUS_BYTES).read_line(&mut line).await;
        match told.ok().and_then(|_| line.trim().parse().ok()) {
            Some(status) => of_shell(status),
            // Whoever would tell was killed with it.
            None => self.child.wait().await.map_or((None, None), of_program),
        }
    }
}

fn gone() -> std::io::Error {
    std::io::Error::other("the command's shell is gone")
}

fn of_program(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    use std::os::unix::process::ExitStatusExt;
    status.code().map_or((None, status.signal()), of_shell)
}

fn of_shell(status: i32) -> (Option<i32>, Option<i32>) {
    if status > SIGNALS { (None, Some(status - SIGNALS)) } else { (Some(status), None) }
}
