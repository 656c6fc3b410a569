//! Walks a checkout and reads the files that discovery understands, on all cores, within bounds.
//!
//! Folders that git ignores are passed over and named, as are the installed packages of others; no link is followed,
//! and nothing but regular files is opened.

use super::kind::Kind;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// Largest file that is read, in bytes.
pub const FILE_BYTES: u64 = 1024 * 1024;
/// Files and folders that are looked at.
const ENTRIES: usize = 500_000;
/// Folders inside each other.
const DEPTH: usize = 100;

/// What one entry of the walk came to.
pub enum Entry<T> {
    /// A file that was read, and what became of it.
    Read(PathBuf, T),
    /// A file or folder that was not, and why.
    Skipped(PathBuf, String),
}

/// Walks the folder, and gives each file that has a kind to `read`; in no particular order.
pub fn walk<T: Send>(workspace: &Path, read: impl Fn(&Path, Kind, &[u8]) -> T + Sync) -> Vec<Entry<T>> {
    let (sender, results) = mpsc::channel();
    let ignored = Arc::new(Ignored { root: workspace.to_owned(), rules: Mutex::default(), skipped: Mutex::default() });
    ignored.load(workspace);
    let filter = Arc::clone(&ignored);
    let mut walker = WalkBuilder::new(workspace);
    walker.standard_filters(false).follow_links(false).max_depth(Some(DEPTH));
    walker.threads(std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8)));
    walker.filter_entry(move |entry| filter.admits(entry));
    let seen = AtomicUsize::new(0);
    walker.build_parallel().run(|| {
        let sender = sender.clone();
        let (seen, read) = (&seen, &read);
        let mut buffer = Vec::new();
        Box::new(move |entry| {
            if seen.fetch_add(1, Ordering::Relaxed) == ENTRIES {
                let reason = format!("has more than {ENTRIES} files; the rest was not looked at");
                let _ = sender.send(Entry::Skipped(workspace.to_owned(), reason));
            }
            if seen.load(Ordering::Relaxed) > ENTRIES {
                return WalkState::Quit;
            }
            if let Some(entry) = visit(workspace, entry, &mut buffer, read) {
                // The receiver outlives the walk.
                let _ = sender.send(entry);
            }
            WalkState::Continue
        })
    });
    drop(sender);
    let mut found: Vec<Entry<T>> = results.into_iter().collect();
    let skipped = std::mem::take(&mut *ignored.skipped.lock().unwrap_or_else(PoisonError::into_inner));
    found.extend(skipped.into_iter().map(|(path, reason)| Entry::Skipped(path, reason)));
    found
}

fn visit<T>(
    workspace: &Path,
    entry: Result<DirEntry, ignore::Error>,
    buffer: &mut Vec<u8>,
    read: impl Fn(&Path, Kind, &[u8]) -> T,
) -> Option<Entry<T>> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            let at = path_of(&error).unwrap_or(workspace).to_owned();
            let reason = error.io_error().map_or_else(|| "cannot be read".to_owned(), ToString::to_string);
            return Some(Entry::Skipped(at, reason));
        }
    };
    let kind_of_entry = entry.file_type()?;
    if kind_of_entry.is_dir() {
        return None;
    }
    let below = entry.path().strip_prefix(workspace).ok()?.to_string_lossy();
    let kind = Kind::of(&below)?;
    if !kind_of_entry.is_file() {
        let said = kind == Kind::Example;
        return said.then(|| Entry::Skipped(entry.into_path(), "is a symbolic link or a special file".to_owned()));
    }
    match content(entry.path(), buffer) {
        Ok(()) => {
            let found = read(entry.path(), kind, buffer);
            Some(Entry::Read(entry.into_path(), found))
        }
        Err(reason) => Some(Entry::Skipped(entry.into_path(), reason)),
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

/// Opens a regular file without following a link in its place.
fn open_regular(path: &Path) -> Result<File, String> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = open(path, flags, Mode::empty()).map_err(|error| std::io::Error::from(error).to_string())?;
    let status = fstat(&file).map_err(|error| std::io::Error::from(error).to_string())?;
    if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
        return Err("is a symbolic link or a special file".to_owned());
    }
    Ok(File::from(file))
}

/// Reads a file into the buffer, or says why not.
fn content(path: &Path, buffer: &mut Vec<u8>) -> Result<(), String> {
    buffer.clear();
    // The length is checked on what was read, because a file can grow between looking and reading.
    let file = open_regular(path)?;
    file.take(FILE_BYTES + 1).read_to_end(buffer).map_err(|error| error.to_string())?;
    if buffer.len() as u64 > FILE_BYTES {
        return Err("is larger than 1 MiB".to_owned());
    }
    Ok(())
}

/// The folders that are passed over.
struct Ignored {
    root: PathBuf,
    /// The rules that each folder with a `.gitignore` adds.
    rules: Mutex<HashMap<PathBuf, Arc<Gitignore>>>,
    skipped: Mutex<Vec<(PathBuf, String)>>,
}

impl Ignored {
    /// Files are never left out here: an example file is read even where a pattern such as `.env*` covers it.
    fn admits(&self, entry: &DirEntry) -> bool {
        if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
            return true;
        }
        if entry.file_name() == ".git" {
            return false;
        }
        let reason = if self.is_ignored(entry.path()) {
            "git ignores it"
        } else if holds_packages(entry.path()) {
            "holds installed packages"
        } else {
            self.load(entry.path());
            return true;
        };
        let mut skipped = self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        skipped.push((entry.path().to_owned(), reason.to_owned()));
        false
    }

    fn is_ignored(&self, folder: &Path) -> bool {
        let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let above = folder.ancestors().skip(1).take_while(|above| above.starts_with(&self.root));
        for rules in above.filter_map(|above| rules.get(above)) {
            let matched = rules.matched(folder, true);
            if !matched.is_none() {
                return matched.is_ignore();
            }
        }
        false
    }

    /// Takes the rules of a folder, those that a clone keeps for itself included.
    fn load(&self, folder: &Path) {
        let mut builder = GitignoreBuilder::new(folder);
        let mut any = false;
        for file in [folder.join(".git/info/exclude"), folder.join(".gitignore")] {
            let mut text = Vec::new();
            if content(&file, &mut text).is_err() {
                continue;
            }
            for line in String::from_utf8_lossy(&text).lines() {
                // A pattern that is none is passed over, as git does.
                any |= builder.add_line(None, line).is_ok();
            }
        }
        if let Some(rules) = any.then(|| builder.build().ok()).flatten() {
            let mut all = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(folder.to_owned(), Arc::new(rules));
        }
    }
}

/// Whether a folder is where a package manager put other people's code, told by what the manager leaves there.
fn holds_packages(folder: &Path) -> bool {
    let is = |name: &str| folder.file_name().is_some_and(|own| own == name);
    let has = |file: &str| folder.join(file).symlink_metadata().is_ok();
    is("node_modules")
        || (is("vendor") && (has("modules.txt") || has("composer/installed.json")))
        || (!is("src") && has("pyvenv.cfg"))
}
