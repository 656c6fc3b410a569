//! Reads the text of an env file, as tolerantly as npm `dotenv`, `python-dotenv` and `bash` together.
//!
//! Where those three disagree, the reading that most of them share is taken: a `#` starts a comment only after white
//! space or where a value would start and words follow, single quotes and backticks are literal, double quotes know `\n`, `\r`, `\"`, `\\`, `\$` and `` \` ``, and a
//! quoted value may span lines. A line that no reader understands becomes an entry with its [`Problem`], never a
//! failure, so that a person can be shown every line of what was pasted.

mod note;

pub use note::Note;

use crate::key::{KeyName, KeyNameError};
use crate::reader::with_plain_line_ends;
use crate::secret::SecretValue;
use note::{quoted_notes, unquoted_notes};

/// One line of an env file; a quoted value that spans lines counts as one.
///
/// Has no `Debug`: comments and misread lines of a real file may hold parts of a secret.
pub enum Line {
    /// `KEY=value`, or a line that should have been one.
    Assignment(Entry),
    /// `# KEY=value`.
    CommentedOut(Entry),
    /// Any other comment, trimmed, with its `#`.
    Comment(String),
    /// Nothing but white space.
    Blank,
}

/// One assignment of an env file.
pub struct Entry {
    /// Line on which it starts, counted from 1.
    pub line: u32,
    /// The key as written. Where `key` is an error this may be a piece of a value that was pasted wrongly: show it to
    /// the person who pasted it and to nobody else.
    pub raw_key: String,
    /// The key, or why it is none.
    pub key: Result<KeyName, KeyNameError>,
    /// The value without its quotes; empty where there is none.
    pub value: SecretValue,
    /// The text of a comment behind the value, without its `#`.
    pub comment: Option<String>,
    /// Why the line may not mean what it seems to.
    pub problem: Option<Problem>,
    /// What other readers would take differently.
    pub notes: Vec<Note>,
}

/// What is wrong with the form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// There is no `=`.
    #[error("there is no \"=\" between a key and a value")]
    NoEquals,
    /// The closing quote is missing; the value is the rest of the line, quote included.
    #[error("the quote is not closed; the rest of the line was taken as it stands")]
    UnterminatedQuote,
    /// Something other than a comment follows the closing quote; the value is the rest of the line, quotes included.
    #[error("there is text behind the closing quote; the rest of the line was taken as it stands")]
    TextAfterQuote,
}

/// Words that say something of a key and are no values of it.
const REMARKS: [&str; 6] = ["optional", "required", "deprecated", "unused", "todo", "fixme"];

/// The assignments of an env file in their order, lines that should have been one included.
///
/// A key may occur more than once; `bash` and npm `dotenv` let the last one win.
pub fn read(text: &str) -> Vec<Entry> {
    let entries = lines(text).into_iter().filter_map(|line| match line {
        Line::Assignment(entry) => Some(entry),
        _ => None,
    });
    entries.collect()
}

/// Every line of an env file, comments and blank lines included.
pub fn lines(text: &str) -> Vec<Line> {
    let text = with_plain_line_ends(text);
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let (mut found, mut number) = (Vec::new(), 1);
    // Indent of the prose in the comment block so far; an assignment indented deeper is an example inside that prose.
    let mut prose_indent = None;
    while !rest.is_empty() {
        let first = first_line(rest);
        let mut taken = first.len();
        let trimmed = first.trim();
        if trimmed.starts_with('#') {
            found.push(comment(trimmed, number, &mut prose_indent));
        } else {
            prose_indent = None;
            found.push(if trimmed.is_empty() {
                Line::Blank
            } else {
                let (entry, length) = assignment(rest, number);
                taken = length;
                Line::Assignment(entry)
            });
        }
        number += rest[..taken].matches('\n').count() as u32 + 1;
        rest = rest.get(taken + 1..).unwrap_or_default();
    }
    found
}

fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

fn comment(trimmed: &str, line: u32, prose_indent: &mut Option<usize>) -> Line {
    let body = trimmed.trim_start_matches('#');
    let indent = body.len() - body.trim_start().len();
    let is_example = prose_indent.is_some_and(|prose| indent > prose.max(1));
    if !is_example && let Some(entry) = commented_assignment(body.trim(), line) {
        return Line::CommentedOut(entry);
    }
    if !is_example && !body.trim().is_empty() {
        *prose_indent = Some(indent);
    }
    Line::Comment(trimmed.to_owned())
}

/// A commented-out assignment, told apart from prose: the key is all upper case or the value one word, and the value
/// does not end like a sentence.
fn commented_assignment(body: &str, line: u32) -> Option<Entry> {
    let (before, after) = without_export(body).split_once('=')?;
    let name = before.trim_end();
    let value = after.trim();
    let quoted = value.starts_with(['"', '\'', '`']);
    let one_word = quoted || !value.contains(char::is_whitespace);
    let upper = !name.contains(|c: char| c.is_ascii_lowercase());
    let sentence = !one_word && value.ends_with(['.', ',', ':', ';', '!', '?']);
    if KeyName::new(name).is_err() || value.starts_with(['=', '>']) || sentence || !(upper || one_word) {
        return None;
    }
    Some(assignment(body, line).0)
}

