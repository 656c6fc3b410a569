//! Sandboxes: where the files of a session are written.

use super::words::words;
use serde::{Deserialize, Serialize};

/// Characters in the name of a sandbox elsewhere.
pub const NAME_CHARS: usize = 100;
/// Sandboxes elsewhere that one session may ever have.
pub const REMOTE_SANDBOXES: i64 = 50;

/// Where a sandbox lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SandboxKind {
    /// The session's own, on the disk of a server.
    Local,
    /// Anywhere; `keyslot env watch` runs there and asks for what is new.
    Remote,
}

words!(SandboxKind, "kind of sandbox", Local = "local", Remote = "remote");
