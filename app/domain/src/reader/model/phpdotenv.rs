//! vlucas/phpdotenv 5, as Laravel uses it.

use super::super::reading::{Fault, Misread, Reading, Value};
use zeroize::Zeroizing;

/// Reads a file.
pub fn read(text: &str) -> Result<Reading, Misread> {
    let mut reading = Reading::default();
    let text = &*Zeroizing::new(text.replace("\r\n", "\n").replace('\r', "\n"));
    let (mut entry, mut started) = (Zeroizing::new(String::new()), None);
    for (index, line) in text.split('\n').enumerate() {
        let starts = started.is_none() && line.contains("=\"") && !stops(line, true);
        match started {
            None if !starts => {
                let trimmed = line.trim_matches([' ', '\t', '\n', '\r', '\0', '\u{b}']);
                if !trimmed.is_empty() && !trimmed.starts_with('#') {
                    set(&mut reading, line).map_err(|fault| Misread { line: index + 1, fault })?;
                }
            }
            None => {
                entry.push_str(line);
                started = Some(index);
            }
            Some(first) => {
                entry.push('\n');
                entry.push_str(line);
                if stops(line, false) {
                    set(&mut reading, &entry).map_err(|fault| Misread { line: first + 1, fault })?;
                    entry.clear();
                    started = None;
                }
            }
        }
    }
    // What never ends is dropped.
    Ok(reading)
}

/// Whether a line seems to hold the closing quote: counted by an expression that knows no single quotes.
fn stops(line: &str, started: bool) -> bool {
    if line == "\"" {
        return true;
    }
    let plain = Zeroizing::new(line.replace("\\\\", ""));
    let closing = plain.match_indices('"').filter(|(at, _)| *at > 0 && !plain[..*at].ends_with('\\'));
    closing.count() > usize::from(started)
}

fn set(reading: &mut Reading, entry: &str) -> Result<(), Fault> {
    let is_trimmed = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\0' | '\u{b}');
    let (name, value) = entry.split_once('=').ok_or(Fault::Unclear)?;
    let name = name.trim_matches(is_trimmed);
    let exported = name.strip_prefix("export").filter(|rest| rest.starts_with(char::is_whitespace));
    let name = exported.map_or(name, str::trim_start);
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    if name.is_empty() || !name.bytes().all(valid) {
        return Err(Fault::Refused);
    }
    reading.set(name, parsed(value.trim_matches(is_trimmed))?);
    Ok(())
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Initial,
    Bare,
    Single,
    Double,
    Blank,
    Comment,
}

fn parsed(value: &str) -> Result<Value, Fault> {
    let mut plain = Zeroizing::new(String::with_capacity(value.len()));
    let (mut state, mut expanded) = (State::Initial, false);
    let mut characters = value.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        match (state, c) {
            (State::Initial, '\'') => state = State::Single,
            (State::Initial, '"') => state = State::Double,
            (State::Initial | State::Bare | State::Blank, '#') => state = State::Comment,
            (State::Bare, _) if is_space(c) => state = State::Blank,
            (State::Single, '\'') | (State::Double, '"') => state = State::Blank,
            (State::Double, '\\') => match characters.next().map(|(_, next)| next) {
                Some(next @ ('"' | '\\' | '$')) => plain.push(next),
                Some('f') => plain.push('\u{c}'),
                Some('n') => plain.push('\n'),
                Some('r') => plain.push('\r'),
                Some('t') => plain.push('\t'),
                Some('v') => plain.push('\u{b}'),
                _ => return Err(Fault::Refused),
            },
            (State::Blank, _) if is_space(c) => {}
            (State::Blank, _) => return Err(Fault::Refused),
            (State::Comment, _) => {}
            (_, _) => {
                expanded |= c == '$' && state != State::Single && names_variable(&value[at..]);
                plain.push(c);
                if state == State::Initial {
                    state = State::Bare;
                }
            }
        }
    }
    match state {
        State::Single | State::Double => Err(Fault::Refused),
        _ if expanded => Ok(Value::Expanded),
        _ => Ok(Value::Text(plain)),
    }
}

/// `${NAME}` alone is replaced.
fn names_variable(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.split_once('}')).map(|(name, _)| name);
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b)))
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}
