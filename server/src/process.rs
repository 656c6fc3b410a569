//! Child processes that inherit none of Keyslot's own environment.

use std::ffi::OsStr;
use tokio::process::Command;

/// What a child may inherit: where programs, the home folder and the locale are. Never the root key, the database URL or
/// anything else of Keyslot's.
const INHERITED: [&str; 8] = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/// A command with a clean environment, killed when its handle is dropped.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().kill_on_drop(true);
    for name in INHERITED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}
