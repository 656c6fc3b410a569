//! Who reads a file: what of the checkout shows it, and what people chose.

#[cfg(feature = "schema")]
use super::limits;
use super::reader::Reader;
use super::{EnvSpec, RelativePath};
use serde::{Deserialize, Serialize};

/// A place in the checkout that shows that a program reads a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReaderEvidence {
    /// Which program.
    pub reader: Reader,
    /// Path of the file that shows it, below the workspace.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PATH_CHARS)))]
    pub path: String,
    /// Line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = u32::MAX)))]
    pub line: Option<u32>,
}

/// The readers that a person chose for a file. They stand over what agents and scans save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenReaders {
    /// Where the file lies, from the workspace down.
    pub place: RelativePath,
    /// The programs; none means every common one.
    pub readers: Vec<Reader>,
    /// Name of the member who chose them.
    pub by: String,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
}

impl EnvSpec {
    /// The spec with the readers that people chose, whatever it names itself.
    pub fn with_chosen_readers(mut self, chosen: &[ChosenReaders]) -> Self {
        for file in &mut self.files {
            let place = file.place();
            if let Some(choice) = chosen.iter().find(|choice| choice.place == place) {
                file.readers.clone_from(&choice.readers);
            }
        }
        self
    }
}

/// The readers of a file in words: their names, or that every common program counts.
pub fn readers_in_words(readers: &[Reader]) -> String {
    if readers.is_empty() {
        return "every common program".to_owned();
    }
    readers.iter().map(|reader| reader.name()).collect::<Vec<_>>().join(", ")
}
