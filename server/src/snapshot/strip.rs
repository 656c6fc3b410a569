//! Takes out of an unpacked snapshot what [`git_settings`](super::git_settings) keeps out of new ones: older archives
//! have it, and so has one that was put into the store by somebody else.

use super::git_settings::{self, GitFolders, Rule, SETTINGS_BYTES};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Timespec, Timestamps, fchmod, futimens, openat, unlinkat};
use sandbox::walk::{Entry, Walk};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Strips a folder that nobody else writes to. Answers the folders that are gone.
pub(super) fn strip(folder: &Path) -> io::Result<HashSet<PathBuf>> {
    let (mut git, mut folders) = (GitFolders::default(), Vec::new());
    let walk = Walk::of_real(folder)?;
    git.add(Path::new(""), walk.top_names());
    for entry in walk {
        let entry = entry.map_err(io::Error::other)?;
        let is_folder = entry.kind() == FileType::Directory;
        if is_folder {
            git.add(entry.path(), entry.names());
        }
        match git.rule(entry.path(), entry.kind()) {
            Rule::Keep => {}
            Rule::Settings => rewrite(&entry)?,
            Rule::LeaveOut(_) if is_folder => folders.push(entry),
            Rule::LeaveOut(_) => remove(&entry, AtFlags::empty())?,
        }
    }
    for folder in folders.iter().rev() {
        remove(folder, AtFlags::REMOVEDIR)?;
    }
    Ok(folders.iter().map(|folder| folder.path().to_owned()).collect())
}

fn remove(entry: &Entry, flags: AtFlags) -> io::Result<()> {
    tracing::info!(place = ?entry.path(), "left out of an unpacked snapshot");
    Ok(unlinkat(entry.folder(), entry.name(), flags)?)
}

fn rewrite(entry: &Entry) -> io::Result<()> {
    let mut bytes = Vec::new();
    let Ok(file) = entry.open() else { return remove(entry, AtFlags::empty()) };
    file.take(SETTINGS_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SETTINGS_BYTES {
        return remove(entry, AtFlags::empty());
    }
    let Some((kept, _)) = git_settings::clean(&bytes) else { return Ok(()) };
    remove(entry, AtFlags::empty())?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(entry.folder(), entry.name(), flags, Mode::RUSR | Mode::WUSR)?);
    file.write_all(&kept)?;
    fchmod(&file, Mode::from_raw_mode(entry.stat().st_mode & 0o777))?;
    let time = Timespec { tv_sec: entry.stat().st_mtime, tv_nsec: 0 };
    Ok(futimens(&file, &Timestamps { last_access: time, last_modification: time })?)
}
