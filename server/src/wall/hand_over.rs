//! Gives folders to the user that programs behind the wall are.
//!
//! An ordinary user's server runs them as that same user. A server that runs as root runs them as [`SANDBOX_ID`], so what
//! they are to write must belong to that user.

use rustix::fs::{self, AtFlags, Dir, FileType, Gid, Mode, OFlags, Uid};
use rustix::io::Errno;
use std::path::Path;

/// Who programs behind the wall are on the host when the server is root. No system gives this number to anybody.
pub(super) const SANDBOX_ID: u32 = 65_529;

/// Gives a folder and all that is in it to the user that programs behind the wall are; does nothing unless the server is
/// root. Follows no symlink, not even of a program that exchanges folders meanwhile.
pub fn hand_over(folder: &Path) -> std::io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let top = fs::open(folder, flags, Mode::empty())?;
    let owner = fs::fstat(&top)?.st_uid;
    if owner != SANDBOX_ID {
        fs::fchown(&top, Some(Uid::from_raw(SANDBOX_ID)), Some(Gid::from_raw(SANDBOX_ID)))?;
    }
    give_content(Dir::new(top)?)
}

fn give_content(top: Dir) -> std::io::Result<()> {
    let (uid, gid) = (Uid::from_raw(SANDBOX_ID), Gid::from_raw(SANDBOX_ID));
    let mut open = vec![top];
    while let Some(folder) = open.last_mut() {
        let Some(entry) = folder.next().transpose()? else {
            open.pop();
            continue;
        };
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let folder = folder.fd()?;
        let stat = match fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            // Removed meanwhile.
            Err(Errno::NOENT) => continue,
            Err(error) => return Err(error.into()),
        };
        if stat.st_uid != SANDBOX_ID {
            match fs::chownat(folder, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            match fs::openat(folder, name, flags, Mode::empty()) {
                Ok(child) => open.push(Dir::new(child)?),
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}
