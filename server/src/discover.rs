//! Finds out which env files a checkout needs: from its example files, its code, and the files that describe how it
//! runs.
//!
//! Part of the small `keyslot` program, so it needs no server code. What example files say is read by
//! [`app::domain::discover`]; which of them counts is decided in [`variants`], whether a key is required in
//! [`assemble`].

mod assemble;
mod code;
mod config;
mod kind;
mod loads;
mod mention;
mod names;
mod packages;
mod variants;
mod walk;

pub use assemble::Unlisted;
pub use variants::Variant;

use app::domain::discover::{self as examples, Example, ExampleValue};
use app::domain::{EnvSpec, KeyName, RelativePath};
use assemble::Mentions;
use kind::Kind;
use loads::Load;
use mention::{Found, Mention, Origin};
use packages::Packages;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walk::Entry;

/// What a checkout says about its env files.
#[derive(Debug, Serialize)]
pub struct Discovery {
    /// The spec; always passes [`EnvSpec::checked`].
    pub spec: EnvSpec,
    /// Each example file that is used, and how many different keys stand in it.
    pub read: Vec<(RelativePath, usize)>,
    /// Example files that are not used, and which is used in their place.
    pub variants: Vec<Variant>,
    /// What the values of the example files are, by file and key.
    pub values: BTreeMap<RelativePath, BTreeMap<KeyName, ExampleValue>>,
    /// Keys that code reads and that no file lists, because the project runs without them.
    pub unlisted: Vec<Unlisted>,
    /// Folders that were passed over, and why.
    pub folders: Vec<(String, String)>,
    /// What was found and not used: where (`path` or `path:line`), and why.
    pub skipped: Vec<(String, String)>,
    /// How many files were read.
    pub files: usize,
}

/// Why a checkout cannot be searched.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// The workspace is missing or no folder.
    #[error("{0} is not a folder; give the folder of the checkout")]
    NoFolder(PathBuf),
    /// The workspace itself cannot be listed.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
}

/// Searches a workspace, without following symbolic links.
///
/// `repositories` are the folders of the workspace in which repositories are checked out: a file belongs to the deepest
/// that holds it, else to the workspace itself. The order is always the same: upper folders first, then by name.
pub fn discover(workspace: &Path, repositories: &[RelativePath]) -> Result<Discovery, DiscoverError> {
    if !workspace.is_dir() {
        return Err(DiscoverError::NoFolder(workspace.to_owned()));
    }
    std::fs::read_dir(workspace).map_err(|error| DiscoverError::Unreadable(workspace.to_owned(), error))?;
    let mut seen = Seen::default();
    for entry in walk::walk(workspace, |path, kind, bytes| read(workspace, path, kind, bytes)) {
        match entry {
            Entry::Read(_, Ok(part)) => seen.take(part),
            Entry::Read(path, Err(reason)) => seen.skipped.push((below(workspace, &path), reason)),
            Entry::Skipped(path, reason) if path.is_dir() && path != workspace => {
                seen.folders.push((below(workspace, &path), reason))
            }
            Entry::Skipped(path, reason) => seen.skip(below(workspace, &path), reason),
        }
    }
    Ok(seen.assemble(repositories))
}

/// What one file says.
struct Part {
    path: Arc<RelativePath>,
    kind: Kind,
    /// The text of an example.
    text: Option<String>,
    found: Vec<Found>,
    loads: Vec<Load>,
    loads_env: bool,
}

/// Reads one file; runs on every core.
fn read(workspace: &Path, path: &Path, kind: Kind, bytes: &[u8]) -> Result<Part, String> {
    let place = path.strip_prefix(workspace).ok().and_then(Path::to_str).ok_or("the path is not UTF-8")?;
    let place = Arc::new(RelativePath::file(place).map_err(|error| error.to_string())?);
    let mut part =
        Part { path: Arc::clone(&place), kind, text: None, found: Vec::new(), loads: Vec::new(), loads_env: false };
    match kind {
        Kind::Example => {
            part.text = Some(String::from_utf8(bytes.to_vec()).map_err(|_| "is not UTF-8 text".to_owned())?)
        }
        // A file with a zero byte is no text, whatever its name says.
        _ if memchr::memchr(0, &bytes[..bytes.len().min(8_000)]).is_some() => {}
        Kind::Code(language) => {
            part.found = code::read(bytes, language);
            if packages::may_copy(bytes) {
                part.loads = loads::read(&place, bytes);
            }
        }
        _ => {
            let text = String::from_utf8_lossy(bytes);
            part.found = config::read(kind, &text);
            part.loads = loads::read(&place, bytes);
        }
    }
    part.loads_env = packages::loads_env(place.as_str(), bytes);
    Ok(part)
}

/// Everything that was seen.
#[derive(Default)]
struct Seen {
    examples: Vec<(RelativePath, String)>,
    mentions: Vec<Mention>,
    loads: Vec<Load>,
    packages: Packages,
    folders: Vec<(String, String)>,
    skipped: Vec<(String, String)>,
    files: usize,
}

impl Seen {
    fn take(&mut self, part: Part) {
        self.files += 1;
        if let Some(text) = part.text {
            self.examples.push((RelativePath::clone(&part.path), text));
        }
        self.packages.take(part.path.as_str(), part.kind, part.loads_env);
        let aside = kind::is_aside(part.path.as_str());
        self.mentions.extend(part.found.into_iter().map(|found| {
            let mention = found.at(&part.path);
            Mention { origin: if aside { Origin::Aside } else { mention.origin }, ..mention }
        }));
        self.loads.extend(part.loads);
    }

