//! The lock that makes runs on one workspace wait for each other.
//!
//! It never lies in the workspace: whatever runs there could hold it, and every save would wait. A sandbox of a server
//! has it beside its workspace; elsewhere it is in a private folder of the user, under the workspace's device and inode.

use super::ApplyError;
use super::dir::{Dir, Problem};
use rustix::fs::{self, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a run waits for another one.
pub(super) const WAIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);
/// Name of our folder in the user's.
const FOLDER: &str = "keyslot";
const OWNER_ONLY: u32 = 0o700;

/// The lock, held until it is dropped.
pub(super) struct Lock {
    _file: OwnedFd,
}

impl Lock {
    /// Takes the lock in this file, which is made if it does not exist.
    pub fn take_at(path: &Path) -> Result<Self, ApplyError> {
        let failed = |reason: Errno| ApplyError::Lock { path: path.to_owned(), reason: reason.into() };
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = fs::open(path, flags, Mode::from_raw_mode(0o600)).map_err(failed)?;
        let deadline = Instant::now() + WAIT;
        loop {
            match fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(Errno::WOULDBLOCK) if Instant::now() < deadline => std::thread::sleep(POLL),
                Err(Errno::WOULDBLOCK) => return Err(ApplyError::Busy { path: path.to_owned() }),
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Takes the lock of a workspace that no server chose a place for.
    pub fn take_of(root: &Dir, workspace: &Path) -> Result<Self, ApplyError> {
        let stat = fs::fstat(root.descriptor()).map_err(|error| ApplyError::from(Problem::from(error)))?;
        let folder = private_folder(workspace, candidates(|name| std::env::var_os(name).map(PathBuf::from)))?;
        Self::take_at(&folder.join(format!("{:x}-{:x}.lock", stat.st_dev, stat.st_ino)))
    }
}

/// Where the folder may lie, best first. The state folder is the same for all of a user's logins, a runtime folder not.
fn candidates(variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let state = variable("XDG_STATE_HOME");
    let home = variable("HOME").map(|home| home.join(".local/state"));
    let folders = [state, home, variable("XDG_RUNTIME_DIR")].into_iter().flatten();
    let mut folders: Vec<_> = folders.filter(|path| path.is_absolute()).map(|path| path.join(FOLDER)).collect();
    folders.push(std::env::temp_dir().join(format!("{FOLDER}-{}", rustix::process::geteuid().as_raw())));
    folders
}

/// The first of the folders that can be ours alone and lies outside of the workspace.
fn private_folder(workspace: &Path, candidates: Vec<PathBuf>) -> Result<PathBuf, ApplyError> {
    let mut last = None;
    for folder in candidates.into_iter().filter(|folder| !folder.starts_with(workspace)) {
        match make_private(&folder) {
            Ok(true) if !std::fs::canonicalize(&folder).is_ok_and(|real| real.starts_with(workspace)) => {
                return Ok(folder);
            }
            Ok(_) => {}
            Err(error) => last = Some((folder, error)),
        }
    }
    let (path, reason) = last.unwrap_or_else(|| (PathBuf::from(FOLDER), Errno::PERM.into()));
    Err(ApplyError::Lock { path, reason })
}

/// Makes a folder for its owner alone. Returns whether what is there now is one.
fn make_private(folder: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(OWNER_ONLY).create(folder)?;
    let stat = fs::lstat(folder)?;
    let is_folder = fs::FileType::from_raw_mode(stat.st_mode) == fs::FileType::Directory;
    Ok(is_folder && stat.st_uid == rustix::process::geteuid().as_raw() && stat.st_mode & 0o077 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_lock_lies_outside_of_the_workspace_in_a_folder_of_the_user_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let (workspace, open) = (folder.path().join("workspace"), folder.path().join("open"));
        let (within, linked, good) = (workspace.join("state"), folder.path().join("linked"), folder.path().join("a/b"));
        std::fs::create_dir_all(workspace.join("inside")).expect("a folder");
        std::fs::create_dir(&open).expect("a folder");
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).expect("open to all");
        std::os::unix::fs::symlink(workspace.join("inside"), &linked).expect("a link");
        let chosen = private_folder(&workspace, vec![within, open, linked, good.clone()]).expect("a folder");
        assert_eq!(chosen, good);
        assert_eq!(std::fs::metadata(&good).expect("made").permissions().mode() & 0o777, OWNER_ONLY);
        assert!(
            private_folder(&workspace, vec![workspace.join("x")]).is_err(),
            "rather none than one in the workspace"
        );
    }

    #[test]
    fn a_home_that_is_missing_or_relative_is_passed_over() {
        let named = |pairs: &'static [(&str, &str)]| {
            let find =
                move |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value));
            candidates(find).swap_remove(0)
        };
        assert_eq!(named(&[("HOME", "/home/a")]), Path::new("/home/a/.local/state/keyslot"));
        assert_eq!(named(&[("HOME", "here"), ("XDG_RUNTIME_DIR", "/run/user/7")]), Path::new("/run/user/7/keyslot"));
        assert!(named(&[]).to_string_lossy().contains("keyslot-"));
    }

    #[test]
    fn who_has_the_lock_keeps_it_until_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("apply.lock");
        let held = Lock::take_at(&path).expect("taken");
        let file = std::fs::File::open(&path).expect("the file");
        assert_eq!(fs::flock(&file, FlockOperation::NonBlockingLockExclusive), Err(Errno::WOULDBLOCK));
        drop(held);
        fs::flock(&file, FlockOperation::NonBlockingLockExclusive).expect("free again");
    }
}
