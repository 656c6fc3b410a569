//! What the search of a workspace gathers: findings and everything that was not looked into, all of it named without
//! values.

use super::Progress;
use crate::guard::{Guard, Hit, Search};
use crate::wall::Wall;
use app::domain::limits;
use app::domain::snapshot::{Finding, GuardReport, Spot};
use std::io::{self, Read};
use std::path::Path;

/// Bytes that are read and searched at once.
const BLOCK: usize = 64 * 1024;

/// Gathers.
pub(super) struct Look<'a> {
    pub guard: &'a Guard,
    pub progress: &'a Progress,
    /// Folder for what has to lie on the disk for a while.
    pub temporary: &'a Path,
    /// What git is kept behind.
    pub wall: &'a Wall,
    pub report: GuardReport,
}

impl Look<'_> {
    /// Whether so much was found that nothing more needs to be.
    pub fn is_full(&self) -> bool {
        self.report.findings.len() >= limits::FINDINGS
    }

    /// Adds hits in the content of a file.
    pub fn found(&mut self, place: &str, hits: Vec<Hit>) {
        self.found_at(place, hits, |hit| hit.line.map_or(Spot::Byte(hit.byte), Spot::Line));
    }

    /// Adds hits, each at the spot that it means.
    pub fn found_at(&mut self, place: &str, hits: Vec<Hit>, spot: impl Fn(&Hit) -> Spot) {
        for hit in hits {
            let spot = spot(&hit);
            let finding = Finding { place: self.clean(place), spot, key: hit.key, encoding: hit.encoding };
            if !self.is_full() && !self.report.findings.contains(&finding) {
                self.report.findings.push(finding);
            }
        }
    }

    /// Searches a name and the target of a link.
    pub fn name(&mut self, place: &str, name: &[u8], target: Option<&[u8]>) {
        self.found_at(place, self.guard.hits_in(name), |_| Spot::Name);
        if let Some(target) = target {
            self.found_at(place, self.guard.hits_in(target), |_| Spot::LinkTarget);
        }
    }

    /// Searches everything that comes out of a reader; answers how many bytes that was.
    pub fn content(&mut self, reader: &mut impl Read) -> io::Result<(u64, Vec<Hit>)> {
        let (mut search, mut block, mut bytes) = (self.guard.search(), vec![0; BLOCK], 0);
        loop {
            self.progress.check()?;
            match reader.read(&mut block)? {
                0 => return Ok((bytes, search.into_hits())),
                count => {
                    search.take(&block[..count]);
                    bytes += count as u64;
                }
            }
        }
    }

    /// A name as people may see it.
    pub fn clean(&self, place: &str) -> String {
        self.guard.clean(place)
    }

    /// Names a file whose packed content was not looked into.
    pub fn not_searched(&mut self, place: &str, reason: &str) {
        let line = format!("{}: {reason}", self.clean(place));
        note(&mut self.report.unsearched, line);
    }

    /// Names something that no archive keeps.
    pub fn left_out(&mut self, place: &str, reason: &str) {
        let line = format!("{}: {reason}", self.clean(place));
        note(&mut self.report.left_out, line);
    }

    /// Names a file that was written to while it was read.
    pub fn changed(&mut self, place: &str) {
        let line = self.clean(place);
        note(&mut self.report.changed, line);
    }
}

fn note(list: &mut Vec<String>, line: String) {
    if list.len() < limits::NAMED_FILES {
        list.push(line);
    } else if list.len() == limits::NAMED_FILES {
        list.push("and more".to_owned());
    }
}

/// Reads exactly `size` bytes, searches what goes by, and counts it. What ends early is filled up with zeros: an archive
/// says the size of a file before its content.
pub(super) struct Searching<'a, R> {
    inner: R,
    left: u64,
    search: Search<'a>,
    progress: &'a Progress,
    block: Vec<u8>,
    at: usize,
    short: bool,
}

impl<'a, R: Read> Searching<'a, R> {
    pub fn new(inner: R, size: u64, guard: &'a Guard, progress: &'a Progress) -> Self {
        let search = guard.search();
        Self { inner, left: size, search, progress, block: Vec::new(), at: 0, short: false }
    }

    /// Whether the content ended early, and what was found.
    pub fn end(self) -> (bool, Vec<Hit>) {
        (self.short, self.search.into_hits())
    }

    fn fill(&mut self) -> io::Result<()> {
        self.progress.check()?;
        let want = usize::try_from(self.left).unwrap_or(BLOCK).min(BLOCK);
        self.block.resize(want, 0);
        let mut have = 0;
        while have < want && !self.short {
            match self.inner.read(&mut self.block[have..]) {
                Ok(0) => self.short = true,
                Ok(count) => have += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.block[have..].fill(0);
        self.search.take(&self.block);
        self.progress.add_bytes(want as u64);
        (self.left, self.at) = (self.left - want as u64, 0);
        Ok(())
    }
}

impl<R: Read> Read for Searching<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            if self.left == 0 {
                return Ok(0);
            }
            self.fill()?;
        }
        let count = into.len().min(self.block.len() - self.at);
        into[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
