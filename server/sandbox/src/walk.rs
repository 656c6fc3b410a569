//! Walking a tree of folders that somebody else may be changing: every folder is opened below the descriptor of the one
//! above it, and no symlink is followed. What is exchanged for a link meanwhile is told of, and never led through.

use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// Folders below each other that are walked into: nobody's tree is deeper, and one that is made to be costs its square.
const DEEPEST: usize = 512;
/// Folders on the way that are held open; one above them is opened again, and must still be the same.
const HELD: usize = 32;

const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);
/// A pipe that takes a file's place must not make anybody wait.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

/// The entries of a tree, each folder before what is in it, by name.
pub struct Walk {
    top: Rc<OwnedFd>,
    top_names: Vec<OsString>,
    levels: Vec<Level>,
    /// Where the last level is, from the top down.
    path: PathBuf,
    /// Whether the entry that came last is a folder that was walked into.
    entered: bool,
    waiting: VecDeque<WalkError>,
}

struct Level {
    folder: Option<Rc<OwnedFd>>,
    identity: (u64, u64),
    names: std::vec::IntoIter<OsString>,
}

/// Something in the tree.
pub struct Entry {
    folder: Rc<OwnedFd>,
    path: PathBuf,
    stat: Stat,
    names: Vec<OsString>,
}

/// Why something in the tree cannot be walked.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct WalkError {
    /// Where, from the top down.
    pub path: PathBuf,
    /// Why.
    pub reason: Obstacle,
}

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// Something else is in its place since the folder above was listed.
    #[error("it was exchanged for something else meanwhile")]
    Exchanged,
    /// More than [`DEEPEST`] folders are above it.
    #[error("it lies more than {DEEPEST} folders deep")]
    TooDeep,
    /// The operating system says no.
    #[error("{}", std::io::Error::from(*.0))]
    System(Errno),
}

impl Walk {
    /// Of a folder that the caller names: here alone a symlink is followed.
    pub fn of(folder: &Path) -> Result<Self, Errno> {
        Self::below(fs::open(folder, FOLDER.difference(OFlags::NOFOLLOW), Mode::empty())?)
    }

    /// Of a folder that must not have become a link.
    pub fn of_real(folder: &Path) -> Result<Self, Errno> {
        Self::below(fs::open(folder, FOLDER, Mode::empty())?)
    }

    fn below(top: OwnedFd) -> Result<Self, Errno> {
        let top_names = names(&top)?;
        let top = Rc::new(top);
        let level = Level { folder: None, identity: identity(&fs::fstat(&top)?), names: top_names.clone().into_iter() };
        let (levels, path) = (vec![level], PathBuf::new());
        Ok(Self { top, top_names, levels, path, entered: false, waiting: VecDeque::new() })
    }

    /// The names in the folder itself.
    pub fn top_names(&self) -> &[OsString] {
        &self.top_names
    }

    /// Does not walk into the folder that came last.
    pub fn pass_over(&mut self) {
        if std::mem::take(&mut self.entered) {
            self.leave();
        }
    }

    fn leave(&mut self) {
        self.levels.pop();
        self.path.pop();
    }

    /// The open folder of the last level; nothing if it is not where it was.
    fn folder(&mut self) -> Option<Rc<OwnedFd>> {
        let depth = self.levels.len() - 1;
        if depth == 0 {
            return Some(self.top.clone());
        }
        let level = self.levels.last_mut()?;
        if level.folder.is_none() {
            let found = reach(&self.top, &self.path).ok()?;
            let same = fs::fstat(&found).is_ok_and(|stat| identity(&stat) == level.identity);
            level.folder = same.then(|| Rc::new(found));
        }
        level.folder.clone()
    }

    fn enter(&mut self, entry: &mut Entry) -> Result<(), Obstacle> {
        let name = entry.name().to_owned();
        let child = fs::openat(&entry.folder, &name, FOLDER, Mode::empty()).map_err(|error| match error {
            Errno::LOOP | Errno::NOTDIR => Obstacle::Exchanged,
            error => Obstacle::System(error),
        })?;
        entry.stat = fs::fstat(&child).map_err(Obstacle::System)?;
        if self.levels.len() > DEEPEST {
            return Err(Obstacle::TooDeep);
        }
        entry.names = names(&child).map_err(Obstacle::System)?;
        let (names, identity) = (entry.names.clone().into_iter(), identity(&entry.stat));
        self.levels.push(Level { folder: Some(Rc::new(child)), identity, names });
        self.path.push(name);
        if let Some(level) = self.levels.len().checked_sub(HELD + 1).and_then(|above| self.levels.get_mut(above)) {
            level.folder = None;
        }
        Ok(())
    }
}

