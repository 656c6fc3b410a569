//! Configurations: how one behaves.

use super::words::words;
use serde::{Deserialize, Serialize};

/// What missing required keys do at boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BootPolicy {
    /// The session starts without them; the receipt and every surface name them.
    #[default]
    Warn,
    /// The session waits until they are there.
    Block,
}

words!(BootPolicy, "boot policy", Warn = "warn", Block = "block");
