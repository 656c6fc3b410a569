//! What is to be done with one file, decided before anything is written.

use super::dir::{Dir, FILE_BYTES, Owner, Problem};
use super::input::ApplyInput;
use super::links::Guest;
use super::manifest::FOLDER;
use super::staged::{Committed, Staged};
use domain::dotenv::block::{self, Change};
use domain::reader::{self, Reader};
use domain::report::{FileReport, Outcome};
use domain::spec::{EnvFile, EnvSpec, Mode};
use domain::{KeyName, RelativePath, SecretValue};
use zeroize::Zeroizing;

/// Why nothing can be read from or added to a file with NUL bytes.
pub(super) const NOT_TEXT: &str = "the file is not plain text (UTF-16?), so programs cannot read it; save it as UTF-8";

/// One file with what is to be done.
pub(super) struct Plan {
    /// What the report will say if all goes well; `Refused` where it cannot.
    pub report: FileReport,
    /// Whether the file has a block of Keyslot once the plan is carried out.
    pub keeps_block: bool,
    /// Whether it could not even be looked at: what an earlier run wrote may still stand there.
    pub retry: bool,
    change: Change,
    mode: u32,
    owner: Option<Owner>,
}

/// The lines for one file.
struct Body {
    lines: Zeroizing<Vec<u8>>,
    written: Vec<KeyName>,
    missing: Vec<KeyName>,
}

/// What the finished file must say to whom.
struct Proof<'a> {
    readers: Vec<Reader>,
    values: Vec<(&'a KeyName, &'a SecretValue)>,
}

