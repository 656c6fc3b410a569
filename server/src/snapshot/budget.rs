//! How much may be unpacked: a file of zeros packs a thousandfold, and archives of them once more.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

const GIB: u64 = 1 << 30;
/// Bytes that one file of the workspace may unpack to, with all that is in it.
const FILE: u64 = 8 * GIB;
/// Bytes that all files of a workspace may unpack to.
const TOTAL: u64 = 64 * GIB;

/// What may still be unpacked. Clones share it.
#[derive(Clone)]
pub(super) struct Budget {
    of_file: u64,
    file: Rc<Cell<u64>>,
    total: Rc<Cell<u64>>,
}

/// The end of a budget.
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to more than is looked into")]
pub(super) struct Spent;

impl Default for Budget {
    fn default() -> Self {
        Self::new(FILE, TOTAL)
    }
}

impl Budget {
    pub fn new(file: u64, total: u64) -> Self {
        Self { of_file: file, file: Rc::new(Cell::new(file)), total: Rc::new(Cell::new(total)) }
    }

    /// Begins with the next file of the workspace.
    pub fn begin_file(&self) {
        self.file.set(self.of_file);
    }

    /// What comes out of this counts.
    pub fn meter<R: Read>(&self, inner: R) -> Metered<R> {
        Metered { inner, budget: self.clone() }
    }

    /// Whether an error is the end of a budget.
    pub fn is_spent(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Spent>())
    }
}

/// A reader whose bytes count.
pub(super) struct Metered<R> {
    inner: R,
    budget: Budget,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Budget { file, total, .. } = &self.budget;
        let left = file.get().min(total.get());
        if left == 0 {
            // The end may have come at the very same byte.
            return if self.inner.read(&mut [0])? == 0 { Ok(0) } else { Err(io::Error::other(Spent)) };
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        let count = self.inner.read(&mut into[..most])?;
        file.set(file.get() - count as u64);
        total.set(total.get() - count as u64);
        Ok(count)
    }
}
