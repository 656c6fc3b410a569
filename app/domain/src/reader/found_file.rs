//! What the readers of a file get from it as it was found.

use super::family::Family;
use super::program::Reader;
use super::reading::{Fault, Reading};
use super::write::name_of;
use crate::KeyName;
use crate::dotenv::read::{self, Line};

/// A found file as its readers take it. Has no `Debug`: it holds values.
pub struct FoundFile {
    /// What each parser gets, with the name of a program that has it.
    readings: Vec<(&'static str, Reading)>,
    /// Keys that some line seems to set; asked where no model tells what a reader makes of the file.
    mentioned: Vec<KeyName>,
}

/// What a file's readers get for one key.
pub enum Seen<'a> {
    /// No line sets it for this reader; `None` where no reader gets it.
    Missing(Option<&'static str>),
    /// Every reader gets the same text.
    Text(&'a str),
    /// Its value depends on other variables for this reader.
    Expanded(&'static str),
    /// Two readers get different texts.
    Differs(&'static str, &'static str),
    /// A line seems to set it, but no model tells what a reader makes of the file.
    Unclear,
}

/// A reader that does not take the file at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{reader} cannot read the file: line {line} is no assignment to it, or a quote that begins there is not closed"
)]
pub struct Rejected {
    /// Which one.
    pub reader: &'static str,
    /// The line, counted from 1.
    pub line: usize,
}

/// The parsers whose reading of a found file counts. Where nobody said who reads it, the strict readers that would
/// refuse lines of others are hardly among them.
pub(super) fn families_reading(readers: &[Reader]) -> Vec<Family> {
    if readers.is_empty() { vec![Family::Npm, Family::Python, Family::Shell] } else { Reader::families_of(readers) }
}

/// Reads a file as its readers do. One that does something with the lines which no model tells, as a shell does with
/// commands, is left out.
pub fn read_found_file(readers: &[Reader], text: &str) -> Result<FoundFile, Rejected> {
    let mut readings = Vec::new();
    for family in families_reading(readers) {
        let name = name_of(readers, family);
        match family.read(text) {
            Ok(reading) => readings.push((name, reading)),
            Err(misread) if misread.fault == Fault::Refused => {
                return Err(Rejected { reader: name, line: misread.line });
            }
            Err(_) => {}
        }
    }
    let mentioned = if readings.is_empty() { mentioned(text) } else { Vec::new() };
    Ok(FoundFile { readings, mentioned })
}

fn mentioned(text: &str) -> Vec<KeyName> {
    let keys = read::lines(text).into_iter().filter_map(|line| match line {
        Line::Assignment(entry) if entry.problem.is_none() => entry.key.ok(),
        _ => None,
    });
    keys.collect()
}

impl FoundFile {
    /// What the readers get for a key.
    pub fn seen(&self, key: &KeyName) -> Seen<'_> {
        if self.readings.is_empty() {
            return if self.mentioned.contains(key) { Seen::Unclear } else { Seen::Missing(None) };
        }
        let gets = |reading: &Reading| reading.keys().any(|name| name == key.as_str());
        match self.readings.iter().find(|(_, reading)| !gets(reading)) {
            Some(_) if !self.readings.iter().any(|(_, reading)| gets(reading)) => return Seen::Missing(None),
            Some((name, _)) => return Seen::Missing(Some(name)),
            None => {}
        }
        let texts = || self.readings.iter().map(|(name, reading)| (*name, reading.text(key.as_str())));
        if let Some((name, _)) = texts().find(|(_, text)| text.is_none()) {
            return Seen::Expanded(name);
        }
        let mut texts = texts().filter_map(|(name, text)| Some((name, text?)));
        let Some((first, text)) = texts.next() else { return Seen::Unclear };
        match texts.find(|(_, other)| *other != text) {
            Some((other, _)) => Seen::Differs(first, other),
            None => Seen::Text(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> KeyName {
        KeyName::new(name).expect("a key")
    }

    fn seen(readers: &[Reader], text: &str) -> String {
        match read_found_file(readers, text).map_err(|rejected| rejected.to_string()) {
            Err(rejected) => rejected,
            Ok(file) => match file.seen(&key("K")) {
                Seen::Missing(None) => "missing".to_owned(),
                Seen::Missing(Some(reader)) => format!("missing for {reader}"),
                Seen::Text(text) => format!("text {text}"),
                Seen::Expanded(reader) => format!("expanded by {reader}"),
                Seen::Differs(one, other) => format!("{one} and {other} differ"),
                Seen::Unclear => "unclear".to_owned(),
            },
        }
    }

    #[test]
    fn a_key_is_seen_as_every_reader_of_its_file_gets_it() {
        for (readers, text, what) in [
            (&[][..], "K='a b'\n", "text a b"),
            (&[], "K=\n", "text "),
            (&[], "# K=a\n", "missing"),
            (&[Reader::Docker], "K=a b # c\n", "text a b # c"),
            (&[Reader::Docker, Reader::NpmDotenv], "K=a # c\n", "Docker and npm differ"),
            (&[Reader::NpmDotenv, Reader::Systemd], "export K=a\n", "missing for systemd"),
            (&[Reader::Next], "K=$OTHER\n", "expanded by Next.js"),
            (&[Reader::Shell], "source x\nK=a\n", "unclear"),
            (&[Reader::Shell], "source x\n#K=a\n", "missing"),
            (&[Reader::Shell, Reader::NpmDotenv], "source x\nK=a\n", "text a"),
        ] {
            let told = seen(readers, text);
            let same = told == what || (what.contains("differ") && told.contains("differ"));
            assert!(same, "{readers:?} {text:?}: {told}, not {what}");
        }
        let rejected = seen(&[Reader::Compose], "A=1\nK=\"never closed\n");
        assert!(rejected.starts_with("docker compose cannot read the file: line 2"), "{rejected}");
    }
}
