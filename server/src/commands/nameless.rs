//! Files that a command's processes hold open although they have no name any more: they fill the disk unseen.

use super::group::Status;
use crate::usage::Usage;
use rustix::fs::{FileType, stat};
use std::fs::read_dir;

/// Open files that are looked at in one go; more are those of hundreds of busy processes.
const LOOKS: usize = 100_000;

/// Counts those that lie on a device, up to the limit of `usage`.
pub(super) fn count(processes: &[Status], device: u64, usage: &mut Usage) {
    let folders = processes.iter().filter_map(|process| read_dir(format!("/proc/{}/fd", process.id())).ok());
    for open in folders.flatten().flatten().take(LOOKS) {
        // Closed meanwhile, or a process that lets nobody look.
        let Ok(stat) = stat(open.path()) else { continue };
        if stat.st_nlink == 0 && stat.st_dev == device && FileType::from_raw_mode(stat.st_mode).is_file() {
            usage.add_nameless(&stat);
        }
        if usage.is_over() {
            return;
        }
    }
}
