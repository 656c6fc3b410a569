//! Taking values out of text that people will see: names, and what a program prints while it prints.
//!
//! Text comes in pieces of any size and should be seen at once, so only that is held back which may be the beginning of
//! a value. White space counts for nothing: a value is found although it is wrapped as `base64` wraps its lines, indented
//! or printed with other line ends. Each way of writing a value (see [`Needles`]) is looked for in parts of at most
//! [`PART`] bytes, so that a long one needs no longer memory than a short one, and one that is cut off in the middle is
//! found up to there. Of a value of several lines each line is looked for, too: output is often cut into lines.
//!
//! The last letters of a line are often the first ones of some value. So that no line stays without its end, [`FEW`] of
//! them are shown all the same once nothing more came for a while; should a value go on there, its rest is still found.

use super::needles::{Needles, SHORTEST};
use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, BuildError, MatchKind};
use domain::KeyName;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Bytes of all values that are looked for at once: every way of writing them takes about a hundred times as many.
pub const SEARCHED_BYTES: usize = 1024 * 1024;
/// Bytes of the longest part that is looked for.
const PART: usize = 32;
/// So many bytes that are no white space may be shown although a value may begin with them.
const FEW: usize = 5;
/// Bytes of white space that are kept of each gap within what is held back; the rest of a longer one is dropped. Without
/// a bound a program could fill the memory with spaces behind one letter of a value.
const GAP: usize = 4 * 1024;

/// Every way of writing every value, made ready.
#[derive(Default)]
pub struct Patterns {
    automaton: Option<NFA>,
    /// Whose value each pattern of the automaton is.
    keys: Vec<KeyName>,
    /// The patterns, sorted.
    sorted: Vec<Zeroizing<Vec<u8>>>,
}

impl Patterns {
    /// For these ways of writing values.
    pub fn new(needles: &Needles) -> Result<Self, BuildError> {
        let mut parts: Vec<(Zeroizing<Vec<u8>>, KeyName)> = Vec::new();
        for needle in needles.all() {
            let Some((key, _)) = needle.meanings.first() else { continue };
            for text in std::iter::once(needle.bytes.as_slice()).chain(lines_of(&needle.bytes)) {
                let solid = text.iter().filter(|byte| !byte.is_ascii_whitespace()).copied();
                // The right capacity from the start: a growing vector leaves copies of the value behind.
                let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
                bytes.extend(solid);
                parts.extend(parts_of(&bytes).map(|part| (Zeroizing::new(part.to_vec()), key.clone())));
            }
        }
        if parts.is_empty() {
            return Ok(Self::default());
        }
        // Stable: what several keys have in common goes by the name of the first.
        parts.sort_by(|(one, _), (other, _)| one.as_slice().cmp(other.as_slice()));
        parts.dedup_by(|(one, _), (other, _)| one == other);
        let (sorted, keys): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let automaton =
            NFA::builder().match_kind(MatchKind::Standard).build(sorted.iter().map(|part| part.as_slice()))?;
        Ok(Self { automaton: Some(automaton), keys, sorted })
    }

    /// Whether a longer pattern begins with these bytes.
    fn may_begin_with(&self, bytes: &[u8]) -> bool {
        let first = self.sorted.partition_point(|pattern| pattern.as_slice() < bytes);
        let with = self.sorted[first..].iter().take_while(|pattern| pattern.starts_with(bytes));
        with.into_iter().any(|pattern| pattern.len() > bytes.len())
    }
}

/// The lines of a needle that are long enough to be looked for. Those which frame a key are the same for everybody's.
fn lines_of(needle: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = needle.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    let is_frame = |line: &[u8]| line.starts_with(b"-----") && line.ends_with(b"-----");
    lines.filter(move |line| line.len() >= SHORTEST && !is_frame(line))
}

