//! [`Format::Dotenv`](crate::domain::spec::Format::Dotenv): read alike by npm `dotenv`, `python-dotenv` and `bash`.
//!
//! The three agree on no escape at all: `\"` is an escape to bash and python-dotenv and two characters to npm dotenv,
//! `\n` a line end to the other two within double quotes and not to bash, `\\` one backslash to python-dotenv even
//! within single quotes. So a value is only ever written verbatim, bare or within one kind of quotes, where all three
//! take every character for itself. Files in which each reader sees a line of its own would carry more, but what one
//! reader takes for a comment another one would run.

use super::{Beside, Quoting, Unwritable};

/// Names that bash does not let a file set (it computes them or fails) and the one that npm dotenv drops.
pub(super) const RESERVED: [&str; 30] = [
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

/// The quoting that serves all three readers.
pub(super) fn quoting(value: &str) -> Result<Quoting, Unwritable> {
    if value.contains('\r') {
        return Err(Unwritable::CarriageReturn);
    }
    if interpolates(value) {
        return Err(Unwritable::Interpolation);
    }
    if !value.is_empty() && value.bytes().all(stands_bare) {
        return Ok(Quoting::Bare);
    }
    if value.contains('\'') {
        return match double_quote_breaker(value) {
            None => Ok(Quoting::Double),
            Some(beside) => Err(Unwritable::SingleQuoteWith(beside)),
        };
    }
    if value.contains("\\\\") || value.ends_with('\\') { Err(Unwritable::Backslash) } else { Ok(Quoting::Single) }
}

/// Characters that mean themselves to all three without quotes, also at the start of a value.
fn stands_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(&byte)
}

/// Whether python-dotenv finds `${name}` or `${name:-default}`, which it replaces in every kind of quotes.
fn interpolates(value: &str) -> bool {
    value.match_indices("${").any(|(at, _)| {
        let rest = &value[at + 2..];
        match rest.find(['}', ':']).map(|end| &rest[end..]) {
            Some(end) if end.starts_with('}') => true,
            Some(end) => end.strip_prefix(":-").is_some_and(|default| default.contains('}')),
            None => false,
        }
    })
}

/// The first thing that at least one reader does not take for itself within double quotes.
fn double_quote_breaker(value: &str) -> Option<Beside> {
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek();
        match character {
            '"' => return Some(Beside::DoubleQuote),
            '`' => return Some(Beside::Backquote),
            '$' if !next.is_none_or(|next| plain_after_dollar(*next)) => return Some(Beside::Dollar),
            '\\' if next.is_none_or(|next| "\\'\"$`\nabfnrtv".contains(*next)) => return Some(Beside::Backslash),
            _ => {}
        }
    }
    None
}

/// Characters after which bash leaves a `$` within double quotes alone.
fn plain_after_dollar(next: char) -> bool {
    next.is_ascii_whitespace() || ".,/:;=%+)]}<>^~&|'\\".contains(next)
}
