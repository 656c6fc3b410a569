//! What one run of `keyslot env apply` or `keyslot env scrub` did, without any value: the sandbox program prints it,
//! the server keeps it in the boot receipt and shows it.

use super::{KeyName, RelativePath};
use serde::{Deserialize, Serialize};

/// What a run did, file by file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyReport {
    /// The files of the spec in its order, then files of earlier runs that the spec no longer has.
    pub files: Vec<FileReport>,
    /// Which lines stand in which git exclude file because of Keyslot.
    pub excluded: Vec<Excluded>,
    /// What a person should know although the run went on; sentences without a full stop.
    pub warnings: Vec<String>,
}

/// What happened to one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// Place of the file in the workspace.
    pub place: RelativePath,
    /// What happened.
    pub outcome: Outcome,
    /// Why, where the file was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether Keyslot made the file, now or in an earlier run.
    pub created: bool,
    /// Whether others could read the file before, so that its mode was tightened to 0600.
    #[serde(default)]
    pub tightened: bool,
    /// Keys that stand in the file with a value from this run.
    pub written: Vec<KeyName>,
    /// Keys of the spec for which this run had no value.
    pub missing: Vec<KeyName>,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It holds new content.
    Written,
    /// It was already right.
    Unchanged,
    /// Keyslot's lines were taken out; the file itself went if Keyslot had made it and nothing else was in it.
    Removed,
    /// It could not be written and is as it was; `reason` says why. Earlier versions also left files alone because of
    /// another one.
    #[serde(alias = "held")]
    Refused,
}

/// Lines in one git exclude file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Excluded {
    /// Folders of the repository and its worktrees, which share the exclude file.
    pub repositories: Vec<RelativePath>,
    /// The patterns, in the order in which they stand there.
    pub patterns: Vec<String>,
}

impl ApplyReport {
    /// Whether every file is as it should be.
    pub fn is_complete(&self) -> bool {
        self.files.iter().all(|file| file.outcome != Outcome::Refused)
    }
}