impl Iterator for Walk {
    type Item = Result<Entry, WalkError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entered = false;
        if let Some(error) = self.waiting.pop_front() {
            return Some(Err(error));
        }
        loop {
            let Some(name) = self.levels.last_mut()?.names.next() else {
                self.leave();
                continue;
            };
            let Some(folder) = self.folder() else {
                let path = self.path.clone();
                self.leave();
                return Some(Err(WalkError { path, reason: Obstacle::Exchanged }));
            };
            let path = self.path.join(&name);
            let stat = match fs::statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                // Gone since the folder was listed.
                Err(Errno::NOENT) => continue,
                Err(error) => return Some(Err(WalkError { path, reason: Obstacle::System(error) })),
            };
            let mut entry = Entry { folder, path, stat, names: Vec::new() };
            if entry.kind() != FileType::Directory {
                return Some(Ok(entry));
            }
            #[cfg(debug_assertions)]
            between::tell(&entry.path);
            match self.enter(&mut entry) {
                Ok(()) => self.entered = true,
                Err(Obstacle::System(Errno::NOENT)) => continue,
                Err(Obstacle::Exchanged) => {
                    return Some(Err(WalkError { path: entry.path, reason: Obstacle::Exchanged }));
                }
                Err(reason) => self.waiting.push_back(WalkError { path: entry.path.clone(), reason }),
            }
            return Some(Ok(entry));
        }
    }
}

impl Entry {
    /// Where, from the top down.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last part of the path.
    pub fn name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    /// What it is; a link is a link.
    pub fn kind(&self) -> FileType {
        FileType::from_raw_mode(self.stat.st_mode)
    }

    /// What the system says of it.
    pub fn stat(&self) -> &Stat {
        &self.stat
    }

    /// The names in a folder.
    pub fn names(&self) -> &[OsString] {
        &self.names
    }

    /// Opens a file for reading.
    pub fn open(&self) -> Result<File, Obstacle> {
        #[cfg(debug_assertions)]
        between::tell(&self.path);
        let file = fs::openat(&self.folder, self.name(), FILE, Mode::empty()).map_err(|error| match error {
            Errno::LOOP | Errno::NXIO => Obstacle::Exchanged,
            error => Obstacle::System(error),
        })?;
        let stat = fs::fstat(&file).map_err(Obstacle::System)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Obstacle::Exchanged);
        }
        Ok(File::from(file))
    }

    /// The folder that it lies in.
    pub fn folder(&self) -> &OwnedFd {
        &self.folder
    }

    /// Where a symlink leads.
    pub fn target(&self) -> Result<OsString, Errno> {
        let target = fs::readlinkat(&self.folder, self.name(), Vec::new())?;
        Ok(OsString::from_vec(target.into_bytes()))
    }
}

fn identity(stat: &Stat) -> (u64, u64) {
    (stat.st_dev, stat.st_ino)
}

fn names(folder: &OwnedFd) -> Result<Vec<OsString>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            names.push(OsStr::from_bytes(name).to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn reach(top: &OwnedFd, path: &Path) -> Result<OwnedFd, Errno> {
    let mut folder = fs::openat(top, ".", FOLDER, Mode::empty())?;
    for part in path.components().filter(|part| matches!(part, Component::Normal(_))) {
        folder = fs::openat(&folder, part.as_os_str(), FOLDER, Mode::empty())?;
    }
    Ok(folder)
}

/// What a test does at the worst moment: after something was looked at, before it is opened. In debug builds alone, as
/// tests of other crates need it too.
#[cfg(debug_assertions)]
pub mod between {
    use std::cell::RefCell;
    use std::path::Path;

    type Act = Box<dyn FnMut(&Path)>;

    thread_local! {
        static ACT: RefCell<Option<Act>> = const { RefCell::new(None) };
    }

    /// Has every walk of this thread do something at that moment.
    pub fn act(act: impl FnMut(&Path) + 'static) {
        ACT.with(|slot| *slot.borrow_mut() = Some(Box::new(act)));
    }

    pub(super) fn tell(path: &Path) {
        ACT.with(|slot| {
            if let Some(act) = slot.borrow_mut().as_mut() {
                act(path);
            }
        });
    }
}

#[cfg(test)]
mod tests;
