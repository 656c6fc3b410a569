//! Keeps what Keyslot writes out of git: a block in `info/exclude` of the repository that a file lies in.

use super::dir::{Dir, FILE_BYTES, Owner, Problem};
use super::ignored;
use super::index::Index;
use super::manifest::FOLDER;
use super::path::resolve;
use domain::RelativePath;
use domain::dotenv::block::{self, Change, Merged};
use domain::report::Excluded;
use rustix::fs::FileType;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a run that was killed may leave behind.
const TEMPORARY: &str = ".keyslot-*.tmp";
const INDEX_BYTES: u64 = 64 * 1024 * 1024;
const POINTER_BYTES: u64 = 8 * 1024;

/// A repository in the workspace.
struct Repository {
    folder: RelativePath,
    /// Parts of the path, from the workspace, to the folder with `index`.
    git: Vec<String>,
    /// Parts of the path, from the workspace, to the folder with `info/exclude`; differs from `git` in a worktree.
    common: Vec<String>,
}

/// What became of the exclude files.
pub(super) struct Updated {
    /// The lines that stand in them.
    pub excluded: Vec<Excluded>,
    /// Folders of repositories whose exclude file could not be brought up to date: the next run tries again.
    pub failed: BTreeSet<RelativePath>,
}

/// Lists the files in the exclude files of their repositories, and takes the block out of `earlier` repositories that
/// have none of them any more. Nothing here stops a run: what cannot be done becomes a warning.
pub(super) fn update(
    root: &Dir,
    workspace: &Path,
    files: &BTreeSet<RelativePath>,
    earlier: &BTreeSet<RelativePath>,
    warnings: &mut Vec<String>,
) -> Updated {
    let (blocks, mut failed) = wanted(root, workspace, files, earlier, warnings);
    let mut excluded = Vec::new();
    for (common, Wanted { mut block, earlier }) in blocks {
        match write(root, &common, &mut block.patterns) {
            Ok(()) if block.patterns.is_empty() => {}
            Ok(()) => excluded.push(block),
            Err(why) => {
                warnings.push(format!("git's exclude file in {} is not written: {why}", common.join("/")));
                failed.extend(block.repositories.into_iter().chain(earlier));
            }
        }
    }
    Updated { excluded, failed }
}

/// The exclude files that [`update`] would change.
pub(super) fn outdated(
    root: &Dir,
    workspace: &Path,
    files: &BTreeSet<RelativePath>,
    earlier: &BTreeSet<RelativePath>,
    warnings: &mut Vec<String>,
) -> Vec<String> {
    let mut outdated = Vec::new();
    for (common, mut wanted) in wanted(root, workspace, files, earlier, warnings).0 {
        match plan(root, &common, &mut wanted.block.patterns) {
            Ok((_, merged, ..)) if merged.change == Change::Unchanged => {}
            Ok(_) => outdated.push(way(&common).chain(["exclude"]).collect::<Vec<_>>().join("/")),
            Err(why) => warnings.push(format!("git's exclude file in {} is not written: {why}", common.join("/"))),
        }
    }
    outdated
}

/// The block of one exclude file.
#[derive(Default)]
struct Wanted {
    block: Excluded,
    /// Folders of the repositories that had one.
    earlier: Vec<RelativePath>,
}

/// The lines that each exclude file should have, by the folder that holds `info/exclude`; and the earlier repositories
/// that cannot be looked at.
fn wanted(
    root: &Dir,
    workspace: &Path,
    files: &BTreeSet<RelativePath>,
    earlier: &BTreeSet<RelativePath>,
    warnings: &mut Vec<String>,
) -> (BTreeMap<Vec<String>, Wanted>, BTreeSet<RelativePath>) {
    let mut blocks: BTreeMap<Vec<String>, Wanted> = BTreeMap::new();
    // An index may be large, and many files lie in one repository: each is read once.
    let mut indexes = BTreeMap::new();
    let own =
        (!files.is_empty()).then(|| format!("{FOLDER}/applied.json")).and_then(|own| RelativePath::new(&own).ok());
    for place in files.iter().chain(&own) {
        match containing(root, workspace, place) {
            Ok(Some(repository)) => {
                let inside = place.parts().skip(repository.folder.depth()).collect::<Vec<_>>().join("/");
                let index = indexes.entry(repository.git.clone()).or_insert_with(|| read_index(root, &repository.git));
                match index {
                    Ok(parts) if !parts.iter().any(|part| part.has(&inside)) => {}
                    Ok(_) => warnings.push(format!(
                        "git tracks {place}, so its values would be committed; run `git rm --cached` on it"
                    )),
                    Err(why) => warnings.push(format!("whether git tracks {place} is not known: {why}")),
                }
                if let Some(line) = ignored::brought_back(root, &repository.folder, place) {
                    warnings.push(format!(
                        "git would add {place}, because {line} takes it out of the files that are ignored; change that \
                         line"
                    ));
                }
                let line = if own.as_ref() == Some(place) { format!("/{FOLDER}/") } else { pattern(&inside) };
                let block = &mut blocks.entry(repository.common).or_default().block;
                block.patterns.extend([TEMPORARY.to_owned(), line]);
                block.repositories.push(repository.folder);
            }
            Ok(None) => {}
            Err(why) => warnings.push(format!("{place} is not listed in git's exclude file: {why}")),
        }
    }
    let mut failed = BTreeSet::new();
    for folder in earlier {
        match at(root, workspace, folder) {
            Ok(Some(repository)) => blocks.entry(repository.common).or_default().earlier.push(folder.clone()),
            Ok(None) => {}
            Err(why) => {
                warnings.push(format!("the lines in git's exclude file of {folder} are not looked at: {why}"));
                failed.insert(folder.clone());
            }
        }
    }
    for Wanted { block, .. } in blocks.values_mut() {
        block.patterns.sort();
        block.patterns.dedup();
        block.repositories.sort();
        block.repositories.dedup();
    }
    (blocks, failed)
}

