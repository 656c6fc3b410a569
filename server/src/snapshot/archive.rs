//! Searching and archiving a workspace in one pass: what is searched is what goes into the archive.

use super::budget::Budget;
use super::git_settings::{self, GitFolders, Rule, SETTINGS_BYTES};
use super::inside::{self, HEAD};
use super::look::{Look, Searching};
use super::packed::{Packed, ZIP_TAIL};
use super::{Progress, density, history};
use crate::guard::Guard;
use crate::wall::Wall;
use domain::snapshot::GuardReport;
use rustix::fs::{FileType, Stat};
use rustix::io::Errno;
use sandbox::walk::{Entry, Obstacle, Walk, WalkError};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;
use tar::{Builder, EntryType, Header};
use zstd::Encoder;

/// How hard zstd tries: its own default.
const LEVEL: i32 = 3;

/// What to archive.
pub struct Job<'a> {
    /// The folder.
    pub workspace: &'a Path,
    /// A folder elsewhere, for what has to lie on the disk for a while.
    pub temporary: &'a Path,
    /// What git is kept behind.
    pub wall: &'a Wall,
    /// What must not be in it.
    pub guard: &'a Guard,
    /// Who watches.
    pub progress: &'a Progress,
}

/// What came of it.
pub struct Archived<W> {
    /// What was found and what was not looked into.
    pub report: GuardReport,
    /// The output with the whole archive in it; none when something was found, and the archive was broken off there.
    pub output: Option<W>,
}

/// Counts what there is to do, so that progress has an end.
pub fn measure(job: &Job<'_>) -> io::Result<()> {
    let mut total = 0;
    for entry in Walk::of_real(job.workspace)?.flatten() {
        job.progress.check()?;
        total += if entry.kind() == FileType::RegularFile { size(entry.stat()) } else { 0 };
    }
    job.progress.expect(total);
    Ok(())
}

/// Searches and archives. The output gets nothing more after the first finding.
pub fn archive<W: Write>(job: &Job<'_>, output: W) -> io::Result<Archived<W>> {
    let Job { workspace, temporary, wall, guard, progress } = *job;
    let mut encoder = Encoder::new(output, LEVEL)?;
    encoder.include_checksum(true)?;
    let report = GuardReport::default();
    let look = Look { guard, progress, temporary, wall, budget: Budget::default(), report };
    let mut writer = Writer { look, tar: Some(Builder::new(encoder)), git: GitFolders::default() };
    let mut walk = Walk::of_real(workspace)?;
    writer.git.add(Path::new(""), walk.top_names());
    while let Some(entry) = walk.next() {
        progress.check()?;
        if writer.look.is_full() {
            break;
        }
        match entry {
            Ok(entry) => match writer.git.rule(entry.path(), entry.kind()) {
                Rule::LeaveOut(reason) => {
                    walk.pass_over();
                    writer.look.left_out(&entry.path().to_string_lossy(), reason);
                }
                rule => writer.entry(&entry, rule)?,
            },
            Err(error) => writer.obstacle(&error)?,
        }
        if !writer.look.report.findings.is_empty() {
            writer.tar = None;
        }
    }
    let Writer { mut look, tar, .. } = writer;
    history::name_objects(&mut look, workspace);
    let output = match tar {
        Some(tar) => Some(tar.into_inner()?.finish()?),
        None => None,
    };
    Ok(Archived { report: look.report, output })
}

struct Writer<'a, W: Write> {
    look: Look<'a>,
    /// The archive, until something is found.
    tar: Option<Builder<Encoder<'static, W>>>,
    git: GitFolders,
}

