//! The boot receipt as agents see it: names, statuses, sources and versions.

use super::environment::Source;
use domain::environment::Status;
use domain::receipt::{BootReceipt, Occasion, ReceiptFile, ReceiptKey};
use domain::{KeyName, RelativePath};
use schemars::JsonSchema;
use serde::Serialize;

/// What a boot, or a live change after it, did to the session's files. Holds no values.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptAnswer {
    /// Why the files were written.
    pub occasion: Occasion,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Version of the spec that was applied; 0 when there was none.
    pub spec_version: i64,
    /// How many keys stand in the files.
    pub written: usize,
    /// Required keys that the files lack.
    pub lacking: Vec<KeyName>,
    /// Who had the session started without waiting for what was lacking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_anyway: Option<String>,
    /// The files.
    pub files: Vec<ReceiptFileAnswer>,
    /// Files that are no longer in the spec and were taken out.
    pub removed: Vec<RelativePath>,
    /// Folders of submodules that were not checked out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub submodules: Vec<RelativePath>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// One file of a receipt.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptFileAnswer {
    /// Where it lies, from the workspace down.
    pub path: RelativePath,
    /// Why it could not be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Its keys.
    pub keys: Vec<ReceiptKeyAnswer>,
}

/// One key of a receipt.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptKeyAnswer {
    /// The variable's name.
    pub key: KeyName,
    /// Whether the project does not run without it.
    pub required: bool,
    /// What was decided: `set` and `default` were written, the others left out.
    pub status: Status,
    /// Where the written value comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Which version of the value was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

impl From<&BootReceipt> for ReceiptAnswer {
    fn from(receipt: &BootReceipt) -> Self {
        let mut lacking: Vec<KeyName> = receipt.lacking().map(|(_, key)| key.key.clone()).collect();
        lacking.sort();
        lacking.dedup();
        Self {
            occasion: receipt.occasion,
            at: receipt.at,
            spec_version: receipt.spec_version,
            written: receipt.written(),
            lacking,
            started_anyway: receipt.started_anyway.clone(),
            files: receipt.files.iter().map(ReceiptFileAnswer::from).collect(),
            removed: receipt.removed.clone(),
            submodules: receipt.submodules.clone(),
            warnings: receipt.warnings.clone(),
        }
    }
}

impl From<&ReceiptFile> for ReceiptFileAnswer {
    fn from(file: &ReceiptFile) -> Self {
        let keys = file.keys.iter().map(ReceiptKeyAnswer::from).collect();
        Self { path: file.place.clone(), refused: file.refused.clone(), keys }
    }
}

impl From<&ReceiptKey> for ReceiptKeyAnswer {
    fn from(key: &ReceiptKey) -> Self {
        let source = match key.status {
            Status::Default => Some(Source::Default),
            _ => key.source.as_ref().map(Source::from),
        };
        Self { key: key.key.clone(), required: key.required, status: key.status, source, version: key.version }
    }
}
