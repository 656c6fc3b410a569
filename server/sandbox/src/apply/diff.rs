//! `keyslot env diff`: what `apply` would change, told without values. Reads only, and takes no lock.

use super::dir::FILE_BYTES;
use super::manifest::Manifest;
use super::plan::{Plan, name, parent};
use super::{ApplyError, ApplyInput, Workspace, exclude, order};
use domain::dotenv::block::{self, Change};
use domain::reader::{Family, Reader, Reading};
use domain::report::Outcome;
use domain::{EnvSpec, KeyName, RelativePath};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;
use zeroize::Zeroizing;

/// What `apply` would change: the document that is printed as JSON. Fields are only ever added to it.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffReport {
    /// Whether anything would change.
    pub differs: bool,
    /// The files, in the order of the spec; then files of earlier runs that would lose Keyslot's lines.
    pub files: Vec<FileDiff>,
    /// Exclude files of git that would change.
    pub excludes: Vec<String>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// What would happen to one file.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileDiff {
    /// Place of the file in the workspace.
    pub place: RelativePath,
    /// What would happen.
    pub change: FileChange,
    /// Why it cannot be written, as a sentence without a full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Keys that Keyslot's lines would set for the first time.
    pub added: Vec<KeyName>,
    /// Keys that would get another value.
    pub changed: Vec<KeyName>,
    /// Keys whose line of Keyslot's would go.
    pub removed: Vec<KeyName>,
    /// How many more would go whose names are not told: somebody edited Keyslot's lines, so a name may be a part of a
    /// value.
    pub others_removed: usize,
    /// Keys of the spec without a value.
    pub missing: Vec<KeyName>,
    /// Whether the file could no longer be read by everybody.
    pub tightened: bool,
}

/// What would happen to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FileChange {
    /// Nothing.
    None,
    /// It would be made.
    Create,
    /// Its lines of Keyslot's would be others.
    Update,
    /// Keyslot's lines would be taken out.
    Scrub,
    /// It would be removed: Keyslot made it, and nothing else is in it.
    Remove,
    /// It cannot be written.
    Refused,
}

impl DiffReport {
    /// Whether a file cannot be written.
    pub fn is_faulty(&self) -> bool {
        self.files.iter().any(|file| file.change == FileChange::Refused)
    }
}

/// Tells what [`super::apply`] would do with the same arguments.
pub fn diff(workspace: &Path, spec: &EnvSpec, values: &ApplyInput) -> Result<DiffReport, ApplyError> {
    let workspace = Workspace::open(workspace)?;
    let mut warnings = Vec::new();
    let earlier = Manifest::load(&workspace.root, &mut warnings)?;
    let (mut plans, guests) = workspace.plan(spec, values, &mut warnings);
    let linked = guests.iter().map(|guest| guest.file.place());
    let in_spec: BTreeSet<_> = plans.iter().map(|plan| plan.report.place.clone()).chain(linked).collect();
    let dropped = workspace.plan_dropped(&earlier, &in_spec, &mut warnings);
    plans.extend(dropped.into_iter().filter(|plan| plan.report.outcome != Outcome::Unchanged));
    let kept = super::places_with_block(&plans, &earlier);
    let excludes = exclude::outdated(&workspace.root, &workspace.path, &kept, &earlier.repositories, &mut warnings);
    let mut files: Vec<FileDiff> = plans.iter().map(|plan| workspace.compare(spec, plan)).collect();
    files.sort_by_key(|file| order(spec, &file.place));
    let differs = !excludes.is_empty() || files.iter().any(|file| file.change != FileChange::None);
    Ok(DiffReport { differs, files, excludes, warnings })
}

impl Workspace {
    fn compare(&self, spec: &EnvSpec, plan: &Plan) -> FileDiff {
        let report = &plan.report;
        let mut diff = FileDiff {
            place: report.place.clone(),
            change: FileChange::None,
            reason: report.reason.clone(),
            added: Vec::new(),
            changed: Vec::new(),
            removed: Vec::new(),
            others_removed: 0,
            missing: report.missing.clone(),
            tightened: report.tightened,
        };
        if plan.is_refused() {
            diff.change = FileChange::Refused;
            return diff;
        }
        let dir = parent(&self.root, &report.place).ok().flatten();
        let found = dir.and_then(|dir| dir.read(name(&report.place), FILE_BYTES).ok().flatten());
        diff.change = match (plan.change(), &found) {
            (Change::Unchanged, _) => return diff,
            (Change::RemoveFile, _) => FileChange::Remove,
            (Change::Text(_), None) => FileChange::Create,
            (Change::Text(_), Some(_)) if plan.keeps_block => FileChange::Update,
            (Change::Text(_), Some(_)) => FileChange::Scrub,
        };
        let readers = spec.files.iter().find(|file| file.place() == report.place).map(|file| &file.readers[..]);
        let readers = readers.unwrap_or_default();
        let before = found.map(|found| block::own_lines(&found.bytes)).unwrap_or_default();
        let before: Vec<_> = readings(readers, &before).collect();
        let after = match plan.change() {
            Change::Text(text) => readings(readers, &block::own_lines(text)).next(),
            Change::Unchanged | Change::RemoveFile => None,
        };
        let first = before.first();
        for key in &report.written {
            let name = key.as_str();
            let text = after.as_ref().and_then(|after| after.text(name));
            if !first.is_some_and(|before| before.keys().any(|known| known == name)) {
                diff.added.push(key.clone());
            } else if !before.iter().any(|before| before.text(name) == text) {
                diff.changed.push(key.clone());
            }
        }
        let Some(first) = first else { return diff };
        for gone in first.keys().filter(|name| !report.written.iter().any(|key| key.as_str() == *name)) {
            match named(gone, first, &report.missing) {
                Some(key) => diff.removed.push(key),
                None => diff.others_removed += 1,
            }
        }
        diff
    }
}

/// What Keyslot's lines say. Earlier ones may have been written for other readers, so every one that takes them is asked,
/// those of the file first.
fn readings(readers: &[Reader], lines: &[u8]) -> impl Iterator<Item = Reading> {
    let text = Zeroizing::new(String::from_utf8_lossy(lines).into_owned());
    let all = Reader::ALL.iter().flat_map(|reader| reader.families()).copied();
    let families = Reader::families_of(readers).into_iter().chain(Reader::families_of(&[])).chain(all);
    families.filter_map(move |family: Family| family.read(&text).ok())
}

/// The name of a key whose line goes, unless it may be a piece of something else: lines that somebody pasted between
/// Keyslot's may look like assignments, as those of a key in base64 do.
fn named(name: &str, reading: &Reading, missing: &[KeyName]) -> Option<KeyName> {
    let key = KeyName::new(name).ok()?;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let has_value = reading.text(name).is_some_and(|text| !text.trim_matches('=').is_empty());
    (missing.contains(&key) || is_plain && has_value).then_some(key)
}