impl Plan {
    /// For a file of the spec, and those that are symlinks to it.
    pub fn of_file(
        root: &Dir,
        spec: &EnvSpec,
        (file, guests): (&EnvFile, &[&Guest<'_>]),
        input: &ApplyInput,
        warnings: &mut Vec<String>,
    ) -> Self {
        let place = file.place();
        let in_the_way = spec.files.iter().map(EnvFile::place).find(|other| *other != place && other.holds(&place));
        if let Some(other) = in_the_way {
            return Self::refused(place, format!("the spec also has a file {other}, which cannot be a folder as well"));
        }
        if place.parts().next() == Some(FOLDER) {
            return Self::refused(place, format!("{FOLDER} is Keyslot's own folder; choose another place"));
        }
        let is_secret = |file: &EnvFile| file.mode == Mode::Secret;
        let secret = is_secret(file) || guests.iter().any(|guest| is_secret(guest.file));
        match body(file, guests, input) {
            Ok((body, proof)) => {
                let mode = if secret { Mode::Secret } else { file.mode };
                Self::plan_change(root, place, mode, body, &proof, warnings)
            }
            Err(reason) => Self::refused(place, reason),
        }
    }

    /// For a file of an earlier run that the spec no longer has.
    pub fn of_dropped(root: &Dir, place: RelativePath, warnings: &mut Vec<String>) -> Self {
        let nothing = Body { lines: Zeroizing::default(), written: Vec::new(), missing: Vec::new() };
        let proof = Proof { readers: Vec::new(), values: Vec::new() };
        Self::plan_change(root, place, Mode::Secret, nothing, &proof, warnings)
    }

    fn plan_change(
        root: &Dir,
        place: RelativePath,
        mode: Mode,
        body: Body,
        proof: &Proof<'_>,
        warnings: &mut Vec<String>,
    ) -> Self {
        let found = parent(root, &place).and_then(|dir| match dir {
            Some(dir) => dir.read(name(&place), FILE_BYTES),
            None => Ok(None),
        });
        let found = match found {
            Ok(found) => found,
            Err(problem) => {
                let retry = matches!(problem, Problem::System(_));
                return Self { retry, ..Self::refused(place, problem.to_string()) };
            }
        };
        let merged = block::merge(found.as_ref().map(|found| found.bytes.as_slice()), &body.lines);
        if let Err(reason) = proof.check(&merged) {
            return Self::refused(place, reason);
        }
        let keeps_block = !body.lines.is_empty();
        let locked = found.as_ref().map(|found| found.mode).filter(|mode| mode & 0o222 == 0);
        if let (true, Some(mode), Change::Text(_)) = (keeps_block, locked, &merged.change) {
            return Self::refused(place, Problem::ReadOnly(mode).to_string());
        }
        warn(&place, &merged, &body.written, warnings);
        // A group that was let in by hand keeps its right; everybody else loses theirs.
        let open = found.as_ref().is_some_and(|found| found.mode & 0o007 != 0);
        let tightened = keeps_block && mode == Mode::Secret && open;
        let change = match (merged.change, found.as_ref()) {
            (Change::Unchanged, Some(found)) if tightened => Change::Text(found.bytes.clone()),
            (change, _) => change,
        };
        let outcome = match &change {
            Change::Unchanged => Outcome::Unchanged,
            Change::Text(_) if keeps_block => Outcome::Written,
            Change::Text(_) | Change::RemoveFile => Outcome::Removed,
        };
        let mode = match &found {
            Some(found) if !tightened => found.mode,
            _ => 0o600,
        };
        let owner = found.as_ref().map(|found| found.owner);
        let Body { written, missing, .. } = body;
        let created = merged.created && (keeps_block || merged.had_block);
        let report = FileReport { place, outcome, reason: None, created, tightened, written, missing };
        Self { report, keeps_block, retry: false, change, mode, owner }
    }

    /// For a file that cannot be written.
    pub fn refused(place: RelativePath, reason: String) -> Self {
        let report = FileReport {
            place,
            outcome: Outcome::Refused,
            reason: Some(reason),
            created: false,
            tightened: false,
            written: Vec::new(),
            missing: Vec::new(),
        };
        Self { report, keeps_block: false, retry: false, change: Change::Unchanged, mode: 0o600, owner: None }
    }

    /// What becomes of the file's content.
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// Whether the file cannot be written.
    pub fn is_refused(&self) -> bool {
        self.report.outcome == Outcome::Refused
    }

    /// Turns the plan into a refusal, for a problem that came up while writing.
    pub fn refuse(&mut self, problem: &Problem) {
        self.report.outcome = Outcome::Refused;
        self.report.reason = Some(problem.to_string());
        self.report.written.clear();
        (self.report.created, self.report.tightened) = (false, false);
        self.keeps_block = false;
    }

    /// Writes the new content beside the file, making missing folders.
    pub fn stage(&self, root: &Dir) -> Result<Option<Staged>, Problem> {
        let Change::Text(text) = &self.change else { return Ok(None) };
        let dir = root.walk_or_make(folders(&self.report.place), 0o755)?;
        dir.stage(name(&self.report.place), text, self.mode, self.owner).map(Some)
    }

    /// Carries the plan out; what could not be done as planned is told.
    pub fn commit(&mut self, root: &Dir, staged: Option<Staged>, warnings: &mut Vec<String>) -> Result<(), Problem> {
        if let Some(staged) = staged {
            let Committed { in_place, mode } = staged.commit()?;
            let place = &self.report.place;
            if in_place {
                warnings.push(format!(
                    "{place} cannot be replaced in one step (it is a mount of its own, or somebody else's file), so it \
                     was written in place; a program that read it meanwhile may have seen half of it"
                ));
            }
            if self.report.tightened && mode & 0o007 != 0 {
                self.report.tightened = false;
                warnings.push(format!("{place} can be read by everybody on this machine (mode {mode:04o})"));
            }
            return Ok(());
        }
        let Some(dir) = parent(root, &self.report.place)? else { return Ok(()) };
        dir.remove_leftover(name(&self.report.place))?;
        if let Change::RemoveFile = self.change { dir.remove(name(&self.report.place)) } else { Ok(()) }
    }
}

impl Proof<'_> {
    /// Reads the finished file as its readers do: lines of others may keep them from reading Keyslot's.
    fn check(&self, merged: &block::Merged) -> Result<(), String> {
        let Change::Text(text) = &merged.change else { return Ok(()) };
        if self.values.is_empty() {
            return Ok(());
        }
        if text.contains(&0) {
            return Err(NOT_TEXT.to_owned());
        }
        // Single bytes of another encoding, as in old comments, disturb no line of Keyslot's.
        let [text, foreign] =
            [text, &merged.foreign].map(|bytes| Zeroizing::new(String::from_utf8_lossy(bytes).into_owned()));
        reader::prove(&self.readers, &foreign, &text, &self.values).map_err(|unproven| unproven.to_string())
    }
}

fn body<'a>(file: &'a EnvFile, guests: &[&Guest<'a>], input: &'a ApplyInput) -> Result<(Body, Proof<'a>), String> {
    let mut body = Body { lines: Zeroizing::default(), written: Vec::new(), missing: Vec::new() };
    let files = || std::iter::once(file).chain(guests.iter().map(|guest| guest.file));
    let mut proof = Proof { readers: common_readers(files()), values: Vec::new() };
    let mut lines = Vec::new();
    for (at, member) in files().enumerate() {
        let place = member.place();
        for slot in &member.keys {
            let known = || files().take(at).flat_map(|file| &file.keys).any(|other| other.key == slot.key);
            if at > 0 && known() {
                continue;
            }
            let Some(value) = input.value(&place, &slot.key) else {
                body.missing.push(slot.key.clone());
                continue;
            };
            let line = reader::assignment(&proof.readers, &slot.key, value);
            lines.push(line.map_err(|why| format!("{}: {why}", slot.key))?);
            body.written.push(slot.key.clone());
            proof.values.push((&slot.key, value));
        }
    }
    // The right capacity from the start: a growing vector leaves copies of the values behind.
    body.lines.reserve_exact(lines.iter().map(|line| line.len()).sum());
    lines.iter().for_each(|line| body.lines.extend_from_slice(line.as_bytes()));
    Ok((body, proof))
}

/// Every reader of every file; none where one of the files names none, which asks for what all of them read.
fn common_readers<'a>(files: impl Iterator<Item = &'a EnvFile>) -> Vec<Reader> {
    let mut all = Vec::new();
    for file in files {
        if file.readers.is_empty() {
            return Vec::new();
        }
        all.extend(file.readers.iter().copied().filter(|reader| !all.contains(reader)).collect::<Vec<_>>());
    }
    all
}

fn warn(place: &RelativePath, merged: &block::Merged, written: &[KeyName], warnings: &mut Vec<String>) {
    if merged.broken > 0 {
        warnings.push(format!(
            "{place}: the line that ends Keyslot's block was gone; the lines below its beginning were kept as yours and \
             may hold old values, look at them"
        ));
    }
    let foreign = block::foreign_keys(&merged.foreign);
    for key in written.iter().filter(|key| foreign.contains(key.as_str())) {
        warnings
            .push(format!("{place}: a line that is not Keyslot's also sets {key}; Keyslot's stands below it and wins"));
    }
}

/// The folder of a file; nothing where it does not exist.
pub(super) fn parent(root: &Dir, place: &RelativePath) -> Result<Option<Dir>, Problem> {
    root.walk(folders(place))
}

fn folders(place: &RelativePath) -> impl Iterator<Item = &str> {
    place.parts().take(place.depth().saturating_sub(1))
}

/// The file's name in its folder.
pub(super) fn name(place: &RelativePath) -> &str {
    place.parts().last().unwrap_or_default()
}