impl<W: Write> Writer<'_, W> {
    fn entry(&mut self, entry: &Entry, rule: Rule) -> io::Result<()> {
        let path = entry.path();
        let place = path.to_string_lossy();
        self.name(path, &place);
        if entry.kind() == FileType::Directory {
            self.git.add(path, entry.names());
            return self.append(header(EntryType::Directory, entry.stat(), 0), path, io::empty());
        }
        self.look.progress.add_file();
        let what = match entry.kind() {
            FileType::Symlink => return self.link(entry, &place),
            FileType::RegularFile if rule == Rule::Settings => return self.settings(entry, &place),
            FileType::RegularFile => return self.file(entry, &place),
            FileType::Socket => "a socket",
            FileType::Fifo => "a pipe",
            _ => "a device",
        };
        self.look.left_out(&place, what);
        Ok(())
    }

    /// Looks for values in a name. What stands in the name of a folder is told once, for the folder.
    fn name(&mut self, path: &Path, place: &str) {
        let above = path.parent().map_or(0, |parent| self.look.guard.hits_in(parent.as_os_str().as_bytes()).len());
        let name = path.as_os_str().as_bytes();
        if self.look.guard.hits_in(name).len() > above {
            self.look.name(place, name, None);
        }
    }

    fn link(&mut self, entry: &Entry, place: &str) -> io::Result<()> {
        let Ok(target) = entry.target() else {
            self.look.changed(place);
            return Ok(());
        };
        self.look.name(place, b"", Some(target.as_bytes()));
        let mut header = header(EntryType::Symlink, entry.stat(), 0);
        match &mut self.tar {
            Some(tar) => tar.append_link(&mut header, entry.path(), target),
            None => Ok(()),
        }
    }

    /// Opens a file; one that is not there any more was never there.
    fn open(&mut self, entry: &Entry, place: &str) -> io::Result<Option<(File, Stat)>> {
        match entry.open() {
            Ok(file) => {
                let stat = rustix::fs::fstat(&file)?;
                Ok(Some((file, stat)))
            }
            Err(Obstacle::System(Errno::NOENT)) => Ok(None),
            Err(reason) => {
                self.obstacle(&WalkError { path: place.into(), reason })?;
                Ok(None)
            }
        }
    }

    /// Git's settings, without those that could make git run something.
    fn settings(&mut self, entry: &Entry, place: &str) -> io::Result<()> {
        let Some((file, stat)) = self.open(entry, place)? else { return Ok(()) };
        let mut bytes = Vec::new();
        file.take(SETTINGS_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > SETTINGS_BYTES {
            self.look.left_out(place, "git's settings are too large");
            return Ok(());
        }
        if let Some((kept, removed)) = git_settings::clean(&bytes) {
            self.look.left_out(place, &format!("settings that are not kept: {}", removed.join(", ")));
            bytes = kept;
        }
        self.content(entry.path(), place, &stat, bytes.len() as u64, &*bytes)?;
        Ok(())
    }

    fn file(&mut self, entry: &Entry, place: &str) -> io::Result<()> {
        let path = entry.path();
        let Some((mut file, about)) = self.open(entry, place)? else { return Ok(()) };
        let mut head = Vec::with_capacity(HEAD);
        Read::by_ref(&mut file).take(HEAD as u64).read_to_end(&mut head)?;
        let packed = match Packed::of(path, &head) {
            None => Packed::behind_something(&tail(&file, size(&about))?),
            packed => packed,
        };
        let whole = (&head[..]).chain(file);
        let Some(packed) = packed else {
            if self.content(path, place, &about, size(&about), whole)? && !density::is_media(&head) {
                self.look.not_searched(place, density::UNKNOWN);
            }
            return Ok(());
        };
        // The same bytes are archived and unpacked, also when somebody writes to the file meanwhile.
        let mut copy = tempfile::tempfile_in(self.look.temporary)?;
        let copied = io::copy(&mut Checked(whole.take(size(&about)), self.look.progress), &mut copy)?;
        copy.rewind()?;
        self.content(path, place, &about, copied, &copy)?;
        copy.rewind()?;
        inside::look(&mut self.look, packed, copy, place)
    }

    /// Archives and searches; answers whether it begins like something that is packed.
    fn content(&mut self, path: &Path, place: &str, about: &Stat, size: u64, from: impl Read) -> io::Result<bool> {
        let mut content = Searching::new(from, size, self.look.guard, self.look.progress);
        let header = header(EntryType::Regular, about, size);
        self.append(header, path, &mut content)?;
        let is_dense = content.is_dense();
        let (short, hits) = content.end();
        if short {
            self.look.changed(place);
        }
        self.look.found(place, hits);
        Ok(is_dense)
    }

    fn append(&mut self, mut header: Header, path: &Path, mut content: impl Read) -> io::Result<()> {
        match &mut self.tar {
            Some(tar) => tar.append_data(&mut header, path, content),
            None => io::copy(&mut content, &mut io::sink()).map(|_| ()),
        }
    }

    /// Names what cannot be read, and what was exchanged meanwhile.
    fn obstacle(&mut self, error: &WalkError) -> io::Result<()> {
        let place = error.path.to_string_lossy();
        match error.reason {
            Obstacle::System(Errno::ACCESS | Errno::PERM) => self.look.left_out(&place, "it may not be read"),
            Obstacle::System(error) => return Err(error.into()),
            Obstacle::Exchanged => self.look.changed(&place),
            Obstacle::TooDeep => self.look.left_out(&place, &error.to_string()),
        }
        Ok(())
    }
}

/// A reader that stops when the work is called off.
struct Checked<'a, R>(R, &'a Progress);

impl<R: Read> Read for Checked<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.1.check()?;
        self.0.read(into)
    }
}

/// The end of a file, in which a zip archive has its list.
fn tail(file: &File, size: u64) -> io::Result<Vec<u8>> {
    let from = size.saturating_sub(ZIP_TAIL);
    let mut tail = vec![0; usize::try_from(size - from).unwrap_or(0)];
    let mut have = 0;
    while have < tail.len() {
        match file.read_at(&mut tail[have..], from + have as u64)? {
            0 => break,
            count => have += count,
        }
    }
    tail.truncate(have);
    Ok(tail)
}

fn size(about: &Stat) -> u64 {
    u64::try_from(about.st_size).unwrap_or(0)
}

fn header(kind: EntryType, about: &Stat, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(about.st_mode & 0o777);
    header.set_mtime(u64::try_from(about.st_mtime).unwrap_or(0));
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    header
}

#[cfg(test)]
mod tests;
