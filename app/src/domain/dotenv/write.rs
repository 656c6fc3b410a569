//! Writing one `KEY=value` assignment so that the file's real readers give the same bytes back.
//!
//! The seam for dialects: each [`Format`] has a module here with one function that chooses the [`Quoting`] of a value
//! or says why there is none. Everything else (the two public questions, the wording, the layout) is shared.

mod portable;

use crate::domain::spec::Format;
use crate::domain::{KeyName, SecretValue};
use zeroize::Zeroizing;

/// Why a format cannot carry a value or a key. The text tells the reason and an alternative, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// Holds a NUL character.
    #[error(
        "the value holds a NUL character, which no environment variable can hold; store it base64-encoded and decode \
         it where it is used"
    )]
    Nul,
    /// Holds a carriage return, as texts with Windows line ends do.
    #[error(
        "the value holds a carriage return (Windows line ends), which npm dotenv and python-dotenv read as a plain \
         line end; save it with plain line ends, which mean the same in PEM keys and JSON"
    )]
    CarriageReturn,
    /// Holds something like `${NAME}`.
    #[error(
        "the value holds ${{…}}, which python-dotenv replaces even within quotes; in JSON write the dollar sign as \
         \\u0024, otherwise store the value base64-encoded and decode it where it is used"
    )]
    Interpolation,
    /// Two backslashes in a row, or one at the end.
    #[error(
        "the value holds two backslashes in a row or ends with one, which python-dotenv and npm dotenv read \
         differently; in JSON write a doubled backslash as \\u005c, otherwise store the value base64-encoded and \
         decode it where it is used"
    )]
    Backslash,
    /// A single quote beside something that only single quotes protect.
    #[error(
        "the value holds a single quote together with {0}, and no quoting carries both to npm dotenv, python-dotenv \
         and bash; in JSON write the single quote as \\u0027, in a URL as %27, otherwise store the value \
         base64-encoded and decode it where it is used"
    )]
    SingleQuoteWith(Beside),
    /// The key is one that bash or npm dotenv keeps for itself.
    #[error("a file cannot set this key, because bash or npm dotenv keeps the name for itself; rename the key")]
    ReservedKey,
}

/// What stands beside a single quote and cannot stand in double quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// `"`
    DoubleQuote,
    /// A backquote.
    Backquote,
    /// `$` and what bash expands.
    Dollar,
    /// A backslash that one of the readers takes as an escape.
    Backslash,
}

impl std::fmt::Display for Beside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::DoubleQuote => "a double quote",
            Self::Backquote => "a backquote",
            Self::Dollar => "a dollar sign",
            Self::Backslash => "a backslash",
        })
    }
}

/// How a value stands in the file; its own bytes are the same in all three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quoting {
    Bare,
    Single,
    Double,
}

/// The assignment for a file of that format: `KEY=…` and a line end; more than one line when the value has some.
pub fn assignment(format: Format, key: &KeyName, value: &SecretValue) -> Result<Zeroizing<String>, Unwritable> {
    check_key(format, key)?;
    let value = value.expose();
    let quote = match quoting(format, value)? {
        Quoting::Bare => "",
        Quoting::Single => "'",
        Quoting::Double => "\"",
    };
    // The right capacity from the start: a growing string leaves copies of the value behind.
    let mut line = Zeroizing::new(String::with_capacity(key.as_str().len() + value.len() + 4));
    for part in [key.as_str(), "=", quote, value, quote, "\n"] {
        line.push_str(part);
    }
    Ok(line)
}

/// Whether a file of that format can carry the value: the same decision as [`assignment`], asked when a person saves.
pub fn check(format: Format, value: &str) -> Result<(), Unwritable> {
    quoting(format, value).map(drop)
}

/// Whether a file of that format can set the key at all.
pub fn check_key(format: Format, key: &KeyName) -> Result<(), Unwritable> {
    let reserved = match format {
        Format::Dotenv => portable::RESERVED.contains(&key.as_str()),
    };
    if reserved { Err(Unwritable::ReservedKey) } else { Ok(()) }
}

fn quoting(format: Format, value: &str) -> Result<Quoting, Unwritable> {
    if value.contains('\0') {
        return Err(Unwritable::Nul);
    }
    match format {
        Format::Dotenv => portable::quoting(value),
    }
}

#[cfg(test)]
mod tests;
