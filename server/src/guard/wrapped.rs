//! Base64, base32 and hexadecimal digits that run over several lines, as `base64`, `xxd -p` and mail programs wrap them.

use aho_corasick::{AhoCorasick, BuildError};
use domain::snapshot::Encoding;
use memchr::memchr;
use sandbox::mask::Needles;
use zeroize::Zeroizing;

/// Lines longer than this are not wrapped ones.
const LONGEST_LINE: usize = 1024;
/// Shorter lines end a run, but for the last one.
const SHORTEST_LINE: usize = 16;
/// Bytes of a run that are gathered before they are searched.
const GATHERED: usize = 64 * 1024;

/// The needles in these, made ready.
pub(super) struct Wrapped {
    automaton: Option<AhoCorasick>,
    /// Which needle each pattern is.
    needles: Vec<usize>,
    longest: usize,
}

/// The state of one search.
#[derive(Default)]
pub(super) struct Run {
    /// The line that is not at its end yet, as far as it may be a wrapped one.
    line: Zeroizing<Vec<u8>>,
    /// Whether that line is too long to be one.
    overlong: bool,
    /// The lines of the run, joined.
    joined: Zeroizing<Vec<u8>>,
    /// Where in it each line begins, with its number.
    lines: Vec<(usize, u64)>,
    number: u64,
}

impl Wrapped {
    /// `part_of` says what is looked for of a needle.
    pub fn new(needles: &Needles, part_of: fn(&[u8]) -> &[u8]) -> Result<Self, BuildError> {
        let is_wrapped = |needle: &sandbox::mask::needles::Needle| {
            let wraps = |encoding| matches!(encoding, Encoding::Base64 | Encoding::Base32 | Encoding::Hex);
            needle.meanings.iter().all(|(_, encoding)| wraps(*encoding))
        };
        let known = needles.all().iter().enumerate().filter(|(_, needle)| is_wrapped(needle));
        let (needles, parts): (Vec<_>, Vec<_>) = known.map(|(at, needle)| (at, part_of(&needle.bytes))).unzip();
        let automaton = if parts.is_empty() { None } else { Some(AhoCorasick::new(&parts)?) };
        Ok(Self { automaton, needles, longest: parts.iter().map(|part| part.len()).max().unwrap_or(0) })
    }

    /// Takes the next bytes of a text; tells of each needle and the line on which it begins.
    pub fn take(&self, run: &mut Run, mut bytes: &[u8], found: &mut impl FnMut(usize, u64)) {
        if self.automaton.is_none() {
            return;
        }
        while let Some(end) = memchr(b'\n', bytes) {
            self.line(run, &bytes[..end], found);
            run.number += 1;
            bytes = &bytes[end + 1..];
        }
        run.begin(bytes);
    }

    /// The end of the text.
    pub fn finish(&self, run: &mut Run, found: &mut impl FnMut(usize, u64)) {
        self.line(run, b"", found);
        self.search(run, found);
    }

    fn line(&self, run: &mut Run, rest: &[u8], found: &mut impl FnMut(usize, u64)) {
        run.begin(rest);
        let (whole, overlong) = (std::mem::take(&mut run.line), std::mem::take(&mut run.overlong));
        let line = whole.trim_ascii();
        let fits = !overlong && !line.is_empty() && line.iter().all(|byte| is_base64(*byte));
        if fits && (line.len() >= SHORTEST_LINE || !run.joined.is_empty()) {
            run.lines.push((run.joined.len(), run.number + 1));
            run.joined.extend_from_slice(line);
        }
        if !fits || line.len() < SHORTEST_LINE {
            self.search(run, found);
        } else if run.joined.len() > GATHERED {
            self.search_and_keep(run, found);
        }
    }

    /// Searches a run at its end.
    fn search(&self, run: &mut Run, found: &mut impl FnMut(usize, u64)) {
        if run.lines.len() > 1 {
            self.tell(run, found);
        }
        run.joined.clear();
        run.lines.clear();
    }

    /// Searches a long run so far, and keeps the end, in which a needle may have begun.
    fn search_and_keep(&self, run: &mut Run, found: &mut impl FnMut(usize, u64)) {
        self.tell(run, found);
        let over = run.joined.len() - self.longest.min(run.joined.len());
        let first = run.lines.partition_point(|(at, _)| *at <= over).saturating_sub(1);
        let from = run.lines[first].0;
        run.joined.drain(..from);
        run.lines.drain(..first);
        run.lines.iter_mut().for_each(|(at, _)| *at -= from);
    }

    fn tell(&self, run: &Run, found: &mut impl FnMut(usize, u64)) {
        let Some(automaton) = &self.automaton else { return };
        for hit in automaton.find_overlapping_iter(run.joined.as_slice()) {
            let line = run.lines.partition_point(|(at, _)| *at <= hit.start()).saturating_sub(1);
            found(self.needles[hit.pattern().as_usize()], run.lines[line].1);
        }
    }
}

impl Run {
    /// Adds to the line that is not at its end yet.
    fn begin(&mut self, bytes: &[u8]) {
        self.overlong |= self.line.len() + bytes.len() > LONGEST_LINE;
        if !self.overlong {
            self.line.extend_from_slice(bytes);
        }
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}
