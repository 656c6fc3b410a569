//! What the program prints: for people in colours where a terminal shows them, for programs as JSON.

use crate::failure::Failure;
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use std::io::Write;

/// What is as it should be.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What keeps something from working.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What to look at.
pub const NOTICE: Style = AnsiColor::Yellow.on_default();
/// What matters less.
pub const DIM: Style = Style::new().dimmed();
/// Names of files.
pub const NAME: Style = Style::new().bold();

/// Prints a document for programs.
pub fn json(document: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(document).map_err(Failure::print)?;
    raw(&format!("{text}\n"))
}

/// Prints a text that has no colours.
pub fn raw(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::print)
}

/// Prints lines for people. Colours are left out where no terminal shows them, and where NO_COLOR says so.
pub fn lines(lines: &[String]) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    for line in lines {
        writeln!(out, "{line}").map_err(Failure::print)?;
    }
    out.flush().map_err(Failure::print)
}

/// Tells something on standard error that does not end the program.
pub fn warn(is_json: bool, message: &str) {
    let message = plain(message);
    // Standard error may be closed: the work goes on.
    match is_json {
        true => writeln!(std::io::stderr(), "{}", serde_json::json!({ "warning": message })).ok(),
        false => writeln!(anstream::stderr(), "{NOTICE}keyslot: {message}{NOTICE:#}").ok(),
    };
}

/// The text in one style.
pub fn styled(style: Style, text: &str) -> String {
    format!("{style}{}{style:#}", plain(text))
}

/// The text without characters that a terminal takes for commands: parts of it come from files of others.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A number with its noun.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Names in a row.
pub fn names<T: ToString>(names: &[T]) -> String {
    names.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}
