//! What the server does for itself at start: keeps its memory and its files from other programs of this machine.

use rustix::fs::Mode;
use rustix::process::{DumpableBehavior, Resource, Rlimit, geteuid, set_dumpable_behavior, setrlimit, umask};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

const OTHERS: u32 = 0o077;

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It belongs to another user, who may read everything in it.
    #[error(
        "the data folder {path} belongs to another user (number {owner}); run: chown -R {me} {path}",
        path = path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// This process's user.
        me: u32,
    },
    /// The system said no.
    #[error("the permissions of {path} cannot be read or set: {source}", path = path.display())]
    System {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Closes this process's memory and environment to other processes of the same user, writes no core files, and makes
/// every new file its owner's alone. Call it before anything secret is read.
pub fn harden_process() -> io::Result<()> {
    umask(Mode::from_raw_mode(OTHERS));
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    if geteuid().is_root() {
        tracing::warn!(
            "the server runs as root; give it a user of its own, so that a fault in it does not reach the whole machine"
        );
    }
    Ok(())
}

/// Takes from others what they may do in the data folder and with an embedded database. A folder of somebody else is
/// refused.
pub fn close_data_folder(data: &Path, database: &str) -> Result<(), FolderError> {
    let me = geteuid().as_raw();
    let owner = metadata(data)?.uid();
    if owner != me {
        return Err(FolderError::Foreign { path: data.to_owned(), owner, me });
    }
    close(data)?;
    let file = database.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
    if let Some(file) = file.and_then(|rest| rest.split('?').next()).filter(|file| !file.contains(":memory:")) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let path = PathBuf::from(format!("{file}{end}"));
            if path.exists() {
                close(&path)?;
            }
        }
    }
    Ok(())
}

fn close(path: &Path) -> Result<(), FolderError> {
    let mode = metadata(path)?.mode() & 0o777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), mode = format!("{mode:03o}"), "others could read this; now they cannot");
    let closed = fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS));
    closed.map_err(|source| FolderError::System { path: path.to_owned(), source })
}

fn metadata(path: &Path) -> Result<fs::Metadata, FolderError> {
    fs::metadata(path).map_err(|source| FolderError::System { path: path.to_owned(), source })
}