/// A needle in parts that cover all of it.
fn parts_of(needle: &[u8]) -> impl Iterator<Item = &[u8]> {
    let last = needle.len().saturating_sub(PART);
    (0..last).step_by(PART).chain([last]).map(|at| &needle[at..needle.len().min(at + PART)])
}

/// Cleans one stream.
pub struct Cleaner {
    patterns: Arc<Patterns>,
    /// Where the automaton stands.
    state: Option<aho_corasick::automaton::StateID>,
    /// What came and may still become a part of a value.
    held: Zeroizing<Vec<u8>>,
    /// How much of the beginning of `held` was passed on already.
    shown: usize,
    /// The places in `held` that are no white space.
    solid: Vec<usize>,
    /// Bytes of white space since the last of them.
    gap: usize,
    /// The values in `held`, from where to where and whose; sorted, without overlaps.
    found: Vec<(usize, usize, usize)>,
    /// Whose value was passed over last, if nothing was passed on since.
    inside: Option<KeyName>,
    /// Whether only white space was passed on since a value, so that what is held may be more of it.
    near: bool,
    /// Whether the marks in the place of values name their keys.
    named: bool,
}

impl Cleaner {
    /// A stream that begins.
    pub fn new(patterns: Arc<Patterns>) -> Self {
        let mut cleaner = Self {
            patterns,
            state: None,
            held: Zeroizing::default(),
            shown: 0,
            solid: Vec::new(),
            gap: 0,
            found: Vec::new(),
            inside: None,
            near: false,
            named: true,
        };
        cleaner.restart();
        cleaner
    }

    /// All of a text without values.
    pub fn clean(patterns: &Arc<Patterns>, text: &str) -> String {
        let mut cleaner = Self::new(patterns.clone());
        let mut seen = cleaner.take(text.as_bytes());
        seen.extend(cleaner.finish());
        // A letter may be cut where a part of a value ends.
        String::from_utf8_lossy(&seen).into_owned()
    }

    /// The same without the names of the keys.
    pub fn clean_unnamed(patterns: &Arc<Patterns>, text: &str) -> String {
        let mut cleaner = Self { named: false, ..Self::new(patterns.clone()) };
        let mut seen = cleaner.take(text.as_bytes());
        seen.extend(cleaner.finish());
        String::from_utf8_lossy(&seen).into_owned()
    }

    /// Looks for other values from now on: more of them, or without those of keys that are plain now.
    pub fn learn(&mut self, patterns: &Arc<Patterns>) {
        if Arc::ptr_eq(&self.patterns, patterns) {
            return;
        }
        // What is held back may belong to a new value. The old finds stand for the same keys under other numbers, and a
        // key that is looked for no more hides nothing.
        let old = std::mem::replace(&mut self.patterns, patterns.clone());
        let number = |key: &KeyName| patterns.keys.iter().position(|known| known == key);
        let found = std::mem::take(&mut self.found).into_iter();
        self.found = found.filter_map(|(from, to, key)| Some((from, to, number(&old.keys[key])?))).collect();
        self.restart();
        self.solid.clear();
        let held = std::mem::take(&mut self.held);
        self.look_at(&held);
    }

