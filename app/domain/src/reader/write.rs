//! Writing assignments so that every reader of the file gives the same bytes back.
//!
//! Nothing here knows how a reader reads: a value is written in one spelling after the other until the model of every
//! reader gives it back, and a whole file is read again before it is handed over.

use super::family::Family;
use super::found_file::families_reading;
use super::program::Reader;
use super::reading::{Fault, Reading};
use super::refusal::{Cause, Unwritable, unwritable};
use super::spelling::spellings;
use crate::{KeyName, SecretValue};
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// Names that bash does not let a file set (it computes them or fails), and the one that npm dotenv drops.
const RESERVED: [&str; 30] = [
    "BASHOPTS",
    "BASHPID",
    "BASH_ALIASES",
    "BASH_ARGC",
    "BASH_ARGV",
    "BASH_ARGV0",
    "BASH_CMDS",
    "BASH_LINENO",
    "BASH_SOURCE",
    "BASH_SUBSHELL",
    "BASH_VERSINFO",
    "COMP_WORDBREAKS",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "LINENO",
    "OPTIND",
    "PIPESTATUS",
    "PPID",
    "RANDOM",
    "SECONDS",
    "SHELLOPTS",
    "SRANDOM",
    "UID",
    "_",
    "__proto__",
];

/// The assignment for a file with these readers: `KEY=…` and a line end; more than one line when the value has some.
pub fn assignment(readers: &[Reader], key: &KeyName, value: &SecretValue) -> Result<Zeroizing<String>, Unwritable> {
    check_key(readers, key)?;
    let value = value.expose();
    let spelling = spelling(readers, value).ok_or_else(|| unwritable(readers, value))?;
    Ok(line(key.as_str(), &spelling))
}

/// Whether a file with these readers can carry the value: the same decision as [`assignment`], asked when a person
/// saves.
pub fn check(readers: &[Reader], value: &str) -> Result<(), Unwritable> {
    if is_writable(readers, value) { Ok(()) } else { Err(unwritable(readers, value)) }
}

/// Whether a file with these readers can set the key at all.
pub fn check_key(readers: &[Reader], key: &KeyName) -> Result<(), Unwritable> {
    let keeps_names = |family: &Family| matches!(family, Family::Shell | Family::Npm | Family::NpmExpand);
    if RESERVED.contains(&key.as_str()) && Reader::families_of(readers).iter().any(keeps_names) {
        return Err(Unwritable { reader: None, named: !readers.is_empty(), cause: Cause::ReservedKey });
    }
    Ok(())
}

pub(super) fn is_writable(readers: &[Reader], value: &str) -> bool {
    spelling(readers, value).is_some()
}

/// What stands below a value: some readers search for the closing quote far beyond it.
/// A value that begins like a comment makes a line end that is none.
const BELOW: [(&str, &str); 7] = [
    ("KEYSLOT_B=b\n", "b"),
    ("KEYSLOT_B='b'\n", "b"),
    ("KEYSLOT_B=\"b\"\n", "b"),
    ("KEYSLOT_B=`b`\n", "b"),
    ("KEYSLOT_B='#b'\n", "#b"),
    ("KEYSLOT_B=\"#b\"\n", "#b"),
    ("KEYSLOT_B=`#b`\n", "#b"),
];

/// Which lines of [`BELOW`] a family understands; asked of its model once.
fn understood_below(family: Family) -> [bool; BELOW.len()] {
    static KNOWN: [OnceLock<[bool; BELOW.len()]>; Family::COUNT] = [const { OnceLock::new() }; Family::COUNT];
    let ask = || BELOW.map(|(line, value)| gives_back(family, line, &[("KEYSLOT_B", value)]));
    *KNOWN[family as usize].get_or_init(ask)
}

fn gives_back(family: Family, text: &str, expected: &[(&str, &str)]) -> bool {
    family.read(text).is_ok_and(|reading| {
        reading.keys().count() == expected.len() && expected.iter().all(|(key, value)| reading.text(key) == Some(value))
    })
}

/// The first spelling that every reader gives back, whatever stands around it.
fn spelling(readers: &[Reader], value: &str) -> Option<Zeroizing<String>> {
    if value.contains('\0') {
        return None;
    }
    let families = Reader::families_of(readers);
    let understood: Vec<_> = families.iter().map(|family| (*family, understood_below(*family))).collect();
    spellings(value).find(|spelling| {
        let line = line("K", spelling);
        understood.iter().all(|(family, understood)| {
            (BELOW.iter().zip(understood).filter(|(_, understood)| **understood)).all(|((below, other), _)| {
                let text = Zeroizing::new(["KEYSLOT_A=a\n", &line, below].concat());
                gives_back(*family, &text, &[("K", value), ("KEYSLOT_A", "a"), ("KEYSLOT_B", other)])
            })
        })
    })
}

fn line(key: &str, spelling: &str) -> Zeroizing<String> {
    // The right capacity from the start: a growing string leaves copies of the value behind.
    let mut line = Zeroizing::new(String::with_capacity(key.len() + spelling.len() + 2));
    [key, "=", spelling, "\n"].into_iter().for_each(|part| line.push_str(part));
    line
}

/// A key that a reader would not get from the finished file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} keeps {reader} from reading {key}, for example by a quote that is not closed; correct the line")]
pub struct Unproven {
    /// The key that does not come back.
    pub key: KeyName,
    /// The line that is not Keyslot's and disturbs it, counted from 1.
    pub line: usize,
    /// Who reads it differently.
    pub reader: &'static str,
}

/// Reads a finished file again as each of its readers does, and compares.
///
/// `foreign` is what others wrote and stands first in `text`. A reader that does something with those lines that no
/// model tells, as a shell does with commands, is left out.
pub fn prove(
    readers: &[Reader],
    foreign: &str,
    text: &str,
    written: &[(&KeyName, &SecretValue)],
) -> Result<(), Unproven> {
    for family in families_reading(readers) {
        let Some(key) = lost(family, text, written) else { continue };
        let line = disturbing_line(family, foreign, &text[foreign.len()..], written);
        return Err(Unproven { key: key.clone(), line, reader: name_of(readers, family) });
    }
    Ok(())
}

/// The first key that a family does not get.
fn lost<'a>(family: Family, text: &str, written: &[(&'a KeyName, &SecretValue)]) -> Option<&'a KeyName> {
    let wrong =
        |reading: &Reading, key: &KeyName, value: &SecretValue| reading.text(key.as_str()) != Some(value.expose());
    match family.read(text) {
        Ok(reading) => written.iter().find(|(key, value)| wrong(&reading, key, value)).map(|(key, _)| *key),
        Err(misread) if misread.fault == Fault::Refused => written.first().map(|(key, _)| *key),
        Err(_) => None,
    }
}

/// The first foreign line with which the block no longer comes back.
fn disturbing_line(family: Family, foreign: &str, block: &str, written: &[(&KeyName, &SecretValue)]) -> usize {
    let lines: Vec<&str> = foreign.split_inclusive('\n').collect();
    let disturbs = |count: usize| {
        let mut text = Zeroizing::new(lines[..count].concat());
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(block);
        lost(family, &text, written).is_some()
    };
    (1..=lines.len()).find(|count| disturbs(*count)).unwrap_or(lines.len().max(1))
}

pub(super) fn name_of(readers: &[Reader], family: Family) -> &'static str {
    let all = if readers.is_empty() { &Reader::ALL[..] } else { readers };
    all.iter().find(|reader| reader.families().contains(&family)).map_or("a program", |reader| reader.name())
}
