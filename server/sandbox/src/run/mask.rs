//! Passing on what a command prints, without values.

use crate::mask::{Cleaner, Patterns};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;
/// After how long without output its last letters are shown, should they have been held back.
const QUIET: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Reads to the end. Where nobody takes the output any more the command meets a closed pipe, as it would by itself.
pub(super) fn pump(mut from: impl Read + AsFd, mut to: impl Write, patterns: &Arc<Patterns>) {
    let mut cleaner = Cleaner::new(patterns.clone());
    let mut chunk = Zeroizing::new(vec![0; CHUNK]);
    let mut show = |bytes: Vec<u8>| to.write_all(&bytes).and_then(|()| to.flush());
    loop {
        if !is_ready(&from) && show(cleaner.rest()).is_err() {
            return;
        }
        let count = match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        if show(cleaner.take(&chunk[..count])).is_err() {
            return;
        }
    }
    // There is nobody to tell.
    show(cleaner.finish()).ok();
}

/// Whether more comes within a moment.
fn is_ready(from: &impl AsFd) -> bool {
    let mut polled = [PollFd::new(from, PollFlags::IN)];
    // A poll that fails says nothing: reading waits.
    poll(&mut polled, Some(&QUIET)).is_ok_and(|ready| ready > 0)
}
