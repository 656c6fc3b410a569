//! The block that Keyslot keeps in an env file (and in git's exclude file) beside lines that are not its own.
//!
//! The block stands at the end of the file between two comment lines. Every reader takes the last assignment of a key,
//! so the block wins while foreign lines stay as they are, byte for byte. All of it works on bytes: a file that is not
//! UTF-8 survives too.
//!
//! - The marker lines carry a number that occurs in no marker inside the block, so that a value with line ends cannot
//!   fake the end of the block.
//! - The first marker tells whether Keyslot made the file, and whether it had to add a line end in front of the block,
//!   so that scrubbing gives back exactly the bytes that were there.
//! - A first marker whose last marker is gone (somebody edited the file) marks nothing: which lines below it are
//!   Keyslot's cannot be known, so all of them stay as foreign lines, only the marker itself goes, and the caller is
//!   told ([`Merged::broken`]). The new block comes after them and wins.

use std::collections::{BTreeSet, HashMap};
use zeroize::Zeroizing;

const BEGIN: &str = "# >>> keyslot ";
const END: &str = "# <<< keyslot ";
const NOTE: &str = "| Keyslot rewrites this block; put lines of your own above it";

/// What is to be done with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing: it already is as it should be, or does not exist and need not.
    Unchanged,
    /// It becomes these bytes.
    Text(Zeroizing<Vec<u8>>),
    /// It goes: Keyslot made it, and nothing of others is in it.
    RemoveFile,
}

/// What [`merge`] and [`scrub`] found and decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// What is to be done.
    pub change: Change,
    /// Whether Keyslot made the file, now or earlier.
    pub created: bool,
    /// Whether the file held a block of Keyslot before.
    pub had_block: bool,
    /// How many first markers had lost their last one.
    pub broken: usize,
    /// Everything in the file that is not Keyslot's.
    pub foreign: Zeroizing<Vec<u8>>,
}

/// Puts the assignments (whole lines, each ending in a line end) into the file's block, in place of an earlier block.
///
/// `existing` is `None` where there is no file. Without assignments the block is taken out: the same as [`scrub`].
pub fn merge(existing: Option<&[u8]>, assignments: &[u8]) -> Merged {
    let parts = split(existing.unwrap_or_default());
    let created = existing.is_none() || parts.created;
    let change = if assignments.is_empty() {
        match existing {
            None => Change::Unchanged,
            Some(_) if parts.had_block && created && parts.foreign.is_empty() => Change::RemoveFile,
            Some(_) => Change::Text(parts.foreign.clone()),
        }
    } else {
        Change::Text(with_block(&parts.foreign, created, assignments))
    };
    let change = match change {
        Change::Text(text) if existing == Some(text.as_slice()) => Change::Unchanged,
        other => other,
    };
    Merged { change, created, had_block: parts.had_block, broken: parts.broken, foreign: parts.foreign }
}

/// Takes Keyslot's block out of a file; the foreign bytes become what they were before it was put in.
pub fn scrub(existing: &[u8]) -> Merged {
    merge(Some(existing), &[])
}

/// The lines between the markers of Keyslot's block: the assignments that were last given to [`merge`].
pub fn own_lines(existing: &[u8]) -> Zeroizing<Vec<u8>> {
    split(existing).own
}

/// The keys that foreign lines seem to set, for a warning: Keyslot's value wins over them.
pub fn foreign_keys(foreign: &[u8]) -> BTreeSet<&str> {
    let keys = foreign.split(|byte| *byte == b'\n').filter_map(|line| {
        let line = line.trim_ascii_start();
        let line = line.strip_prefix(b"export ").unwrap_or(line);
        let name = &line[..line.iter().position(|byte| *byte == b'=')?];
        std::str::from_utf8(name.trim_ascii()).ok()
    });
    keys.collect()
}

struct Parts {
    foreign: Zeroizing<Vec<u8>>,
    own: Zeroizing<Vec<u8>>,
    had_block: bool,
    created: bool,
    broken: usize,
}

#[derive(Clone, Copy)]
struct Begin {
    created: bool,
    newline: bool,
}

fn with_block(foreign: &[u8], created: bool, assignments: &[u8]) -> Zeroizing<Vec<u8>> {
    let newline = !foreign.is_empty() && !foreign.ends_with(b"\n");
    let tag = free_tag(assignments);
    let yes = |flag| if flag { "yes" } else { "no" };
    let begin = format!("{BEGIN}{tag} created={} newline={} {NOTE}\n", yes(created), yes(newline));
    let end = format!("{END}{tag}\n");
    let parts = [foreign, if newline { b"\n" } else { b"" }, begin.as_bytes(), assignments, end.as_bytes()];
    // The right capacity from the start: a growing vector leaves copies of the values behind.
    let mut text = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
    parts.iter().for_each(|part| text.extend_from_slice(part));
    text
}

/// The smallest number that no marker within the text carries.
fn free_tag(text: &[u8]) -> u64 {
    let lines = text.split(|byte| *byte == b'\n');
    let taken: BTreeSet<u64> = lines.filter_map(marker).map(|(tag, _)| tag).collect();
    (0..).find(|tag| !taken.contains(tag)).unwrap_or(u64::MAX)
}

/// The number of a marker line, and what it says if it is a first one.
fn marker(line: &[u8]) -> Option<(u64, Option<Begin>)> {
    // Markers are ASCII; an editor may have changed their line ends.
    let line = std::str::from_utf8(line).ok()?.trim_end_matches(['\n', '\r']);
    let number = |text: &str| text.parse().ok().filter(|tag: &u64| tag.to_string() == text);
    if let Some(tag) = line.strip_prefix(END) {
        return Some((number(tag)?, None));
    }
    let mut words = line.strip_prefix(BEGIN)?.split(' ');
    let tag = number(words.next()?)?;
    let mut flag = |name: &str| match words.next()?.strip_prefix(name)? {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    Some((tag, Some(Begin { created: flag("created=")?, newline: flag("newline=")? })))
}

/// For each line with a first marker: what it says, and the line of its last marker if that is still there.
fn blocks(lines: &[&[u8]]) -> HashMap<usize, (Begin, Option<usize>)> {
    let mut found = HashMap::new();
    let mut next: HashMap<u64, Option<usize>> = HashMap::new();
    for (at, line) in lines.iter().enumerate().rev() {
        match marker(line) {
            // Another first marker of the same number in between means that the last one belongs to that.
            Some((tag, Some(begin))) => {
                found.insert(at, (begin, next.insert(tag, None).flatten()));
            }
            Some((tag, None)) => {
                next.insert(tag, Some(at));
            }
            None => {}
        }
    }
    found
}

fn split(text: &[u8]) -> Parts {
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let blocks = blocks(&lines);
    let foreign = Zeroizing::new(Vec::with_capacity(text.len()));
    let own = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut parts = Parts { foreign, own, had_block: false, created: false, broken: 0 };
    // Where a line end was added for a block; it goes with the block unless foreign lines follow that need it.
    let mut added_at = None;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        match blocks.get(&at) {
            Some((begin, Some(end))) => {
                parts.had_block = true;
                parts.created |= begin.created;
                if begin.newline {
                    added_at = Some(parts.foreign.len());
                }
                lines[at + 1..*end].iter().for_each(|line| parts.own.extend_from_slice(line));
                at = *end;
            }
            Some((_, None)) => parts.broken += 1,
            None => parts.foreign.extend_from_slice(line),
        }
        at += 1;
    }
    if added_at == Some(parts.foreign.len()) && parts.foreign.ends_with(b"\n") {
        parts.foreign.pop();
    }
    parts
}

#[cfg(test)]
mod tests;
