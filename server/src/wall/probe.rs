//! Proves that a wall can be built here: bubblewrap may be installed and still not be allowed to.

use super::bubblewrap::Bubblewrap;
use super::jail::Jail;
use std::process::Stdio;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// How long building one may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Succeeds only as the user inside, with processes of its own and without privileges.
const SCRIPT: &str = r#"test "$(id -u)" = 1000 && touch /tmp/probe && grep -q '^NoNewPrivs:.*1$' /proc/self/status &&
    grep -q '^CapEff:.*[[:space:]]0*$' /proc/self/status && echo walled"#;

/// Whether this machine can do it does not change while a process runs.
static TRIED: OnceCell<Result<(), String>> = OnceCell::const_new();

/// Builds a wall around a program that looks whether it is inside; the error says why there is none.
pub(super) async fn try_out(wall: &Bubblewrap) -> Result<(), String> {
    TRIED.get_or_init(|| build_one(wall)).await.clone()
}

async fn build_one(wall: &Bubblewrap) -> Result<(), String> {
    let mut command = wall.command(&Jail::new("sh").args(["-c", SCRIPT]));
    command.stdin(Stdio::null());
    let output = timeout(PATIENCE, command.output()).await;
    let output = output.map_err(|_| "bubblewrap did not start a program in time".to_owned())?;
    let output = output.map_err(|error| format!("bubblewrap could not be started: {error}"))?;
    if output.status.success() && output.stdout == b"walled\n" {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().last().unwrap_or("it gave no reason").trim_start_matches("bwrap: ").trim_end_matches('.');
    Err(format!("bubblewrap does not work on this machine ({said})"))
}
