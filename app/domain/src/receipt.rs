//! The boot receipt: what one boot or live apply did to a sandbox's files, without values.

use super::environment::{Environment, Scope, Status};
use super::{KeyName, RelativePath};
use serde::{Deserialize, Serialize};

/// What a boot (or a live apply after it) did, file by file and key by key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BootReceipt {
    /// Why the environment was applied.
    pub occasion: Occasion,
    /// When it ended, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Version of the spec that was applied; 0 when there was none.
    pub spec_version: i64,
    /// The spec's files, in its order.
    pub files: Vec<ReceiptFile>,
    /// Places of files that are no longer in the spec and were taken out.
    pub removed: Vec<RelativePath>,
    /// Things a person should know, in words.
    pub warnings: Vec<String>,
    /// Who had the session started although required values were lacking and its configuration waits for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_anyway: Option<String>,
    /// Folders of submodules that were not checked out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub submodules: Vec<RelativePath>,
}

/// Why an environment was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Occasion {
    /// The session started.
    Boot,
    /// A value or the spec changed while the session ran.
    Live,
}

/// One file of a receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptFile {
    /// Where the file lies, from the workspace down.
    pub place: RelativePath,
    /// Why the file could not be written; none when it is as it should be.
    pub refused: Option<String>,
    /// Its keys, in the spec's order.
    pub keys: Vec<ReceiptKey>,
}

/// One key of a receipt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptKey {
    /// The variable's name.
    pub key: KeyName,
    /// Whether the project does not run without it.
    pub required: bool,
    /// What the resolver said; `set` and `default` were written, the others left out.
    pub status: Status,
    /// Scope of the value that was written; none for a default and for what was left out.
    pub source: Option<Scope>,
    /// Version of the value that was written.
    pub version: Option<i64>,
}

impl ReceiptFile {
    /// The receipt of every file of an environment, as if each were written.
    pub fn all_of(environment: &Environment) -> Vec<Self> {
        let files = environment.files.iter().map(|file| {
            let keys = file.slots.iter().map(|slot| {
                let written = slot.winner.as_ref().filter(|_| slot.status == Status::Set);
                ReceiptKey {
                    key: slot.key.clone(),
                    required: slot.required,
                    status: slot.status,
                    source: written.map(|value| value.scope.clone()),
                    version: written.map(|value| value.version),
                }
            });
            Self { place: file.place.clone(), refused: None, keys: keys.collect() }
        });
        files.collect()
    }

    /// How many keys the file holds now.
    pub fn written(&self) -> usize {
        if self.refused.is_some() { 0 } else { self.keys.iter().filter(|key| key.status.is_written()).count() }
    }
}

impl BootReceipt {
    /// Keys that were written, over all files.
    pub fn written(&self) -> usize {
        self.files.iter().map(ReceiptFile::written).sum()
    }

    /// Required keys that a file lacks, each with its file.
    pub fn lacking(&self) -> impl Iterator<Item = (&ReceiptFile, &ReceiptKey)> {
        self.files.iter().flat_map(|file| {
            let lacks = |key: &&ReceiptKey| key.required && (file.refused.is_some() || !key.status.is_written());
            file.keys.iter().filter(lacks).map(move |key| (file, key))
        })
    }
}