/// The repository that a file lies in: the nearest `.git` upward, not above the workspace.
fn containing(root: &Dir, workspace: &Path, place: &RelativePath) -> Result<Option<Repository>, String> {
    let parts: Vec<&str> = place.parts().collect();
    for depth in (0..parts.len()).rev() {
        let folder = if depth == 0 { Ok(RelativePath::root()) } else { RelativePath::new(&parts[..depth].join("/")) };
        let folder = folder.map_err(|error| error.to_string())?;
        if let Some(repository) = at(root, workspace, &folder)? {
            return Ok(Some(repository));
        }
    }
    Ok(None)
}

/// The repository whose `.git` lies in the folder.
fn at(root: &Dir, workspace: &Path, folder: &RelativePath) -> Result<Option<Repository>, String> {
    let plain = |problem: Problem| problem.to_string();
    let Some(dir) = root.walk(folder.parts()).map_err(plain)? else { return Ok(None) };
    let base: Vec<String> = folder.parts().map(str::to_owned).collect();
    let outside = || "its repository's git folder lies outside of the workspace".to_owned();
    let git = match dir.kind(".git").map_err(plain)? {
        None => return Ok(None),
        Some(FileType::Directory) => [base, vec![".git".to_owned()]].concat(),
        Some(FileType::RegularFile) => {
            let target = pointer(&dir, ".git")?.and_then(|text| text.strip_prefix("gitdir: ").map(str::to_owned));
            resolve(workspace, &base, &target.ok_or("its .git file names no git folder")?).ok_or_else(outside)?
        }
        Some(_) => return Err("its .git is a symlink, and Keyslot follows none".to_owned()),
    };
    let Some(git_dir) = root.walk(git.iter().map(String::as_str)).map_err(plain)? else { return Ok(None) };
    let common = match pointer(&git_dir, "commondir")? {
        Some(target) => resolve(workspace, &git, &target).ok_or_else(outside)?,
        None => git.clone(),
    };
    Ok(Some(Repository { folder: folder.clone(), git, common }))
}

fn pointer(dir: &Dir, name: &str) -> Result<Option<String>, String> {
    let found = dir.read(name, POINTER_BYTES).map_err(|problem| problem.to_string())?;
    Ok(found.map(|found| String::from_utf8_lossy(&found.bytes).trim_end_matches(['\n', '\r']).to_owned()))
}

/// Puts the patterns into the block; those that foreign lines already have are dropped.
fn write(root: &Dir, common: &[String], patterns: &mut Vec<String>) -> Result<(), Problem> {
    let (info, merged, mode, owner) = plan(root, common, patterns)?;
    let info = match info {
        None if merged.change == Change::Unchanged => return Ok(()),
        None => root.walk_or_make(way(common), 0o755)?,
        Some(info) => info,
    };
    info.change("exclude", &merged, mode, owner)
}

/// What is to become of an exclude file: its folder if that exists, the content, and the mode and owner that it has.
fn plan(
    root: &Dir,
    common: &[String],
    patterns: &mut Vec<String>,
) -> Result<(Option<Dir>, Merged, u32, Option<Owner>), Problem> {
    let info = root.walk(way(common))?;
    let found = info.as_ref().map(|info| info.read("exclude", FILE_BYTES)).transpose()?.flatten();
    let existing = found.as_ref().map(|found| found.bytes.as_slice());
    let foreign = block::scrub(existing.unwrap_or_default()).foreign;
    let listed = |pattern: &str| {
        let mut lines = foreign.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
        lines.any(|line| line == pattern.as_bytes())
    };
    patterns.retain(|pattern| !listed(pattern));
    let lines: String = patterns.iter().map(|pattern| format!("{pattern}\n")).collect();
    let merged = block::merge(existing, lines.as_bytes());
    let (mode, owner) = found.map_or((0o644, None), |found| (found.mode, Some(found.owner)));
    Ok((info, merged, mode, owner))
}

/// The way to the folder of an exclude file.
fn way(common: &[String]) -> impl Iterator<Item = &str> {
    common.iter().map(String::as_str).chain(["info"])
}

/// The pattern that matches exactly this path of the repository.
fn pattern(inside: &str) -> String {
    let mut pattern = String::from("/");
    for character in inside.chars() {
        if "*?[\\".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    if pattern.ends_with(' ') {
        pattern.insert(pattern.len() - 1, '\\');
    }
    pattern
}

/// The index in a git folder, in its one or two parts; none where git tracks nothing yet.
fn read_index(root: &Dir, git: &[String]) -> Result<Vec<Index>, String> {
    let Some(dir) = root.walk(git.iter().map(String::as_str)).map_err(|problem| problem.to_string())? else {
        return Ok(Vec::new());
    };
    let read = |name: &str| dir.read(name, INDEX_BYTES).map_err(|problem| problem.to_string());
    let Some(found) = read("index")? else { return Ok(Vec::new()) };
    let index = Index::parse(&found.bytes).ok_or("its index cannot be read")?;
    // A split index keeps most of its entries in a second file.
    let shared = match index.shared() {
        None => None,
        Some(shared) => {
            let found = read(&format!("sharedindex.{shared}"))?.ok_or("its shared index is gone")?;
            Some(Index::parse(&found.bytes).ok_or("its shared index cannot be read")?)
        }
    };
    Ok(std::iter::once(index).chain(shared).collect())
}
