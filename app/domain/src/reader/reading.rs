//! What a program makes of an env file.

use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The variables that a program gets from a file. Has no `Debug`: it holds values.
#[derive(Default)]
pub struct Reading {
    values: BTreeMap<String, Value>,
}

/// One variable.
pub(super) enum Value {
    /// Always this text.
    Text(Zeroizing<String>),
    /// It depends on other variables.
    Expanded,
}

/// Why a reading cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misread {
    /// The line, counted from 1.
    pub line: usize,
    /// What happens there.
    pub fault: Fault,
}

/// What a program does with a line that is no plain assignment to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It refuses the file.
    Refused,
    /// It runs a part of the line as a command.
    RunsCommand,
    /// The model does not know.
    Unclear,
}

impl Reading {
    /// Sets a variable; a later line wins.
    pub(super) fn set(&mut self, key: &str, value: Value) {
        self.values.insert(key.to_owned(), value);
    }

    /// Sets a variable whose text is known.
    pub(super) fn set_text(&mut self, key: &str, text: impl Into<String>) {
        self.set(key, Value::Text(Zeroizing::new(text.into())));
    }

    /// Sets a variable unless an earlier line did.
    pub(super) fn set_first(&mut self, key: &str, value: Value) {
        self.values.entry(key.to_owned()).or_insert(value);
    }

    /// The text of a variable; nothing where the file does not set it or where it depends on other variables.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Value::Text(text) => Some(text),
            Value::Expanded => None,
        }
    }

    /// The names of all variables.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The reading with every value changed.
    pub(super) fn map(self, mut change: impl FnMut(&str) -> Result<Value, Fault>) -> Result<Self, Fault> {
        let mut values = BTreeMap::new();
        for (key, value) in self.values {
            let value = match value {
                Value::Text(text) => change(&text)?,
                Value::Expanded => Value::Expanded,
            };
            values.insert(key, value);
        }
        Ok(Self { values })
    }
}

/// The line of a byte, counted from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The text with `\r\n` and `\r` as `\n`.
pub(crate) fn with_plain_line_ends(text: &str) -> Zeroizing<String> {
    // The right capacity from the start: a growing string leaves copies of the values behind.
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut parts = text.split('\r');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        plain.push('\n');
        plain.push_str(part.strip_prefix('\n').unwrap_or(part));
    }
    plain
}
