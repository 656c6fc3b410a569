//! Whether the files of a spec set the keys that a project needs, told without any value.

use super::reader::{FoundFile, Rejected, Seen, read_found_file};
use super::spec::EnvFile;
use super::{KeyName, RelativePath};
use serde::Serialize;

/// What `keyslot env check` found: the document that it prints as JSON. Fields are only ever added to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckReport {
    /// Whether every file can be read and every required key has a value.
    pub complete: bool,
    /// The files, in the order of the spec.
    pub files: Vec<FileCheck>,
}

/// One file of the spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileCheck {
    /// Place of the file in the workspace.
    pub place: RelativePath,
    /// What was found there.
    pub state: FileState,
    /// Why the file cannot be read, as a sentence without a full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Keys of the spec that the file gives to its readers.
    pub present: Vec<KeyName>,
    /// Required keys without a value.
    pub problems: Vec<KeyProblem>,
    /// Keys without a value that the project runs without.
    pub optional: Vec<KeyName>,
    /// What to know about keys that are there.
    pub notes: Vec<KeyNote>,
}

/// What was found at the place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FileState {
    /// A file that its readers take.
    Read,
    /// Nothing.
    Absent,
    /// Something that cannot be read.
    Unreadable,
}

/// A required key without a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyProblem {
    /// The key.
    pub key: KeyName,
    /// What is wrong.
    pub kind: ProblemKind,
    /// Why, as a sentence without a full stop.
    pub why: String,
}

/// What is wrong with a required key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ProblemKind {
    /// It is not set.
    Missing,
    /// It is set to nothing.
    Empty,
}

/// Something to know about a key that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyNote {
    /// The key.
    pub key: KeyName,
    /// A sentence without a full stop.
    pub note: String,
}

impl CheckReport {
    /// The report on these files.
    pub fn new(files: Vec<FileCheck>) -> Self {
        let complete = files.iter().all(|file| file.state != FileState::Unreadable && file.problems.is_empty());
        Self { complete, files }
    }

    /// Whether a file cannot be read, so that it is not known what is missing.
    pub fn is_faulty(&self) -> bool {
        self.files.iter().any(|file| file.state == FileState::Unreadable)
    }
}

impl FileCheck {
    /// Checks what was found at a file's place: its text, nothing, or why it cannot be read.
    pub fn new(file: &EnvFile, found: Result<Option<&str>, String>) -> Self {
        let mut check = Self {
            place: file.place(),
            state: FileState::Read,
            reason: None,
            present: Vec::new(),
            problems: Vec::new(),
            optional: Vec::new(),
            notes: Vec::new(),
        };
        let read = found.and_then(|found| match found {
            Some(text) => {
                read_found_file(&file.readers, text).map(Some).map_err(|rejected: Rejected| rejected.to_string())
            }
            None => Ok(None),
        });
        match read {
            Ok(read) => {
                if read.is_none() {
                    check.state = FileState::Absent;
                }
                file.keys.iter().for_each(|slot| check.check_key(&slot.key, slot.required, read.as_ref()));
            }
            Err(reason) => (check.state, check.reason) = (FileState::Unreadable, Some(reason)),
        }
        check
    }

    fn check_key(&mut self, key: &KeyName, required: bool, read: Option<&FoundFile>) {
        let (kind, why) = match read.map(|read| read.seen(key)) {
            None => (ProblemKind::Missing, "the file does not exist".to_owned()),
            Some(Seen::Missing(None)) => (ProblemKind::Missing, "no line of the file sets it".to_owned()),
            Some(Seen::Missing(Some(reader))) => {
                (ProblemKind::Missing, format!("{reader} does not take the line that sets it"))
            }
            Some(Seen::Text("")) => (ProblemKind::Empty, "its line has no value".to_owned()),
            Some(Seen::Text(_)) => return self.present.push(key.clone()),
            Some(Seen::Expanded(reader)) => {
                return self.note(key, format!("its value depends on other variables for {reader}"));
            }
            Some(Seen::Differs(one, other)) => {
                return self.note(key, format!("{one} and {other} read different values from its line"));
            }
            Some(Seen::Unclear) => {
                return self.note(key, "the file does more than set variables, so its value is not known".to_owned());
            }
        };
        if required {
            self.problems.push(KeyProblem { key: key.clone(), kind, why });
        } else {
            self.optional.push(key.clone());
        }
    }

    fn note(&mut self, key: &KeyName, note: String) {
        self.present.push(key.clone());
        self.notes.push(KeyNote { key: key.clone(), note });
    }
}
