//! Importing the text of an env file: what each line is, where its value would go and what that would change.
//!
//! The browser makes the preview of it and the server reads a plain form with it, so both decide alike.

mod plan;

pub use plan::{Choice, Plan, Planned, Ruling, SameAsNow, Verdict};

use super::dotenv::read::{Note, Problem, read};
use super::key::{KeyName, KeyNameError};
use super::limits;
use super::secret::SecretValue;
use std::collections::BTreeMap;

/// One assignment of a pasted text. Has no `Debug`: what was misread may be a part of a secret.
pub struct Row {
    /// Line on which it starts, counted from 1.
    pub line: u32,
    /// The key as written. Where it is none, it may be a piece of a value: show it to whoever pasted it and to nobody
    /// else.
    pub name: String,
    /// The value.
    pub value: SecretValue,
    /// The key, or why the line cannot be saved wherever it goes.
    pub key: Result<KeyName, Fault>,
    /// The line of the same key further down, which counts instead of this one.
    pub repeated_on: Option<u32>,
    /// What readers of env files would take differently.
    pub notes: Vec<Note>,
}

/// Why a line cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The key is none.
    #[error(transparent)]
    Key(#[from] KeyNameError),
    /// The line does not mean what it seems to.
    #[error(transparent)]
    Form(#[from] Problem),
    /// The value is longer than [`limits::VALUE_BYTES`].
    #[error("the value has {0} bytes; at most {limit} are kept", limit = limits::VALUE_BYTES)]
    TooLong(usize),
}

impl Fault {
    /// The reason in words that quote nothing of the text, for answers that stand in an address.
    pub fn unquoted(&self) -> String {
        match self {
            Self::Key(KeyNameError::Character(_)) => "a key name has only letters, digits and underscores".to_owned(),
            other => other.to_string(),
        }
    }
}

/// The assignments of a text, in its order.
pub fn parse(text: &str) -> Vec<Row> {
    let entries = read(text).into_iter().map(|entry| {
        let key = match (entry.problem, entry.key) {
            // Without its `=` the line has no key to complain of.
            (Some(problem), _) => Err(Fault::Form(problem)),
            (None, Err(error)) => Err(Fault::Key(error)),
            (None, Ok(_)) if entry.value.len() > limits::VALUE_BYTES => Err(Fault::TooLong(entry.value.len())),
            (None, Ok(key)) => Ok(key),
        };
        Row { line: entry.line, name: entry.raw_key, value: entry.value, key, repeated_on: None, notes: entry.notes }
    });
    let mut rows: Vec<Row> = entries.collect();
    let mut counts = BTreeMap::new();
    for row in rows.iter_mut().rev() {
        let Ok(key) = &row.key else { continue };
        match counts.get(key) {
            Some(line) => row.repeated_on = Some(*line),
            None => drop(counts.insert(key.clone(), row.line)),
        }
    }
    rows
}

/// The keys of a text that is an env file by the look of it: it has at least two, and more good lines than bad ones.
pub fn keys_if_env_file(text: &str) -> Option<Vec<KeyName>> {
    if text.len() > limits::IMPORT_BYTES || !text.contains('=') {
        return None;
    }
    let rows = parse(text);
    let keys: Vec<KeyName> = rows.iter().filter_map(|row| row.key.clone().ok()).collect();
    (keys.len() >= 2 && keys.len() * 2 > rows.len()).then_some(keys)
}

#[cfg(test)]
mod tests;
