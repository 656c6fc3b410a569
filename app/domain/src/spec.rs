//! The env spec: which files a project needs and which keys stand in them.
//!
//! This is also the wire form (camelCase JSON) that agents send to `save_env_files`. In a file `workspacePath`, `path`,
//! `format`, `mode` and `keys`, in a key `key` and `required` are the older form and always stay accepted.

use super::file_readers::ReaderEvidence;
#[cfg(feature = "schema")]
use super::limits;
use super::reader::Reader;
use super::{KeyName, RelativePath, spec_check};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Which env files a configuration needs, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvSpec {
    /// The files; no two at the same place.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::FILES)))]
    pub files: Vec<EnvFile>,
}

/// One env file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvFile {
    /// Folder of the workspace that the file belongs to, usually where a repository is checked out.
    #[serde(default = "RelativePath::root")]
    pub workspace_path: RelativePath,
    /// Path of the file below `workspace_path`; the two together have at most 500 characters.
    #[cfg_attr(feature = "schema", schemars(with = "super::schema::FilePath"))]
    pub path: RelativePath,
    /// How the file is written.
    #[serde(default)]
    pub format: Format,
    /// Whether its values are secrets or plain settings.
    #[serde(default)]
    pub mode: Mode,
    /// The programs that read the file; without any, it is written so that every common one reads the same bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::READERS)))]
    pub readers: Vec<Reader>,
    /// What of the checkout shows which programs read it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::EVIDENCE)))]
    pub reader_evidence: Vec<ReaderEvidence>,
    /// The keys, in the order in which they are written; no key twice.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::KEYS_PER_FILE)))]
    pub keys: Vec<Slot>,
}

/// One key of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Slot {
    /// The variable's name.
    pub key: KeyName,
    /// Whether the project does not run without it.
    #[serde(default = "yes")]
    pub required: bool,
    /// What the value is and where to get it, in a person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::DESCRIPTION_CHARS)))]
    pub description: Option<String>,
    /// `http` or `https` address of a page that explains the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(length(max = limits::URL_CHARS), regex(pattern = super::schema::WEB_ADDRESS))
    )]
    pub documentation_url: Option<String>,
    /// Value used when nobody gave one; never for a sensitive key of a secret file. At most 262144 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(length(max = limits::VALUE_BYTES), regex(pattern = super::schema::WITHOUT_NUL))
    )]
    pub default: Option<String>,
    /// Values offered as buttons; never secrets. Each has at most 262144 bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(
        feature = "schema",
        schemars(
            length(max = limits::SUGGESTIONS),
            inner(length(max = limits::VALUE_BYTES), regex(pattern = super::schema::WITHOUT_NUL))
        )
    )]
    pub suggestions: Vec<String>,
    /// How to make a random value, for keys that only need to be random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<Generate>,
    /// Where the code uses or declares the key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::EVIDENCE)))]
    pub evidence: Vec<Evidence>,
    /// Whether the value is hidden while it is typed; told from the file's mode and the key's name when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<bool>,
}

/// A place in the checkout that shows why a key is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// Path of the file, below the workspace.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::PATH_CHARS)))]
    pub path: String,
    /// Line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = u32::MAX)))]
    pub line: Option<u32>,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `KEY=value` lines, spelled so that the file's readers get the same bytes.
    #[default]
    Dotenv,
}

/// Whether a file's values are secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Values are hidden, and scrubbed before a snapshot.
    #[default]
    Secret,
    /// Plain settings: kept in snapshots, may have defaults.
    Shared,
}

/// Shape of a random value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Generate {
    /// 16 random bytes as 32 hexadecimal digits.
    Hex16,
    /// 32 random bytes as 64 hexadecimal digits.
    Hex32,
    /// 64 random bytes as 128 hexadecimal digits.
    Hex64,
    /// 32 random bytes in base64.
    Base64,
    /// A random UUID (version 4).
    Uuid,
}

/// Everything that is wrong with a spec; the spec is refused whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// Each problem with its field; never empty.
    pub problems: Vec<FieldProblem>,
}

/// One problem of a spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldProblem {
    /// Path of the field, such as `files[0].keys[2].key`.
    pub field: String,
    /// What is wrong and what to do, as a sentence without a full stop.
    pub problem: String,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}: {}", problem.field, problem.problem)?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecError {}

