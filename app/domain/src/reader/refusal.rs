//! Why a value cannot be written, found by asking which part of it is in the way.

use super::program::Reader;
use super::write::is_writable;
use std::fmt;
use zeroize::Zeroizing;

/// Why no spelling carries a value or a key to a file's readers. The text tells the reader, the reason and what helps,
/// never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritable {
    /// The reader that no spelling serves; none where each has one, but not the same.
    pub reader: Option<Reader>,
    /// Whether the file names its readers at all.
    pub named: bool,
    /// What is in the way.
    pub cause: Cause,
}

/// What no spelling carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A NUL character.
    Nul,
    /// A carriage return, as texts with Windows line ends have.
    CarriageReturn,
    /// Something like `${NAME}`.
    Interpolation,
    /// Something like `$(…)`.
    Command,
    /// A line break.
    LineBreak,
    /// A backslash.
    Backslash,
    /// A dollar sign.
    Dollar,
    /// A single quote beside something that only single quotes protect.
    SingleQuoteWith(Beside),
    /// Quotes of more than one kind.
    Quotes,
    /// White space at either end.
    OuterSpace,
    /// More characters than a line may have.
    Length,
    /// Something else.
    Other,
    /// The key is one that the reader keeps for itself.
    ReservedKey,
}

/// What stands beside a single quote and cannot stand in double quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// `"`
    DoubleQuote,
    /// A backquote.
    Backquote,
    /// `$`
    Dollar,
    /// A backslash.
    Backslash,
}

/// Finds out why a value cannot be written for these readers.
pub(super) fn unwritable(readers: &[Reader], value: &str) -> Unwritable {
    let alone = readers.iter().copied().find(|reader| !is_writable(&[*reader], value));
    let blocked: &[Reader] = alone.as_ref().map_or(readers, std::slice::from_ref);
    Unwritable { reader: alone, named: !readers.is_empty(), cause: cause(blocked, value) }
}

fn cause(readers: &[Reader], value: &str) -> Cause {
    if value.contains('\0') {
        return Cause::Nul;
    }
    let goes_without = |part: &str| {
        let rest = Zeroizing::new(value.replace(part, ""));
        rest.len() < value.len() && is_writable(readers, &rest)
    };
    let quoted = goes_without("'");
    let beside =
        [("\"", Beside::DoubleQuote), ("`", Beside::Backquote), ("$", Beside::Dollar), ("\\", Beside::Backslash)];
    let parts =
        [("\r", Cause::CarriageReturn), ("${", Cause::Interpolation), ("$(", Cause::Command), ("\n", Cause::LineBreak)];
    if let Some((_, cause)) = parts.into_iter().find(|(part, _)| goes_without(part)) {
        return cause;
    }
    if quoted && let Some((_, beside)) = beside.into_iter().find(|(part, _)| goes_without(part)) {
        return Cause::SingleQuoteWith(beside);
    }
    let parts = [
        ("\\", Cause::Backslash),
        ("$", Cause::Dollar),
        ("'", Cause::Quotes),
        ("\"", Cause::Quotes),
        ("`", Cause::Quotes),
    ];
    if let Some((_, cause)) = parts.into_iter().find(|(part, _)| goes_without(part)) {
        return cause;
    }
    if value.trim().len() < value.len() && is_writable(readers, value.trim()) {
        return Cause::OuterSpace;
    }
    if value.len() > 1_000 && value.char_indices().nth(500).is_some_and(|(at, _)| is_writable(readers, &value[..at])) {
        return Cause::Length;
    }
    match value.chars().find(|c| "\r\n".contains(*c)) {
        Some('\r') => Cause::CarriageReturn,
        Some(_) => Cause::LineBreak,
        None => Cause::Other,
    }
}

impl Cause {
    fn what(self) -> &'static str {
        match self {
            Self::Nul => "a NUL character",
            Self::CarriageReturn => "a carriage return (Windows line ends)",
            Self::Interpolation => "${…}",
            Self::Command => "$(…), which some readers run as a command",
            Self::LineBreak => "line breaks",
            Self::Backslash => "this use of backslashes",
            Self::Dollar => "this use of dollar signs",
            Self::SingleQuoteWith(Beside::DoubleQuote) => "a single quote together with a double quote",
            Self::SingleQuoteWith(Beside::Backquote) => "a single quote together with a backquote",
            Self::SingleQuoteWith(Beside::Dollar) => "a single quote together with a dollar sign",
            Self::SingleQuoteWith(Beside::Backslash) => "a single quote together with a backslash",
            Self::Quotes => "this mix of quotes",
            Self::OuterSpace => "white space at the beginning or end",
            Self::Length => "a value of this length",
            Self::Other => "this combination of characters",
            Self::ReservedKey => "this key",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::CarriageReturn => "save it with plain line ends, which mean the same in PEM keys and JSON",
            Self::Interpolation => {
                "in JSON write the dollar sign as \\u0024, otherwise store the value base64-encoded and decode it \
                 where it is used"
            }
            Self::Backslash => {
                "in JSON write a doubled backslash as \\u005c, otherwise store the value base64-encoded and decode it \
                 where it is used"
            }
            Self::SingleQuoteWith(_) => {
                "in JSON write the single quote as \\u0027, in a URL as %27, otherwise store the value base64-encoded \
                 and decode it where it is used"
            }
            Self::OuterSpace => "remove it, or store the value base64-encoded and decode it where it is used",
            Self::ReservedKey => "rename the key",
            _ => "store the value base64-encoded and decode it where it is used",
        }
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, advice) = (self.cause.what(), self.cause.advice());
        match (self.cause, self.reader) {
            (Cause::Nul, _) => write!(f, "no environment variable can hold {what}; {advice}"),
            (Cause::ReservedKey, _) => write!(f, "the shell or npm dotenv keeps the name for itself; {advice}"),
            (_, Some(reader)) => write!(f, "{} cannot read {what} from an env file; {advice}", reader.name()),
            (_, None) if self.named => {
                write!(f, "no spelling of {what} means the same to all readers of this file; {advice}")
            }
            (_, None) => write!(
                f,
                "no spelling of {what} means the same to every common reader; name the programs that read this file, \
                 or {advice}"
            ),
        }
    }
}

impl std::error::Error for Unwritable {}
