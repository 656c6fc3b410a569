//! Looking for needles in bytes that come piece by piece: one pass, with as much memory as the longest needle.

use super::wrapped::{Run, Wrapped};
use aho_corasick::{AhoCorasick, BuildError};
use domain::KeyName;
use domain::snapshot::Encoding;
use memchr::{memchr, memchr_iter};
use sandbox::mask::{Cleaner, Needles, Patterns};
use std::collections::BTreeSet;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Longest part of a needle that is looked for, in bytes.
const PART: usize = 512;
/// Length of the part that stands for a needle that is longer, or of several lines.
const WINDOW: usize = 64;
/// How far into a file a NUL makes it one that has no lines, as git decides.
const TEXT_HEAD: usize = 8000;
/// Hits that one search remembers.
const HITS: usize = 200;

/// The needles, made ready.
pub struct Guard {
    automaton: Option<AhoCorasick>,
    meanings: Vec<Vec<(KeyName, Encoding)>>,
    longest: usize,
    wrapped: Wrapped,
    patterns: Arc<Patterns>,
}

/// A value in a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The line, counted from 1; none in what is no text.
    pub line: Option<u64>,
    /// The byte, counted from 0.
    pub byte: u64,
    /// Whose value it is.
    pub key: KeyName,
    /// How it is written.
    pub encoding: Encoding,
}

/// A search in one thing.
pub struct Search<'a> {
    guard: &'a Guard,
    /// The end of what came, in which a needle may have begun; then what comes.
    buffer: Zeroizing<Vec<u8>>,
    /// How much of the buffer was searched before.
    searched: usize,
    /// Bytes and line ends before the buffer.
    passed: u64,
    lines: u64,
    text: Option<bool>,
    run: Run,
    /// What was seen already: a value that stands on one line twice is one hit.
    known: BTreeSet<(Option<u64>, KeyName, Encoding)>,
    hits: Vec<Hit>,
}

impl Guard {
    /// Builds the automaton.
    pub fn new(needles: &Needles) -> Result<Self, BuildError> {
        let patterns = Arc::new(Patterns::new(needles)?);
        let parts: Vec<&[u8]> = needles.all().iter().map(|needle| part_of(&needle.bytes)).collect();
        let automaton = if parts.is_empty() { None } else { Some(AhoCorasick::new(&parts)?) };
        let longest = parts.iter().map(|part| part.len()).max().unwrap_or(0);
        let meanings = needles.all().iter().map(|needle| needle.meanings.clone()).collect();
        let wrapped = Wrapped::new(needles, part_of)?;
        Ok(Self { automaton, meanings, longest, wrapped, patterns })
    }

    /// Begins a search.
    pub fn search(&self) -> Search<'_> {
        Search {
            guard: self,
            buffer: Zeroizing::default(),
            searched: 0,
            passed: 0,
            lines: 0,
            text: None,
            run: Run::default(),
            known: BTreeSet::new(),
            hits: Vec::new(),
        }
    }

    /// Searches something short.
    pub fn hits_in(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut search = self.search();
        search.take(bytes);
        search.into_hits()
    }

    /// A name as people may see it.
    pub fn clean(&self, name: &str) -> String {
        Cleaner::clean(&self.patterns, name)
    }

    /// The same without telling whose values they are, for names that somebody chose: the mark must not answer a guess.
    pub fn clean_unnamed(&self, name: &str) -> String {
        Cleaner::clean_unnamed(&self.patterns, name)
    }
}

