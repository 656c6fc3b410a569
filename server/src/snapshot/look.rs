//! What the search of a workspace gathers: findings and everything that was not looked into, all of it named without
//! values.

use super::budget::Budget;
use super::{Progress, density};
use crate::guard::{Guard, Hit, Search};
use crate::wall::Wall;
use domain::limits;
use domain::snapshot::{Finding, GuardReport, Spot};
use std::io::{self, Read, Write};
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
    pub budget: Budget,
    pub report: GuardReport,
}

/// What came of searching a stream to its end, or as far as it could be read.
pub(super) struct Searched {
    pub bytes: u64,
    pub hits: Vec<Hit>,
    /// Whether it begins like something that is packed.
    pub is_dense: bool,
    pub end: io::Result<()>,
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

    /// Searches everything that comes out of a reader, and hands it on to `copy`.
    pub fn search(&self, reader: &mut impl Read, copy: &mut impl Write) -> Searched {
        let mut search = self.guard.search();
        let (mut block, mut bytes, mut is_dense) = (vec![0; BLOCK], 0, false);
        let end = loop {
            if let Err(stopped) = self.progress.check() {
                break Err(stopped.into());
            }
            let count = match reader.read(&mut block) {
                Ok(0) => break Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => break Err(error),
            };
            search.take(&block[..count]);
            if bytes == 0 {
                is_dense = density::is_dense(&block[..count]);
            }
            bytes += count as u64;
            if let Err(error) = copy.write_all(&block[..count]) {
                break Err(error);
            }
        };
        Searched { bytes, hits: search.into_hits(), is_dense, end }
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
    is_dense: Option<bool>,
}

impl<'a, R: Read> Searching<'a, R> {
    pub fn new(inner: R, size: u64, guard: &'a Guard, progress: &'a Progress) -> Self {
        let search = guard.search();
        Self { inner, left: size, search, progress, block: Vec::new(), at: 0, short: false, is_dense: None }
    }

    /// Whether it begins like something that is packed.
    pub fn is_dense(&self) -> bool {
        self.is_dense == Some(true)
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
        self.is_dense.get_or_insert_with(|| density::is_dense(&self.block[..have]));
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
