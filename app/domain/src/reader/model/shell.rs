//! Shells that source the file: bash, dash, zsh, busybox, mksh. Only plain assignments are told; anything else on a
//! line is a command, and what it does nobody can tell from here.

use super::super::reading::{Fault, Misread, Reading, Value, line_of};
use super::super::words::{Skips, is_name, next_statement};
use zeroize::Zeroizing;

const SKIPS: Skips = Skips {
    before: |c| matches!(c, ' ' | '\t' | '\n'),
    ends_export: |c| matches!(c, ' ' | '\t'),
    after_export: |c| matches!(c, ' ' | '\t'),
};

/// Reads a file.
pub fn read(text: &str) -> Result<Reading, Misread> {
    let mut reading = Reading::default();
    let mut rest = text;
    while let Some((at, statement)) = next_statement(text, rest, &SKIPS) {
        let fail = |fault| Misread { line: line_of(text, at), fault };
        let Some((key, after)) = statement.split_once('=').filter(|(key, _)| is_name(key)) else {
            return Err(fail(Fault::Unclear));
        };
        let (value, after) = word(after).map_err(fail)?;
        reading.set(key, value);
        rest = ended(after).ok_or_else(|| fail(Fault::Unclear))?;
    }
    Ok(reading)
}

/// What follows the end of the line, where nothing but a comment stands behind the value.
fn ended(after: &str) -> Option<&str> {
    let blank = after.trim_start_matches([' ', '\t']);
    if let Some(rest) = blank.strip_prefix('\n') {
        return Some(rest);
    }
    let is_comment = blank.starts_with('#') && blank.len() < after.len();
    (blank.is_empty() || is_comment).then(|| blank.find('\n').map_or("", |end| &blank[end + 1..]))
}

fn word(text: &str) -> Result<(Value, &str), Fault> {
    let mut plain = Zeroizing::new(String::new());
    let (mut rest, mut expanded) = (text, false);
    loop {
        match rest.chars().next() {
            None | Some(' ' | '\t' | '\n') => break,
            Some('\'') => {
                let close = rest[1..].find('\'').ok_or(Fault::Refused)?;
                plain.push_str(&rest[1..1 + close]);
                rest = &rest[close + 2..];
            }
            Some('"') => {
                let (length, expands) = double_quoted(&rest[1..], &mut plain)?;
                expanded |= expands;
                rest = &rest[1 + length..];
            }
            // zsh looks up a command for a word that starts with `=`, after a colon too.
            Some('=') if plain.is_empty() || plain.ends_with(':') => return Err(Fault::Unclear),
            Some(c) if c.is_ascii_alphanumeric() || "_./:@%+,=-".contains(c) => {
                plain.push(c);
                rest = &rest[1..];
            }
            Some('$') if rest[1..].starts_with('(') => return Err(Fault::RunsCommand),
            Some('`') => return Err(Fault::RunsCommand),
            Some('$') => return Ok((Value::Expanded, skip_word(rest))),
            Some(_) => return Err(Fault::Unclear),
        }
    }
    Ok((if expanded { Value::Expanded } else { Value::Text(plain) }, rest))
}

/// Skips the rest of an unquoted word in which a variable stands.
fn skip_word(rest: &str) -> &str {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_./:@%+,=-${}".contains(c)).unwrap_or(rest.len());
    &rest[end..]
}

/// Reads to the closing double quote. Returns the length with the quote, and whether a variable stands in it.
fn double_quoted(text: &str, plain: &mut String) -> Result<(usize, bool), Fault> {
    let mut expands = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        match (c, next) {
            ('"', _) => return Ok((at + 1, expands)),
            ('`', _) | ('$', Some('(')) => return Err(Fault::RunsCommand),
            ('$', _) => expands = true,
            ('\\', Some(escaped @ ('\\' | '"' | '$' | '`'))) => {
                characters.next();
                plain.push(escaped);
            }
            ('\\', Some('\n')) => {
                characters.next();
            }
            // Interactive shells take `!` for history, files do not.
            _ => plain.push(c),
        }
    }
    Err(Fault::Refused)
}