impl EnvSpec {
    /// Reads the wire form and checks every rule; on any problem the whole spec is refused.
    pub fn from_json(json: &str) -> Result<Self, SpecError> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let spec: Self = serde_path_to_error::deserialize(&mut reader).map_err(|error| SpecError {
            problems: vec![FieldProblem {
                field: error.path().to_string(),
                problem: without_what_was_sent(&error.inner().to_string()),
            }],
        })?;
        reader.end().map_err(|error| SpecError {
            problems: vec![FieldProblem { field: ".".to_owned(), problem: error.to_string() }],
        })?;
        spec.checked()
    }

    /// Checks every rule that the types alone do not hold: limits, duplicates, file names.
    pub fn checked(self) -> Result<Self, SpecError> {
        let problems = spec_check::problems(&self);
        if problems.is_empty() { Ok(self) } else { Err(SpecError { problems }) }
    }

    /// The keys that any file names, each once.
    pub fn key_names(&self) -> BTreeSet<KeyName> {
        self.files.iter().flat_map(|file| &file.keys).map(|slot| slot.key.clone()).collect()
    }

    /// Number of slots in all files.
    pub fn slot_count(&self) -> usize {
        self.files.iter().map(|file| file.keys.len()).sum()
    }

    /// What changed from `self` to `newer`, by file place and key.
    pub fn diff(&self, newer: &EnvSpec) -> SpecDiff {
        let index = |spec: &EnvSpec| -> BTreeMap<(RelativePath, KeyName), Slot> {
            let slots = spec.files.iter().flat_map(|file| {
                let place = file.place();
                file.keys.iter().map(move |slot| ((place.clone(), slot.key.clone()), slot.clone()))
            });
            slots.collect()
        };
        let (old, new) = (index(self), index(newer));
        let only = |from: &BTreeMap<_, _>, not_in: &BTreeMap<_, Slot>| -> Vec<SlotRef> {
            let keys = from.keys().filter(|at| !not_in.contains_key(*at));
            keys.map(|(file, key): &(RelativePath, KeyName)| SlotRef { file: file.clone(), key: key.clone() }).collect()
        };
        let changed = new.iter().filter(|(at, slot)| old.get(*at).is_some_and(|before| before != *slot));
        SpecDiff {
            added: only(&new, &old),
            removed: only(&old, &new),
            changed: changed.map(|((file, key), _)| SlotRef { file: file.clone(), key: key.clone() }).collect(),
        }
    }
}

impl EnvFile {
    /// Where the file lies, from the workspace down.
    pub fn place(&self) -> RelativePath {
        self.workspace_path.join(&self.path)
    }
}

/// What one save of a spec changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecDiff {
    /// Slots that are new.
    pub added: Vec<SlotRef>,
    /// Slots that are gone.
    pub removed: Vec<SlotRef>,
    /// Slots whose details differ.
    pub changed: Vec<SlotRef>,
}

/// Names one slot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SlotRef {
    /// Place of the file in the workspace.
    pub file: RelativePath,
    /// Its key.
    pub key: KeyName,
}

/// The reader's message without the text or number that it found: that may be a value in the wrong place.
fn without_what_was_sent(message: &str) -> String {
    let begins = ["invalid type: ", "invalid value: ", "unknown variant "];
    let wrong = begins.iter().find(|begin| message.starts_with(**begin));
    match (wrong, message.rsplit_once(", expected ")) {
        (Some(begin), Some((_, expected))) => {
            format!("{}, expected {expected}", begin.trim_end_matches([':', ' ']))
        }
        _ => message.to_owned(),
    }
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(json: &str) -> EnvSpec {
        EnvSpec::from_json(json).expect("a good spec")
    }

    #[test]
    fn the_older_form_is_accepted() {
        let older = spec(
            r#"{"files":[{"workspacePath":".","path":".env","format":"dotenv","mode":"secret",
                "keys":[{"key":"A","required":false}]}]}"#,
        );
        assert_eq!(older.files[0].place().as_str(), ".env");
        assert!(!older.files[0].keys[0].required);
    }

    #[test]
    fn what_is_saved_reads_back_the_same() {
        let full = r#"{"files":[{"workspacePath":"apps/web","path":".env.local","format":"dotenv","mode":"shared","readers":["next","compose"],
            "keys":[{"key":"A","required":true,"description":"d","documentationUrl":"https://x.test/",
            "default":"1","suggestions":["1","2"],"generate":"hex32","evidence":[{"path":"src/a.ts","line":4}],"secret":false}]}]}"#;
        let first = spec(full);
        let again = serde_json::to_string(&first).expect("a spec serializes");
        assert_eq!(spec(&again), first);
    }

    #[test]
    fn a_misspelt_or_mistyped_field_is_named() {
        let error = EnvSpec::from_json(r#"{"files":[{"path":".env","keys":[{"key":"A","requird":true}]}]}"#)
            .expect_err("a misspelt field");
        assert_eq!(error.problems[0].field, "files[0].keys[0].requird");
        let error = EnvSpec::from_json(r#"{"files":[{"path":"/etc/x","keys":[]}]}"#).expect_err("an absolute path");
        assert_eq!(error.problems[0].field, "files[0].path");
        assert!(error.to_string().contains("relative to the workspace"), "{error}");
    }

    #[test]
    fn a_diff_names_slots_that_came_went_or_changed() {
        let old = spec(r#"{"files":[{"path":".env","keys":[{"key":"A"},{"key":"B"}]}]}"#);
        let new = spec(r#"{"files":[{"path":".env","keys":[{"key":"B","required":false},{"key":"C"}]}]}"#);
        let keys = |slots: &[SlotRef]| slots.iter().map(|slot| slot.key.to_string()).collect::<Vec<_>>();
        let diff = old.diff(&new);
        assert_eq!((keys(&diff.added), keys(&diff.removed)), (vec!["C".to_owned()], vec!["A".to_owned()]));
        assert_eq!(keys(&diff.changed), ["B"]);
        assert_eq!(old.diff(&old), SpecDiff::default());
    }
}
