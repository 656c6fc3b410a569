//! Searching and archiving a workspace in one pass: what is searched is what goes into the archive.

use super::inside::{self, Packed};
use super::look::{Look, Searching};
use super::{Progress, Stopped, history};
use crate::guard::Guard;
use crate::wall::Wall;
use app::domain::snapshot::GuardReport;
use rustix::fs::{Mode, OFlags};
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use tar::{Builder, EntryType, Header};
use walkdir::{DirEntry, WalkDir};
use zstd::Encoder;

/// How hard zstd tries: its own default.
const LEVEL: i32 = 3;
/// Bytes at the start of a file that tell what it is.
const HEAD: usize = 512;

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
pub fn measure(job: &Job<'_>) -> Result<(), Stopped> {
    let mut total = 0;
    for entry in WalkDir::new(job.workspace).into_iter().flatten() {
        job.progress.check()?;
        total += entry.metadata().map_or(0, |about| if about.is_file() { about.len() } else { 0 });
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
    let look = Look { guard, progress, temporary, wall, report };
    let mut writer = Writer { look, tar: Some(Builder::new(encoder)) };
    for entry in WalkDir::new(workspace).min_depth(1).sort_by_file_name() {
        progress.check()?;
        if writer.look.is_full() {
            break;
        }
        match entry {
            Ok(entry) => writer.entry(workspace, &entry)?,
            Err(error) => writer.unreadable(workspace, error)?,
        }
        if !writer.look.report.findings.is_empty() {
            writer.tar = None;
        }
    }
    let Writer { mut look, tar } = writer;
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
}

impl<W: Write> Writer<'_, W> {
    fn entry(&mut self, workspace: &Path, entry: &DirEntry) -> io::Result<()> {
        let path = entry.path().strip_prefix(workspace).unwrap_or(entry.path());
        let place = path.to_string_lossy();
        let about = match entry.metadata() {
            Ok(about) => about,
            // Gone since the folder was listed.
            Err(_) => return Ok(()),
        };
        self.name(path, &place);
        let kind = about.file_type();
        if kind.is_dir() {
            let header = header(EntryType::Directory, &about, 0);
            return self.append(header, path, io::empty());
        }
        self.look.progress.add_file();
        if kind.is_symlink() {
            self.link(entry.path(), path, &place, &about)
        } else if kind.is_file() {
            self.file(entry.path(), path, &place)
        } else {
            let what = match () {
                () if kind.is_socket() => "a socket",
                () if kind.is_fifo() => "a pipe",
                () => "a device",
            };
            self.look.left_out(&place, what);
            Ok(())
        }
    }

    /// Looks for values in a name. What stands in the name of a folder is told once, for the folder.
    fn name(&mut self, path: &Path, place: &str) {
        let above = path.parent().map_or(0, |parent| self.look.guard.hits_in(parent.as_os_str().as_bytes()).len());
        let name = path.as_os_str().as_bytes();
        if self.look.guard.hits_in(name).len() > above {
            self.look.name(place, name, None);
        }
    }

    fn link(&mut self, at: &Path, path: &Path, place: &str, about: &Metadata) -> io::Result<()> {
        let Ok(target) = std::fs::read_link(at) else { return Ok(()) };
        self.look.name(place, b"", Some(target.as_os_str().as_bytes()));
        let mut header = header(EntryType::Symlink, about, 0);
        match &mut self.tar {
            Some(tar) => tar.append_link(&mut header, path, target),
            None => Ok(()),
        }
    }

    fn file(&mut self, at: &Path, path: &Path, place: &str) -> io::Result<()> {
        // A pipe that took the file's place must not make this wait, and a link must not lead elsewhere.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut file = match rustix::fs::open(at, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::LOOP) => return Ok(()),
            Err(rustix::io::Errno::ACCESS | rustix::io::Errno::PERM) => {
                self.look.left_out(place, "it may not be read");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let about = file.metadata()?;
        if !about.is_file() {
            return Ok(());
        }
        let mut head = Vec::with_capacity(HEAD);
        Read::by_ref(&mut file).take(HEAD as u64).read_to_end(&mut head)?;
        let whole = (&head[..]).chain(file);
        let packed = Packed::of(path, &head);
        let Some(packed) = packed.filter(|packed| packed.is_looked_into(&mut self.look, place)) else {
            return self.content(path, place, &about, about.len(), whole);
        };
        // The same bytes are archived and unpacked, also when somebody writes to the file meanwhile.
        let mut copy = tempfile::tempfile_in(self.look.temporary)?;
        let size = io::copy(&mut Checked(whole.take(about.len()), self.look.progress), &mut copy)?;
        copy.rewind()?;
        self.content(path, place, &about, size, &copy)?;
        copy.rewind()?;
        inside::look(&mut self.look, packed, copy, place)
    }

    fn content(&mut self, path: &Path, place: &str, about: &Metadata, size: u64, from: impl Read) -> io::Result<()> {
        let mut content = Searching::new(from, size, self.look.guard, self.look.progress);
        let header = header(EntryType::Regular, about, size);
        self.append(header, path, &mut content)?;
        let (short, hits) = content.end();
        if short {
            self.look.changed(place);
        }
        self.look.found(place, hits);
        Ok(())
    }

    fn append(&mut self, mut header: Header, path: &Path, mut content: impl Read) -> io::Result<()> {
        match &mut self.tar {
            Some(tar) => tar.append_data(&mut header, path, content),
            None => io::copy(&mut content, &mut io::sink()).map(|_| ()),
        }
    }

    /// A folder that cannot be read is named; one that is gone was never there.
    fn unreadable(&mut self, workspace: &Path, error: walkdir::Error) -> io::Result<()> {
        let kind = error.io_error().map(io::Error::kind);
        match (kind, error.path()) {
            (Some(io::ErrorKind::NotFound), Some(path)) if path != workspace => Ok(()),
            (Some(io::ErrorKind::PermissionDenied), Some(path)) if path != workspace => {
                let place = path.strip_prefix(workspace).unwrap_or(path).to_string_lossy().into_owned();
                self.look.left_out(&place, "it may not be read");
                Ok(())
            }
            _ => Err(error.into()),
        }
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

fn header(kind: EntryType, about: &Metadata, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(about.mode() & 0o777);
    header.set_mtime(u64::try_from(about.mtime()).unwrap_or(0));
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    header
}
