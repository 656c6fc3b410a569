//! Finds the example env files of a checkout and derives the env spec from them.
//!
//! Part of the small `keyslot` program, so it needs no server code; the rules are in [`domain::discover`].

use crate::walk::{Entry, Obstacle, Walk};
use domain::discover::{self, Example, Sign};
use domain::{EnvSpec, RelativePath};
use rustix::fs::FileType;
use serde::Serialize;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest example file that is read, in bytes.
const FILE_BYTES: u64 = 1024 * 1024;
/// Largest file that is looked through for who reads env files, in bytes.
const SIGN_BYTES: u64 = 256 * 1024;
/// How many such files are looked through.
const SIGNS: usize = 500;
/// Folders that hold other people's or generated files; whatever lies in them says nothing about the project.
const PASSED_OVER: [&str; 19] = [
    ".git",
    "node_modules",
    "bower_components",
    "vendor",
    "target",
    "dist",
    ".venv",
    "venv",
    "__pycache__",
    ".tox",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".turbo",
    ".yarn",
    ".pnpm-store",
    ".terraform",
    ".cache",
    "Pods",
];

/// What a checkout says about its env files.
#[derive(Debug, Serialize)]
pub struct Discovery {
    /// The spec; always passes [`EnvSpec::checked`]. No files if there is no example.
    pub spec: EnvSpec,
    /// Each example file, and how many different keys stand in it.
    pub read: Vec<(RelativePath, usize)>,
    /// What was found and not used: where (`path` or `path:line`), and why.
    pub skipped: Vec<(String, String)>,
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

/// Searches a workspace for example env files, without following symbolic links.
///
/// `repositories` are the folders of the workspace in which repositories are checked out: a file belongs to the deepest
/// that holds it, else to the workspace itself. The order is always the same: upper folders first, then by name.
pub fn discover(workspace: &Path, repositories: &[RelativePath]) -> Result<Discovery, DiscoverError> {
    if !workspace.is_dir() {
        return Err(DiscoverError::NoFolder(workspace.to_owned()));
    }
    let unreadable = |error| DiscoverError::Unreadable(workspace.to_owned(), std::io::Error::from(error));
    let walk = Walk::of(workspace).map_err(unreadable)?;
    let mut skipped = Vec::new();
    let mut texts = Vec::new();
    let Tree { examples, signs } = read_tree(walk, &mut skipped);
    for (source, text) in examples {
        match text {
            Ok(text) => texts.push((source, text)),
            Err(reason) => skipped.push((source.to_string(), reason)),
        }
    }
    let root = RelativePath::root();
    let owner = |source: &RelativePath| {
        let above = repositories.iter().filter(|repository| repository.holds(source));
        above.max_by_key(|repository| repository.depth()).unwrap_or(&root)
    };
    let examples: Vec<Example> =
        texts.iter().map(|(source, text)| Example { source, repository: owner(source), text }).collect();
    let signs: Vec<Sign> = signs.iter().map(|(source, text)| Sign { source, text }).collect();
    let found = discover::discover(&examples, &signs);
    skipped.extend(found.skipped);
    Ok(Discovery { spec: found.spec, read: found.read, skipped })
}

/// An example env file with its content, or why that is not used.
type Found = (RelativePath, Result<String, String>);

/// What a tree holds that says something about env files.
struct Tree {
    examples: Vec<Found>,
    /// The files that show who reads env files.
    signs: Vec<(RelativePath, String)>,
}

/// Reads the example env files of a tree, in their order, and the files that show who reads them. Examples that cannot be
/// used are added to `skipped`.
fn read_tree(mut walk: Walk, skipped: &mut Vec<(String, String)>) -> Tree {
    let (mut found, mut signs) = (Vec::new(), Vec::new());
    while let Some(entry) = walk.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                skipped.push((error.path.display().to_string(), error.reason.to_string()));
                continue;
            }
        };
        if entry.kind() == FileType::Directory {
            if PASSED_OVER.iter().any(|name| entry.name() == *name) {
                walk.pass_over();
            }
            continue;
        }
        let name = entry.name().to_string_lossy();
        if let Some(sign) = sign(&entry, &name).filter(|_| signs.len() < SIGNS) {
            signs.push(sign);
            continue;
        }
        // The name decides whether it is an example; a strange folder above it must not hide it from `skipped`.
        if !RelativePath::new(&name).is_ok_and(|name| discover::real_path(&name).is_some()) {
            continue;
        }
        let shown = entry.path().display().to_string();
        match entry.path().to_str().map(RelativePath::file) {
            Some(Ok(source)) if entry.kind() == FileType::RegularFile => found.push((source, text(&entry, FILE_BYTES))),
            Some(Ok(_)) => skipped.push((shown, "is a symbolic link or a special file".to_owned())),
            Some(Err(error)) => skipped.push((shown, error.to_string())),
            None => skipped.push((shown, "the path is not UTF-8".to_owned())),
        }
    }
    found.sort_by(|(a, _), (b, _)| (a.depth(), a).cmp(&(b.depth(), b)));
    signs.sort_by(|(a, _), (b, _)| (a.depth(), a).cmp(&(b.depth(), b)));
    Tree { examples: found, signs }
}

/// A file that may show who reads env files. One that cannot be read shows nothing.
fn sign(entry: &Entry, name: &str) -> Option<(RelativePath, String)> {
    let named = entry.kind() == FileType::RegularFile && discover::is_sign(&RelativePath::new(name).ok()?);
    let source = named.then(|| entry.path().to_str().and_then(|path| RelativePath::file(path).ok()))??;
    Some((source, text(entry, SIGN_BYTES).ok()?))
}

/// The content of a file, or why it is not used.
fn text(entry: &Entry, limit: u64) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = entry.open().map_err(|error: Obstacle| error.to_string())?;
    // The length is checked on what was read, because a file can grow between looking and reading.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err("is larger than 1 MiB".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())
}

#[cfg(test)]
mod tests;
