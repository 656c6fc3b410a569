//! A sandbox that is a folder on this machine.

use super::{Sandbox, SandboxError};
use async_trait::async_trait;
use domain::EnvSpec;
use domain::report::ApplyReport;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// How long one call of the program may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Name of the file that runs of the program lock, in the session's folder.
const LOCK: &str = "apply.lock";

/// A workspace folder, driven through the `keyslot` program as a remote one would be.
pub struct LocalSandbox {
    program: PathBuf,
    folder: PathBuf,
}

impl LocalSandbox {
    /// `folder` is the session's own; the workspace lies in it, beside what Keyslot itself needs to keep.
    pub fn new(program: PathBuf, folder: PathBuf) -> Self {
        Self { program, folder }
    }

    /// The workspace of a session's folder.
    pub fn workspace(folder: &Path) -> PathBuf {
        folder.join("workspace")
    }

    async fn run(&self, arguments: &[&str], input: &[u8]) -> Result<Output, SandboxError> {
        let mut program = crate::process::command(&self.program);
        program.arg("env").args(arguments).arg("--workspace").arg(Self::workspace(&self.folder));
        // Beside the workspace: nothing that runs in it reaches the lock.
        program.arg("--lock").arg(self.folder.join(LOCK));
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let work = async {
            let mut child = program.spawn().map_err(SandboxError::Start)?;
            if let Some(mut stdin) = child.stdin.take() {
                match stdin.write_all(input).await {
                    // A program that refuses early closes its input; its exit says why.
                    Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(SandboxError::Talk(error))?,
                    _ => drop(stdin),
                }
            }
            child.wait_with_output().await.map_err(SandboxError::Talk)
        };
        timeout(LIMIT, work).await.map_err(|_| SandboxError::Timeout)?
    }
}

#[async_trait]
impl Sandbox for LocalSandbox {
    async fn apply(&self, spec: &EnvSpec, input: Zeroizing<Vec<u8>>) -> Result<ApplyReport, SandboxError> {
        let spec_file = self.folder.join("spec.json");
        let json = serde_json::to_vec(spec).map_err(SandboxError::Report)?;
        tokio::fs::write(&spec_file, json).await.map_err(SandboxError::Talk)?;
        let output = self.run(&["apply", "--json", "--spec", &spec_file.to_string_lossy()], &input).await?;
        // A run that refused a file fails, and its report says which and why.
        match serde_json::from_slice(&output.stdout) {
            Err(_) if !output.status.success() => Err(refusal(&output)),
            report => report.map_err(SandboxError::Report),
        }
    }

    async fn scrub(&self) -> Result<ApplyReport, SandboxError> {
        let output = self.run(&["scrub", "--json"], b"").await?;
        if !output.status.success() {
            return Err(refusal(&output));
        }
        serde_json::from_slice(&output.stdout).map_err(SandboxError::Report)
    }
}

fn refusal(output: &Output) -> SandboxError {
    let said = String::from_utf8_lossy(&output.stderr);
    SandboxError::Refused(said.trim().trim_start_matches("keyslot: ").to_owned())
}
