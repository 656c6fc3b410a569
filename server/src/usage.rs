//! How much of the disk a session uses: its files, walked by descriptors, and those without a name that its programs hold
//! open.

use rustix::fs::{Stat, statvfs};
use sandbox::walk::Walk;
use std::collections::HashSet;
use std::io;
use std::path::Path;

const MIB: u64 = 1024 * 1024;
/// Bytes that anything with a name takes at least: names and what the system keeps of a file are not free.
const ENTRY: u64 = 1024;
/// Blocks have 512 bytes in every system.
const BLOCK: u64 = 512;

/// Why programs do not go on in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// The session has as much as it may.
    #[error(
        "The workspace has more than {0} MB, which is as much as this server allows. End the session and start another \
         one, or ask whoever runs the server to raise --max-workspace-mb."
    )]
    Workspace(u64),
    /// The disk has little left.
    #[error(
        "The server's disk has less than {0} MB free. Try again when there is more; whoever runs the server can free some, \
         or lower --keep-free-mb."
    )]
    Disk(u64),
}

/// Counts the bytes of one session on the disk, up to a limit.
#[derive(Debug)]
pub struct Usage {
    used: u64,
    most: u64,
    /// What has several names, or may be met twice, by device and number.
    met: HashSet<(u64, u64)>,
}

impl Usage {
    /// Stops counting once there is more than this.
    pub fn up_to(most: u64) -> Self {
        Self { used: 0, most, met: HashSet::new() }
    }

    /// Bytes counted so far.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Whether there is more than the limit.
    pub fn is_over(&self) -> bool {
        self.used > self.most
    }

    /// Counts a folder with everything in it. What changes meanwhile is counted as it is met; no link is followed.
    pub fn add_folder(&mut self, folder: &Path) -> io::Result<()> {
        let walk = match Walk::of_real(folder) {
            Ok(walk) => walk,
            Err(rustix::io::Errno::NOENT) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for entry in walk.flatten() {
            let stat = entry.stat();
            if stat.st_nlink <= 1 || entry.kind().is_dir() || self.is_new(stat) {
                self.add(bytes(stat).max(ENTRY));
            }
            if self.is_over() {
                break;
            }
        }
        Ok(())
    }

    /// Counts a file without a name that somebody holds open.
    pub fn add_nameless(&mut self, stat: &Stat) {
        if self.is_new(stat) {
            self.add(bytes(stat));
        }
    }

    fn add(&mut self, bytes: u64) {
        self.used = self.used.saturating_add(bytes);
    }

    fn is_new(&mut self, stat: &Stat) -> bool {
        self.met.insert((stat.st_dev, stat.st_ino))
    }
}

/// What the disk of a folder has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Bytes in use.
    pub used: u64,
    /// Bytes that the server may still use.
    pub free: u64,
}

impl Disk {
    /// Of the file system that a folder lies on.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let stat = statvfs(folder)?;
        let bytes = |blocks: u64| blocks.saturating_mul(stat.f_frsize);
        Ok(Self { used: bytes(stat.f_blocks.saturating_sub(stat.f_bfree)), free: bytes(stat.f_bavail) })
    }
}

/// Bytes as people count them.
pub fn megabytes(bytes: u64) -> u64 {
    bytes / MIB
}

fn bytes(stat: &Stat) -> u64 {
    u64::try_from(stat.st_blocks).unwrap_or(0).saturating_mul(BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn used(folder: &Path, most: u64) -> Usage {
        let mut usage = Usage::up_to(most);
        usage.add_folder(folder).expect("counted");
        usage
    }

    #[test]
    fn links_and_holes_take_nothing_and_empty_files_a_little() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a"), [7; 600_000]).expect("a file");
        let one = used(folder.path(), u64::MAX).used();
        assert!((600_000..700_000).contains(&one), "{one}");
        fs::hard_link(at("a"), at("b")).expect("a link");
        symlink("/usr", at("usr")).expect("a link");
        fs::File::create(at("hole")).and_then(|file| file.set_len(1 << 40)).expect("a hole");
        let more = used(folder.path(), u64::MAX).used() - one;
        assert!(more <= 3 * 4096, "{more}");
        for name in 0..100 {
            fs::write(at(&name.to_string()), "").expect("a file");
        }
        assert!(used(folder.path(), u64::MAX).used() >= one + 100 * ENTRY);
        assert!(used(folder.path(), 500_000).is_over() && !used(folder.path(), 1_000_000).is_over());
        assert_eq!(used(&at("nothing"), 1).used(), 0);
    }
}
