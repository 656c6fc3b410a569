//! Session tokens: what an agent or a sandbox elsewhere shows to be let in to one session.

use super::words::words;
use serde::{Deserialize, Serialize};

/// How every session token starts, so that people and scanners recognise one.
pub const PREFIX: &str = "ks_sess_";
/// The lifetimes that people choose from, in days.
pub const DAYS: [u32; 3] = [1, 7, 30];
/// The lifetime when nobody chose, in days.
pub const DEFAULT_DAYS: u32 = 7;
/// Characters in the name of a token.
pub const NAME_CHARS: usize = 100;
/// Tokens of one session that are in force at the same time.
pub const TOKENS: usize = 50;

/// What a token is for. Each opens one door only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenPurpose {
    /// The tools, over MCP and HTTP. No value ever leaves through them.
    #[default]
    Agent,
    /// `keyslot env watch` alone, which writes the values into a sandbox's files.
    Sandbox,
}

words!(TokenPurpose, "purpose of a token", Agent = "agent", Sandbox = "sandbox");