    /// Files that could not be read count only where something is lost with them.
    fn skip(&mut self, path: String, reason: String) {
        self.skipped.push((path, reason));
    }

    fn assemble(mut self, repositories: &[RelativePath]) -> Discovery {
        let root = RelativePath::root();
        self.examples.sort_by(|(a, _), (b, _)| (a.depth(), a).cmp(&(b.depth(), b)));
        self.mentions.sort_by(|a, b| (a.path.depth(), &a.path, a.line).cmp(&(b.path.depth(), &b.path, b.line)));
        self.loads.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
        let owner = |place: &RelativePath| owner(repositories, &root, place);
        let mut places: BTreeSet<&RelativePath> = self.mentions.iter().map(|mention| owner(&mention.path)).collect();
        places.extend(self.examples.iter().map(|(path, _)| owner(path)));
        let (mut chosen, mut variants) = (Vec::new(), Vec::new());
        for place in &places {
            let own: Vec<RelativePath> =
                self.examples.iter().map(|(path, _)| path).filter(|path| owner(path) == *place).cloned().collect();
            let loads: Vec<Load> = self.loads.iter().filter(|load| owner(&load.path) == *place).cloned().collect();
            let (used, left) = variants::choose(place, &own, &loads, |folder| self.packages.loads(folder, place));
            chosen.extend(used);
            variants.extend(left);
        }
        chosen.sort_by(|a, b| (a.source.depth(), &a.source).cmp(&(b.source.depth(), &b.source)));
        let text =
            |source: &RelativePath| self.examples.iter().find(|(path, _)| path == source).map_or("", |(_, text)| text);
        let given: Vec<Example> = chosen
            .iter()
            .map(|chosen| Example {
                source: &chosen.source,
                repository: owner(&chosen.source),
                real: &chosen.real,
                text: text(&chosen.source),
            })
            .collect();
        let mut found = examples::discover(&given);
        let values = values(&found);
        let mut unlisted = Vec::new();
        for place in places {
            let mut mentions = Mentions::new();
            for mention in self.mentions.iter().filter(|mention| owner(&mention.path) == place) {
                mentions.entry(mention.key.clone()).or_default().push(mention.clone());
            }
            let (mut own, mut said) = (EnvSpec::default(), Vec::new());
            let mut rest = EnvSpec::default();
            let mut rest_said = Vec::new();
            for (file, said_of_file) in found.spec.files.into_iter().zip(found.said) {
                if owner(&file.place()) == place {
                    own.files.push(file);
                    said.push(said_of_file);
                } else {
                    rest.files.push(file);
                    rest_said.push(said_of_file);
                }
            }
            assemble::decide_listed(&mut own, &said, &mentions);
            let known = self.known(&own, |path| owner(path) == place);
            unlisted.extend(assemble::add_unlisted(&mut own, &known, &mentions, |path| {
                assemble::dotenv_of(&self.packages.home(path.as_str(), place), place)
            }));
            // Only the lengths of what was decided already matter from here on.
            said.resize(own.files.len(), Vec::new());
            rest.files.extend(own.files);
            rest_said.extend(said);
            (found.spec, found.said) = (rest, rest_said);
        }
        found.spec.files.sort_by(|a, b| (a.place().depth(), a.place()).cmp(&(b.place().depth(), b.place())));
        let mut skipped = std::mem::take(&mut self.skipped);
        skipped.extend(found.skipped);
        skipped.extend(examples::cut_to_limits(&mut found.spec));
        skipped.sort();
        self.folders.sort();
        Discovery {
            spec: found.spec,
            read: found.read,
            variants,
            values,
            unlisted,
            folders: self.folders,
            skipped,
            files: self.files,
        }
    }

    /// Every key that an example of the repository lists, in a file that is used or in a variant.
    fn known(&self, spec: &EnvSpec, is_own: impl Fn(&RelativePath) -> bool) -> BTreeSet<String> {
        let mut known: BTreeSet<String> =
            spec.files.iter().flat_map(|file| &file.keys).map(|slot| slot.key.to_string()).collect();
        for (_, text) in self.examples.iter().filter(|(path, _)| is_own(path)) {
            let entries = app::domain::dotenv::read::read(text).into_iter();
            known.extend(entries.filter_map(|entry| entry.key.ok()).map(String::from));
        }
        known
    }
}

/// The deepest repository that holds a place, else the workspace itself.
fn owner<'a>(repositories: &'a [RelativePath], root: &'a RelativePath, place: &RelativePath) -> &'a RelativePath {
    let above = repositories.iter().filter(|repository| repository.holds(place));
    above.max_by_key(|repository| repository.depth()).unwrap_or(root)
}

fn values(found: &examples::Discovered) -> BTreeMap<RelativePath, BTreeMap<KeyName, ExampleValue>> {
    let files = found.spec.files.iter().zip(&found.said).map(|(file, said)| {
        let keys = file.keys.iter().zip(said).map(|(slot, said)| (slot.key.clone(), said.value));
        (file.place(), keys.collect())
    });
    files.collect()
}

/// The path below the workspace, for a person.
fn below(workspace: &Path, path: &Path) -> String {
    path.strip_prefix(workspace).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests;