/// The assignment at the start of `text`, and its length in bytes without the line break.
fn assignment(text: &str, line: u32) -> (Entry, usize) {
    let first = first_line(text);
    let Some((key_end, value_start)) = separator(first) else {
        let (statement, comment) = unquoted(first.trim());
        let entry = entry(line, statement, SecretValue::new(String::new()), comment, Some(Problem::NoEquals));
        return (entry, first.len());
    };
    let raw_key = &first[..key_end];
    let after = &text[value_start..];
    let blank = after.len() - after.trim_start_matches(is_blank).len();
    let opened = &after[blank..];
    let problem = match opened.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
        None => None,
        Some(quote) => match closing_quote(opened, quote) {
            None => Some(Problem::UnterminatedQuote),
            Some(close) if ends_value(&opened[close + 1..]) => {
                let value = SecretValue::new(unescaped(&opened[1..close], quote));
                let tail = first_line(&opened[close + 1..]);
                let length = value_start + blank + close + 1 + tail.len();
                let read = entry(line, raw_key, value, comment_text(tail), None);
                return (Entry { notes: quoted_notes(&opened[1..close], quote, tail), ..read }, length);
            }
            Some(close) if opened[..close].contains('\n') => Some(Problem::UnterminatedQuote),
            Some(_) => Some(Problem::TextAfterQuote),
        },
    };
    let (value, comment) = unquoted(&first[value_start..]);
    let read = entry(line, raw_key, SecretValue::new(value.to_owned()), comment, problem);
    let notes = unquoted_notes(value, &first[value_start..]);
    (Entry { notes, ..read }, first.len())
}

fn entry(line: u32, key: &str, value: SecretValue, comment: Option<String>, problem: Option<Problem>) -> Entry {
    let raw_key = without_export(key.trim()).to_owned();
    Entry { line, key: KeyName::new(raw_key.as_str()), raw_key, value, comment, problem, notes: Vec::new() }
}

/// Where the key ends and the value starts: at `=`, or at the `: ` that npm `dotenv` reads too.
fn separator(line: &str) -> Option<(usize, usize)> {
    let colon = line.find(": ").filter(|at| KeyName::new(without_export(line[..*at].trim())).is_ok());
    let equals = line.find('=');
    match (colon, equals) {
        (Some(colon), equals) if equals.is_none_or(|equals| colon < equals) => Some((colon, colon + 1)),
        (_, equals) => equals.map(|at| (at, at + 1)),
    }
}

fn without_export(statement: &str) -> &str {
    let rest = statement.strip_prefix("export").filter(|rest| rest.starts_with(is_blank));
    rest.map_or(statement, str::trim_start)
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

/// Byte position of the quote that closes the one at the start of `text`.
fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        // Only double quotes have escapes, but `'it\'s'` is meant as one value where `'C:\'` is complete.
        if c == quote && (!escaped || (quote != '"' && ends_value(&text[at + 1..]))) {
            return Some(at);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// Whether nothing but a comment follows on this line.
fn ends_value(after_quote: &str) -> bool {
    let rest = after_quote.trim_start_matches(is_blank);
    rest.is_empty() || rest.starts_with(['\n', '#'])
}

fn unescaped(text: &str, quote: char) -> String {
    let mut value = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let next = if c == '\\' { chars.clone().next() } else { None };
        let meant = match next {
            Some('n') if quote == '"' => '\n',
            Some('r') if quote == '"' => '\r',
            Some(known @ ('"' | '\\' | '$' | '`')) if quote == '"' => known,
            Some(same) if same == quote => same,
            _ => {
                value.push(c);
                continue;
            }
        };
        value.push(meant);
        chars.next();
    }
    value
}

/// The value of a line without quotes, and the comment behind it.
fn unquoted(text: &str) -> (&str, Option<String>) {
    let mut starts = text.match_indices('#').map(|(at, _)| at);
    let comment = starts.find(|at| match at {
        0 => is_comment_only(text),
        at => text[..*at].ends_with(char::is_whitespace),
    });
    match comment {
        Some(at) => (text[..at].trim(), comment_text(&text[at..])),
        None => (text.trim(), None),
    }
}

/// Whether text that starts with `#` right behind the `=` is a comment instead of a value: it is the `#` alone, words, or
/// a word that says something of the key. One other word, such as the colour in `COLOR=#ff0000 # red`, is a value.
fn is_comment_only(text: &str) -> bool {
    let body = text.trim().trim_start_matches('#');
    let behind = body.match_indices('#').map(|(at, _)| at).find(|at| body[..*at].ends_with(char::is_whitespace));
    let words = body[..behind.unwrap_or(body.len())].trim_end();
    let word = words.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    body.is_empty() || words.contains(char::is_whitespace) || REMARKS.contains(&word.as_str())
}

fn comment_text(tail: &str) -> Option<String> {
    let text = tail.trim().trim_start_matches('#').trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
