//! Files of the workspace, reached only through directory descriptors.
//!
//! Each part of a path is opened below the descriptor of the one before it, without following symlinks. A folder that
//! somebody swaps for a symlink while this runs is therefore refused or was already left behind: nothing can be read or
//! written outside of the workspace.

use super::staged::staged_name;
use domain::dotenv::block::{Change, Merged};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes that a file may have which Keyslot puts its block into.
pub(super) const FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Why a file cannot be read or written; a sentence without a full stop.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A folder on the way is a symlink.
    #[error("{0:?} on the way to the file is a symlink, and Keyslot follows none; put the file into a real folder")]
    LinkedFolder(String),
    /// A folder on the way is a file.
    #[error("{0:?} on the way to the file is not a folder")]
    NoFolder(String),
    /// The file is a symlink.
    #[error("the file is a symlink, and Keyslot follows none; replace it by a real file or take it away")]
    Link,
    /// The file is a folder, pipe, socket or device.
    #[error("there is something at its place that is not a file; take it away")]
    NoFile,
    /// Larger than [`FILE_BYTES`].
    #[error("the file is larger than {} MiB", FILE_BYTES / 1024 / 1024)]
    TooLarge,
    /// Nobody may write it, so whoever made it wants it to stay.
    #[error("the file is read-only (mode {0:04o}); make it writable")]
    ReadOnly(u32),
    /// The operating system says no.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl From<Errno> for Problem {
    fn from(error: Errno) -> Self {
        Self::System(error.into())
    }
}

/// A file as it was found.
pub struct Found {
    /// Its content, which may hold secrets of others.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Its permission bits.
    pub mode: u32,
    /// Its user and group.
    pub owner: Owner,
}

/// A user and a group.
pub type Owner = (u32, u32);

/// An open folder of the workspace.
pub struct Dir(pub(super) OwnedFd);

impl Dir {
    /// Opens the workspace itself. The caller chose it, so here alone a symlink is followed.
    pub fn open(path: &Path) -> Result<Self, Errno> {
        fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map(Self)
    }

    /// The descriptor, to tell the workspace by.
    pub fn descriptor(&self) -> &OwnedFd {
        &self.0
    }

    /// The folder that the parts lead to; `None` where one does not exist.
    pub fn walk<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Result<Option<Self>, Problem> {
        let mut dir = Self(self.0.try_clone()?);
        for part in parts {
            match dir.child(part)? {
                Some(child) => dir = child,
                None => return Ok(None),
            }
        }
        Ok(Some(dir))
    }

    /// Like [`Dir::walk`], making what does not exist.
    pub fn walk_or_make<'a>(&self, parts: impl IntoIterator<Item = &'a str>, mode: u32) -> Result<Self, Problem> {
        let mut dir = Self(self.0.try_clone()?);
        for part in parts {
            let is_new = match fs::mkdirat(&dir.0, part, Mode::from_raw_mode(mode)) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(error) => return Err(error.into()),
            };
            let child = dir.child(part)?.ok_or(Problem::System(Errno::NOENT.into()))?;
            if is_new {
                dir.give(&child.0)?;
            }
            dir = child;
        }
        Ok(dir)
    }

    fn child(&self, name: &str) -> Result<Option<Self>, Problem> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match fs::openat(&self.0, name, flags, Mode::empty()) {
            Ok(child) => Ok(Some(Self(child))),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR | Errno::LOOP) => Err(match self.kind(name)? {
                Some(FileType::Symlink) => Problem::LinkedFolder(name.to_owned()),
                _ => Problem::NoFolder(name.to_owned()),
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives what root made in a folder to the owner of that folder: programs in the workspace are another user then.
    pub(super) fn give(&self, made: impl AsFd) -> Result<(), Errno> {
        if !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        let (folder, stat) = (fs::fstat(&self.0)?, fs::fstat(&made)?);
        if (folder.st_uid, folder.st_gid) == (stat.st_uid, stat.st_gid) {
            return Ok(());
        }
        fs::fchown(made, Some(fs::Uid::from_raw(folder.st_uid)), Some(fs::Gid::from_raw(folder.st_gid)))
    }

    /// What stands at the name, without following it.
    pub fn kind(&self, name: &str) -> Result<Option<FileType>, Problem> {
        match fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> Result<bool, Problem> {
        let mut names = fs::Dir::read_from(&self.0)?;
        let other = |name: &std::ffi::CStr| !matches!(name.to_bytes(), b"." | b"..");
        Ok(!names.any(|entry| entry.is_ok_and(|entry| other(entry.file_name()))))
    }

    /// Reads a real file of at most `limit` bytes; `None` where there is none.
    pub fn read(&self, name: &str, limit: u64) -> Result<Option<Found>, Problem> {
        match self.kind(name)? {
            None => return Ok(None),
            Some(FileType::Symlink) => return Err(Problem::Link),
            Some(FileType::RegularFile) => {}
            Some(_) => return Err(Problem::NoFile),
        }
        // Not blocking, in case a pipe took the file's place just now.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match fs::openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::LOOP) => return Err(Problem::Link),
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let stat = fs::fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Problem::NoFile);
        }
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if size > limit {
            return Err(Problem::TooLarge);
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
        std::fs::File::from(file).take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(Problem::TooLarge);
        }
        Ok(Some(Found { bytes, mode: stat.st_mode & 0o777, owner: (stat.st_uid, stat.st_gid) }))
    }

    /// Takes away what a killed run left beside a file that nothing new is staged for.
    pub fn remove_leftover(&self, name: &str) -> Result<(), Problem> {
        self.remove(&staged_name(name))
    }

    /// Removes a file; it need not exist. One that is a mount of its own cannot go, so it is emptied.
    pub fn remove(&self, name: &str) -> Result<(), Problem> {
        match fs::unlinkat(&self.0, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(Errno::BUSY) => self.overwrite(name, b"", None).map(drop),
            Err(error) => Err(error.into()),
        }
    }

    /// What a symlink says.
    pub fn read_link(&self, name: &str) -> Option<String> {
        fs::readlinkat(&self.0, name, Vec::new()).ok()?.into_string().ok()
    }

    /// Removes an empty folder; one that is not empty stays.
    pub fn remove_dir(&self, name: &str) -> Result<(), Problem> {
        match fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT | Errno::NOTEMPTY | Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Does what a merge decided, for files that stand alone.
    pub fn change(&self, name: &str, merged: &Merged, mode: u32, owner: Option<Owner>) -> Result<(), Problem> {
        match &merged.change {
            Change::Unchanged => Ok(()),
            Change::RemoveFile => self.remove(name),
            Change::Text(text) => self.stage(name, text, mode, owner)?.commit().map(drop),
        }
    }
}
