//! New contents of files: put on the disk beside the file first, then given its name in one step.

use super::dir::{Dir, Owner, Problem};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Seek, Write};
use zeroize::Zeroizing;

const OWNER_ONLY: u32 = 0o600;

/// A new content that is on the disk under another name, ready to take the file's name.
pub(crate) struct Staged {
    dir: Dir,
    file: File,
    temporary: String,
    name: String,
    mode: u32,
    /// Whether the file itself must stay, because a new one would belong to somebody else.
    in_place: bool,
}

/// Where a file's new content is staged. One name for each file, so that what a killed run left behind is found and
/// taken away by the next.
pub fn staged_name(name: &str) -> String {
    let mut hash = DefaultHasher::new();
    name.hash(&mut hash);
    format!(".keyslot-{:016x}.tmp", hash.finish())
}

impl Dir {
    /// Puts a new content beside the file, safe on the disk. Nothing changes until [`Staged::commit`].
    ///
    /// `owner` is the one of the file that is there; a new file belongs to the owner of its folder.
    pub(crate) fn stage(&self, name: &str, bytes: &[u8], mode: u32, owner: Option<Owner>) -> Result<Staged, Problem> {
        let temporary = staged_name(name);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let make = || fs::openat(&self.0, temporary.as_str(), flags, Mode::from_raw_mode(OWNER_ONLY));
        let file = match make() {
            Err(Errno::EXIST) => {
                fs::unlinkat(&self.0, temporary.as_str(), AtFlags::empty())?;
                make()?
            }
            other => other?,
        };
        let (dir, file) = (Self(self.0.try_clone()?), File::from(file));
        let mut staged = Staged { dir, file, temporary, name: name.to_owned(), mode, in_place: false };
        match owner {
            None => self.give(&staged.file)?,
            Some(owner) => staged.in_place = !keep_owner(&staged.file, owner)?,
        }
        staged.file.write_all(bytes)?;
        fs::fchmod(&staged.file, Mode::from_raw_mode(mode))?;
        staged.file.sync_all()?;
        Ok(staged)
    }

    /// Writes into the file that is there, without replacing it; answers its permission bits. What was in it comes back
    /// if that fails.
    pub(super) fn overwrite(&self, name: &str, bytes: &[u8], mode: Option<u32>) -> Result<u32, Problem> {
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = fs::openat(&self.0, name, flags, Mode::empty())?;
        if FileType::from_raw_mode(fs::fstat(&file)?.st_mode) != FileType::RegularFile {
            return Err(Problem::NoFile);
        }
        let mut file = File::from(file);
        let mut before = Zeroizing::new(Vec::with_capacity(usize::try_from(file.metadata()?.len()).unwrap_or(0) + 1));
        file.read_to_end(&mut before)?;
        if let Err(error) = replace(&mut file, bytes) {
            // Best effort: the reason that counts is the first one.
            replace(&mut file, &before).ok();
            return Err(error.into());
        }
        if let Some(mode) = mode {
            // Whose file it is not may leave its mode alone; what it is then is told.
            fs::fchmod(&file, Mode::from_raw_mode(mode)).ok();
        }
        Ok(fs::fstat(&file)?.st_mode & 0o777)
    }
}

/// What became of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    /// Whether the file that was there was written into: it could not be replaced in one step.
    pub in_place: bool,
    /// Its permission bits now.
    pub mode: u32,
}

impl Staged {
    /// Gives the new content the file's name, in one step.
    pub fn commit(self) -> Result<Committed, Problem> {
        if self.in_place {
            return self.commit_in_place();
        }
        match fs::renameat(&self.dir.0, self.temporary.as_str(), &self.dir.0, self.name.as_str()) {
            Ok(()) => {
                // Not every file system can do this; the file itself is already safe.
                fs::fsync(&self.dir.0).ok();
                Ok(Committed { in_place: false, mode: self.mode })
            }
            // A mount of its own, as containers have for single files: it can only be written into.
            Err(Errno::BUSY | Errno::XDEV) => self.commit_in_place(),
            Err(error) => Err(error.into()),
        }
    }

    fn commit_in_place(mut self) -> Result<Committed, Problem> {
        let mut bytes =
            Zeroizing::new(Vec::with_capacity(usize::try_from(self.file.metadata()?.len()).unwrap_or(0) + 1));
        self.file.rewind()?;
        self.file.read_to_end(&mut bytes)?;
        let mode = self.dir.overwrite(&self.name, &bytes, Some(self.mode))?;
        Ok(Committed { in_place: true, mode })
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Gone already where it took the file's name.
        fs::unlinkat(&self.dir.0, self.temporary.as_str(), AtFlags::empty()).ok();
    }
}

/// Gives the new file the owner of the old one; false where that is not allowed.
fn keep_owner(file: &File, owner: Owner) -> Result<bool, Errno> {
    let stat = fs::fstat(file)?;
    if (stat.st_uid, stat.st_gid) == owner {
        return Ok(true);
    }
    match fs::fchown(file, Some(fs::Uid::from_raw(owner.0)), Some(fs::Gid::from_raw(owner.1))) {
        Ok(()) => Ok(true),
        Err(Errno::PERM) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Longer content is written before shorter content is cut off, so that a full disk is met before anything is lost.
fn replace(file: &mut File, bytes: &[u8]) -> std::io::Result<()> {
    file.rewind()?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}