impl Search<'_> {
    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        let head = || memchr(0, &bytes[..bytes.len().min(TEXT_HEAD)]).is_none();
        let text = *self.text.get_or_insert_with(head);
        let Some(automaton) = &self.guard.automaton else { return };
        self.buffer.extend_from_slice(bytes);
        // The quick way does not tell of each hit; most bytes have none.
        if automaton.is_match(self.buffer.as_slice()) {
            for found in automaton.find_overlapping_iter(self.buffer.as_slice()) {
                if found.end() <= self.searched {
                    continue;
                }
                let line_ends = || memchr_iter(b'\n', &self.buffer[..found.start()]).count() as u64;
                let line = text.then(|| self.lines + 1 + line_ends());
                let byte = self.passed + found.start() as u64;
                for (key, encoding) in &self.guard.meanings[found.pattern().as_usize()] {
                    if self.hits.len() < HITS && self.known.insert((line, key.clone(), *encoding)) {
                        self.hits.push(Hit { line, byte, key: key.clone(), encoding: *encoding });
                    }
                }
                if self.hits.len() >= HITS {
                    break;
                }
            }
        }
        if text {
            let mut wrapped = Vec::new();
            self.guard.wrapped.take(&mut self.run, bytes, &mut |needle, line| wrapped.push((needle, line)));
            self.add_wrapped(wrapped);
        }
        let over = self.buffer.len().saturating_sub(self.guard.longest.saturating_sub(1));
        if text {
            self.lines += memchr_iter(b'\n', &self.buffer[..over]).count() as u64;
        }
        self.passed += over as u64;
        self.buffer.drain(..over);
        self.searched = self.buffer.len();
    }

    /// Whether something was found so far.
    pub fn has_hits(&self) -> bool {
        !self.hits.is_empty()
    }

    /// What was found.
    pub fn into_hits(mut self) -> Vec<Hit> {
        if self.text == Some(true) {
            let mut wrapped = Vec::new();
            self.guard.wrapped.finish(&mut self.run, &mut |needle, line| wrapped.push((needle, line)));
            self.add_wrapped(wrapped);
        }
        self.hits
    }

    fn add_wrapped(&mut self, found: Vec<(usize, u64)>) {
        for (needle, line) in found {
            for (key, encoding) in &self.guard.meanings[needle] {
                if self.hits.len() < HITS && self.known.insert((Some(line), key.clone(), *encoding)) {
                    self.hits.push(Hit { line: Some(line), byte: self.passed, key: key.clone(), encoding: *encoding });
                }
            }
        }
    }
}

/// What is looked for of a needle: all of it, or of a long one the part that stands out most. Of a value with several
/// lines a part of one line, so that it is found with other indentation and line ends too.
fn part_of(needle: &[u8]) -> &[u8] {
    let lines = needle.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    let longest = lines.clone().map(<[u8]>::len).max().unwrap_or(0);
    if longest == needle.len() && longest <= PART || longest < sandbox::mask::needles::SHORTEST {
        return &needle[..needle.len().min(PART)];
    }
    let window = longest.min(WINDOW);
    let parts = lines.flat_map(|line| line.windows(window));
    // The first of the best; `max_by_key` would give the last.
    let best = parts.reduce(|best, part| if variety(part) > variety(best) { part } else { best });
    best.unwrap_or(needle)
}

