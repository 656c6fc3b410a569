//! One run of a command, from its start to the end of its last process.

use super::group::{Entry, Group, Ledger};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdout, Command};

/// Waits for the word that its group is written down, so that a server that crashes in between leaves nothing behind;
/// then becomes the command. What it prints goes one way, in the order in which it is printed.
const SCRIPT: &str = r#"read -r go && [ "$go" = go ] && exec sh -c "$1" </dev/null 2>&1"#;

/// What a child may inherit: where programs and the home folder are, and the language. Nothing of Keyslot's, and no
/// agent or proxy with credentials.
const INHERITED: [&str; 8] = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// A command that runs.
pub struct Process {
    /// Its first process.
    pub child: Child,
    /// What it prints.
    pub output: ChildStdout,
    /// All of its processes.
    pub group: Group,
    /// Where they are written down.
    pub entry: Entry,
}

impl Process {
    /// Starts a command in a folder.
    pub async fn start(command: &str, folder: &Path, ledger: &Ledger) -> std::io::Result<Self> {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(SCRIPT).arg("sh").arg(command).current_dir(folder);
        shell.env_clear().kill_on_drop(true).process_group(0);
        shell.envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = shell.spawn()?;
        let group = child.id().map(Group::of).transpose()?.ok_or_else(gone)?;
        let entry = ledger.write(&group)?;
        let output = child.stdout.take().ok_or_else(gone)?;
        let mut input = child.stdin.take().ok_or_else(gone)?;
        input.write_all(b"go\n").await?;
        Ok(Self { child, output, group, entry })
    }
}

fn gone() -> std::io::Error {
    std::io::Error::other("the command's shell is gone")
}

/// How a command ended, as people say it.
pub fn status(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    use std::os::unix::process::ExitStatusExt;
    (status.code(), status.signal())
}