    /// Takes the next bytes; answers what may be seen.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.look_at(bytes);
        self.pass(self.settled())
    }

    /// Nothing more came for a while: answers the few letters that were held back.
    pub fn rest(&mut self) -> Vec<u8> {
        if self.near || self.solid.len() > FEW || !self.found.is_empty() {
            return Vec::new();
        }
        let rest = self.held[self.shown..].to_vec();
        self.shown = self.held.len();
        rest
    }

    /// The stream is over: what may only have been the beginning of a value was none.
    pub fn finish(&mut self) -> Vec<u8> {
        let rest = self.pass(self.held.len());
        self.restart();
        rest
    }

    fn restart(&mut self) {
        let automaton = self.patterns.automaton.as_ref();
        // A start without an anchor is always there.
        self.state = automaton.and_then(|automaton| automaton.start_state(Anchored::No).ok());
    }

    fn look_at(&mut self, bytes: &[u8]) {
        let patterns = self.patterns.clone();
        for byte in bytes {
            let is_white = byte.is_ascii_whitespace();
            self.gap = if is_white { self.gap + 1 } else { 0 };
            if self.gap > GAP && !self.solid.is_empty() {
                continue;
            }
            self.held.push(*byte);
            let (Some(automaton), Some(state)) = (&patterns.automaton, self.state) else { continue };
            if is_white {
                continue;
            }
            self.solid.push(self.held.len() - 1);
            let state = automaton.next_state(Anchored::No, state, *byte);
            self.state = Some(state);
            if automaton.is_match(state) {
                // The first one is the longest.
                let pattern = automaton.match_pattern(state, 0);
                self.find(automaton.pattern_len(pattern), pattern.as_usize());
            }
        }
    }

    /// Notes that a value of so many solid bytes ends here.
    fn find(&mut self, length: usize, key: usize) {
        let first = self.solid.len().saturating_sub(length);
        let (mut from, to) = (self.solid.get(first).copied().unwrap_or(0), self.held.len());
        // Few letters that a value has far apart stand closer together by chance.
        if to - from < SHORTEST {
            return;
        }
        let mut whose = key;
        // What it overlaps or continues becomes one with it, under the name of what began first, or else is longer.
        while let Some((start, end, known)) = self.found.last().copied().filter(|(_, end, _)| *end >= from) {
            let same = self.patterns.keys[known] == self.patterns.keys[whose];
            if end == from && !same {
                break;
            }
            if start < from {
                whose = known;
            }
            from = from.min(start);
            self.found.pop();
        }
        self.found.push((from, to, whose));
    }

    /// Up to where nothing can still become a value.
    fn settled(&self) -> usize {
        let longest = self.solid.len().min(PART - 1);
        let tail = &self.solid[self.solid.len() - longest..];
        let bytes: Zeroizing<Vec<u8>> = Zeroizing::new(tail.iter().map(|at| self.held[*at]).collect());
        let begins = (0..tail.len()).find(|from| self.patterns.may_begin_with(&bytes[*from..]));
        begins.map_or(self.held.len(), |from| tail[from])
    }

    fn show(&mut self, seen: &mut Vec<u8>, from: usize, to: usize) {
        let plain = &self.held[from..to];
        self.near &= plain.trim_ascii().is_empty();
        self.inside = None;
        seen.extend_from_slice(plain);
    }

    /// Passes on what was held up to a place, with names in the place of values.
    fn pass(&mut self, to: usize) -> Vec<u8> {
        let mut seen = Vec::with_capacity(to);
        let mut at = self.shown.min(to);
        let shown = self.shown;
        let found = self.found.iter().copied().take_while(|(from, ..)| *from < to);
        for (from, end, key) in found.filter(|(_, end, _)| *end > shown).collect::<Vec<_>>() {
            if from > at {
                self.show(&mut seen, at, from);
            }
            let key = self.patterns.keys[key].clone();
            // The rest of a value whose beginning was passed over already.
            if self.inside.as_ref() != Some(&key) {
                let mark = if self.named { format!("«secret {key}»") } else { "«secret»".to_owned() };
                seen.extend_from_slice(mark.as_bytes());
                self.inside = Some(key);
            }
            self.near = true;
            at = end.min(to);
        }
        if at < to {
            self.show(&mut seen, at, to);
        }
        self.held.drain(..to);
        self.shown = self.shown.saturating_sub(to);
        self.solid.retain(|place| *place >= to);
        self.solid.iter_mut().for_each(|place| *place -= to);
        self.found.retain(|(_, end, _)| *end > to);
        for (from, end, _) in &mut self.found {
            (*from, *end) = (from.saturating_sub(to), *end - to);
        }
        seen
    }
}

#[cfg(test)]
#[path = "clean_tests.rs"]
mod tests;