fn variety(part: &[u8]) -> u32 {
    let mut seen = [0u64; 4];
    for byte in part {
        seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    seen.iter().map(|bits| bits.count_ones()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::SecretValue;
    use proptest::prelude::*;

    fn guard(values: &[(&str, &str)]) -> Guard {
        let values: Vec<_> = values
            .iter()
            .map(|(key, value)| (KeyName::new(*key).expect("a key"), SecretValue::new((*value).to_owned())))
            .collect();
        Guard::new(&Needles::new(values.iter().map(|(key, value)| (key, value)))).expect("a guard")
    }

    fn lines(guard: &Guard, pieces: &[&[u8]]) -> Vec<(Option<u64>, u64, String)> {
        let mut search = guard.search();
        pieces.iter().for_each(|piece| search.take(piece));
        search.into_hits().into_iter().map(|hit| (hit.line, hit.byte, hit.key.to_string())).collect()
    }

    #[test]
    fn a_hit_names_line_and_byte() {
        let guard = guard(&[("A", "secret-one"), ("B", "secret-two")]);
        let text = b"first\nx=secret-one\n\nsecret-two secret-two";
        let expected = [(Some(2), 8, "A".to_owned()), (Some(4), 20, "B".to_owned())];
        assert_eq!(lines(&guard, &[text]), expected);
        assert_eq!(lines(&guard, &[b"\0\nsecret-one"]), [(None, 2, "A".to_owned())]);
        assert!(lines(&guard, &[b"secret-on"]).is_empty());
    }

    proptest! {
        #[test]
        fn a_value_is_found_however_the_bytes_are_cut(
            before in "[ -~\n]{0,300}", after in "[ -~\n]{0,300}", cuts in prop::collection::vec(0usize..600, 0..12),
        ) {
            let guard = guard(&[("A", "p#ssw0rd of \u{e9} somebody"), ("B", "0rd of")]);
            let whole = format!("{before}p#ssw0rd of \u{e9} somebody{after}").into_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(whole.len())).chain([0, whole.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &whole[pair[0]..pair[1]]).collect();
            let found = lines(&guard, &pieces);
            let line = before.matches('\n').count() as u64 + 1;
            prop_assert!(found.contains(&(Some(line), before.len() as u64, "A".to_owned())), "{found:?}");
            prop_assert!(found.contains(&(Some(line), before.len() as u64 + 5, "B".to_owned())), "{found:?}");
            prop_assert_eq!(found, lines(&guard, &[&whole]));
        }

        #[test]
        fn a_name_is_shown_without_a_value_in_any_of_its_forms(
            value in "(\\PC{6,40}|[a-c \t]{6,12})", before in "[a-z/]{0,9}", after in "[a-z/]{0,9}",
        ) {
            let (key, value) = (KeyName::new("A").expect("a key"), SecretValue::new(value));
            let needles = Needles::new([(&key, &value)]);
            let guard = Guard::new(&needles).expect("a guard");
            for needle in needles.all() {
                let name = format!("{before}{}{after}", String::from_utf8_lossy(&needle.bytes));
                prop_assert!(guard.clean(&name).contains("«secret A»"), "{}", name);
                prop_assert!(guard.clean_unnamed(&name).contains("«secret»"), "{}", name);
                prop_assert!(guard.hits_in(guard.clean(&name).as_bytes()).is_empty(), "{}", name);
            }
        }
    }

    #[test]
    fn a_key_of_many_lines_is_found_indented_and_with_other_line_ends() {
        let body: Vec<String> = (0..40).map(|line| format!("{line:02}{}", "aZ9+/qWxYk".repeat(6))).collect();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", body.join("\n"));
        let guard = guard(&[("PEM", &pem)]);
        let indented = pem.replace('\n', "\r\n    ");
        assert_eq!(lines(&guard, &[indented.as_bytes()]).len(), 1);
        assert!(lines(&guard, &[b"-----BEGIN PRIVATE KEY-----\nother\n-----END PRIVATE KEY-----"]).is_empty());
        let json = serde_json::to_string(&pem).expect("json");
        assert!(!lines(&guard, &[json.as_bytes()]).is_empty());
    }

    #[test]
    fn base64_that_is_wrapped_is_found_on_the_line_where_it_begins() {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let value = "postgres://shop:p#ssw0rd@db.internal.example.test/shop?sslmode=require";
        let guard = guard(&[("A", value)]);
        for (before, width, ends, indent) in [(70, 76, "\n", ""), (40, 64, "\r\n", "    "), (9_000, 60, "\n", "\t")] {
            let text = STANDARD.encode(format!("{}{value}, and more of it", "x".repeat(before)));
            let lines_of = text.as_bytes().chunks(width).map(|line| String::from_utf8_lossy(line).into_owned());
            let wrapped: Vec<_> = lines_of.map(|line| format!("{indent}{line}{ends}")).collect();
            let text = format!("key:\n{}end\n", wrapped.concat());
            let expected = (before * 8).div_ceil(6) / width + 2;
            for size in [7, 1000, text.len()] {
                let pieces: Vec<_> = text.as_bytes().chunks(size).collect();
                let found: Vec<_> = lines(&guard, &pieces).into_iter().map(|(line, ..)| line).collect();
                assert_eq!(found, [Some(expected as u64)], "{before} {width} {size}");
            }
        }
    }

    #[test]
    fn memory_stays_small_and_hits_are_limited() {
        let guard = guard(&[("A", "secret-one")]);
        let mut search = guard.search();
        for _ in 0..HITS {
            search.take(&b"secret-one\nand more\n".repeat(100));
        }
        assert!(search.buffer.len() < PART);
        assert_eq!(search.into_hits().len(), HITS);
    }
}
