//! systemd's `EnvironmentFile=`: a machine of states over characters.

use super::super::reading::{Fault, Misread, Reading, line_of};
use super::super::words::is_name;
use zeroize::Zeroizing;

#[derive(Clone, Copy, PartialEq)]
enum State {
    BeforeKey,
    Key,
    BeforeValue,
    Value,
    ValueEscape,
    Single,
    Double,
    DoubleEscape,
    Comment,
}

/// Reads a file.
pub fn read(text: &str) -> Result<Reading, Misread> {
    let mut reading = Reading::default();
    let (mut state, mut key) = (State::BeforeKey, String::new());
    // The value, and how much of it is kept when white space at its end goes.
    let (mut value, mut kept) = (Zeroizing::new(String::new()), 0);
    for (at, c) in text.char_indices() {
        let (blank, line_end) = (matches!(c, ' ' | '\t' | '\n' | '\r'), matches!(c, '\n' | '\r'));
        let ends = line_end && matches!(state, State::BeforeValue | State::Value);
        if ends {
            value.truncate(kept);
            set(&mut reading, &key, &value);
            (state, kept) = (State::BeforeKey, 0);
            key.clear();
            value.clear();
            continue;
        }
        match state {
            State::BeforeKey if matches!(c, '#' | ';') => state = State::Comment,
            State::BeforeKey if blank => {}
            State::Key if line_end => (state, key) = (State::BeforeKey, String::new()),
            State::Key if c == '=' => state = State::BeforeValue,
            State::BeforeKey | State::Key => (state, key) = (State::Key, key + c.encode_utf8(&mut [0; 4])),
            State::BeforeValue | State::Value if c == '\\' => state = State::ValueEscape,
            State::BeforeValue if c == '\'' => state = State::Single,
            State::BeforeValue if c == '"' => state = State::Double,
            State::BeforeValue if blank => {}
            State::ValueEscape if line_end => state = State::Value,
            State::BeforeValue | State::Value | State::ValueEscape => {
                value.push(c);
                if !blank || state == State::ValueEscape {
                    kept = value.len();
                }
                state = State::Value;
            }
            State::Single if c == '\'' => state = State::BeforeValue,
            State::Double if c == '"' => state = State::BeforeValue,
            State::Double if c == '\\' => state = State::DoubleEscape,
            State::DoubleEscape => {
                if !matches!(c, '"' | '\\' | '`' | '$' | '\n') {
                    value.push('\\');
                }
                if c != '\n' {
                    value.push(c);
                }
                (state, kept) = (State::Double, value.len());
            }
            State::Single | State::Double => {
                value.push(c);
                kept = value.len();
            }
            State::Comment if c == '\\' => {
                // Versions differ in whether the comment goes on in the next line.
                return Err(Misread { line: line_of(text, at), fault: Fault::Unclear });
            }
            State::Comment => state = if line_end { State::BeforeKey } else { State::Comment },
        }
    }
    if matches!(state, State::BeforeValue | State::Value | State::ValueEscape | State::Single | State::Double) {
        value.truncate(kept);
        set(&mut reading, &key, &value);
    }
    Ok(reading)
}

/// Units drop names that no variable can have.
fn set(reading: &mut Reading, key: &str, value: &str) {
    let key = key.trim_end_matches([' ', '\t']);
    if is_name(key) {
        reading.set_text(key, value);
    }
}
