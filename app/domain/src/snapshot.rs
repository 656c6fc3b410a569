//! Snapshots: archives of a workspace with every secret taken out, and what the guard says of them. Never a value.

use super::words::words;
use super::{KeyName, RelativePath};
use serde::{Deserialize, Serialize};

/// Where a snapshot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SnapshotState {
    /// The workspace is being searched and archived.
    Saving,
    /// The archive is kept and sessions can start from it.
    Ready,
    /// It could not be saved; `error` says why.
    Failed,
    /// Somebody called it off.
    Cancelled,
    /// The workspace holds a value; the findings say where.
    Blocked,
}

words!(
    SnapshotState,
    "state of a snapshot",
    Saving = "saving",
    Ready = "ready",
    Failed = "failed",
    Cancelled = "cancelled",
    Blocked = "blocked",
);

impl SnapshotState {
    /// The state of a stored word. A word of another version of the program reads as failed.
    pub fn from_word(word: &str) -> Self {
        Self::try_from(word.to_owned()).unwrap_or(Self::Failed)
    }
}

/// How a value was written where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// As it is.
    Plain,
    /// In base64, of either alphabet and anywhere inside of a longer text.
    Base64,
    /// In base32, of either case and anywhere inside of a longer text.
    Base32,
    /// In hexadecimal digits, of either case.
    Hex,
    /// Percent-encoded, as in an address.
    Url,
    /// With the escapes of a JSON text.
    Json,
}

/// Where in a file a value was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", tag = "in", content = "at")]
pub enum Spot {
    /// On a line, counted from 1.
    Line(u64),
    /// In a file that is no text: at this byte, counted from 0.
    Byte(u64),
    /// In the name of the file or folder itself.
    Name,
    /// In the target of a symbolic link.
    LinkTarget,
    /// In a git object.
    GitObject(String),
}

/// A value that the guard found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Which file, from the workspace down; `a.zip › b.txt` for one inside of an archive. What of the name itself is a
    /// value is left out.
    pub place: String,
    /// Where in it.
    pub spot: Spot,
    /// Whose value it is.
    pub key: KeyName,
    /// How it was written there.
    pub encoding: Encoding,
}

/// A file that Keyslot took its own lines out of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Scrubbed {
    /// Which file.
    pub place: RelativePath,
    /// The keys that stood in it.
    pub keys: Vec<KeyName>,
}

/// What the guard looked at, and what it did not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct GuardReport {
    /// Files that Keyslot's own lines were taken out of.
    pub scrubbed: Vec<Scrubbed>,
    /// What was found; at most [`super::limits::FINDINGS`].
    pub findings: Vec<Finding>,
    /// Keys whose values were looked for.
    pub searched_keys: usize,
    /// Keys whose values are too short to be told from other text, so they were not looked for.
    pub too_short: Vec<KeyName>,
    /// Keys with a value that was not looked for: it is no secret, or it cannot be opened.
    pub not_sought: Vec<KeyName>,
    /// Files whose packed content could not be looked into, each with the reason; their bytes as they stand were.
    pub unsearched: Vec<String>,
    /// Sockets, pipes and devices, which no archive keeps, and files that cannot be read; each with the reason.
    pub left_out: Vec<String>,
    /// Files that were written to while they were read: kept as far as they were read.
    pub changed: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_states_word_is_its_json() {
        use SnapshotState::{Blocked, Cancelled, Failed, Ready, Saving};
        for state in [Saving, Ready, Failed, Cancelled, Blocked] {
            assert_eq!(serde_json::to_value(state).expect("json"), state.as_str());
            assert_eq!(SnapshotState::from_word(state.as_str()), state);
        }
        assert_eq!(SnapshotState::from_word("from the future"), Failed);
    }
}
