//! Ruby's `dotenv` 3.

use super::super::reading::{Fault, Misread, Reading, Value, line_of, with_plain_line_ends};
use super::super::words::{Skips, is_name, next_statement};
use zeroize::Zeroizing;

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

const SKIPS: Skips = Skips { before: is_space, ends_export: is_space, after_export: is_space };

/// Reads a file. Lines whose reading hangs on how the expression backtracks are not told.
pub fn read(text: &str) -> Result<Reading, Misread> {
    let text = &*with_plain_line_ends(text);
    let mut reading = Reading::default();
    let mut rest: &str = text;
    while let Some((at, statement)) = next_statement(text, rest, &SKIPS) {
        let fail = |fault| Misread { line: line_of(text, at), fault };
        let Some((key, after)) = statement.split_once('=').filter(|(key, _)| is_name(key)) else {
            return Err(fail(Fault::Unclear));
        };
        let (value, after) = value(after).map_err(fail)?;
        if key == "DOTENV_LINEBREAK_MODE" {
            return Err(fail(Fault::Unclear));
        }
        reading.set(key, value);
        rest = after;
    }
    Ok(reading)
}

fn value(text: &str) -> Result<(Value, &str), Fault> {
    let Some(quote @ ('\'' | '"')) = text.chars().next() else {
        let line = text.split('\n').next().unwrap_or_default();
        let bare = line.split('#').next().unwrap_or_default().trim_matches(|c| is_space(c) || c == '\0');
        if bare.starts_with(['\'', '"']) {
            return Err(Fault::Unclear);
        }
        return Ok((substituted(&unescaped(bare))?, &text[line.len()..]));
    };
    // On one line without a comment the greedy outer pair counts, whatever quotes stand inside.
    let line = text.split('\n').next().unwrap_or_default();
    let close = closing(text, quote).filter(|close| ends(&text[close + 1..]));
    let (inner, rest) = match close {
        Some(close) => (&text[1..close], &text[close + 1..]),
        None if !line.contains('#') && line.len() > 1 && line.ends_with(quote) => {
            (&line[1..line.len() - 1], &text[line.len()..])
        }
        None => return Err(Fault::Unclear),
    };
    if quote == '\'' {
        return Ok((Value::Text(Zeroizing::new(inner.to_owned())), rest));
    }
    // A spelled line end loses its backslash like any other character.
    Ok((substituted(&unescaped(inner))?, rest))
}

fn closing(text: &str, quote: char) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == b'\\' && bytes.get(at + 1) == Some(&(quote as u8)) {
            at += 2;
        } else if bytes[at] == quote as u8 {
            return Some(at);
        } else {
            at += 1;
        }
    }
    None
}

fn ends(after: &str) -> bool {
    let line = after.split('\n').next().unwrap_or_default().trim_start_matches(is_space);
    line.is_empty() || line.starts_with('#')
}

/// `gsub(/\\([^$])/, '\1')`
fn unescaped(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match characters.peek().copied().filter(|next| c == '\\' && *next != '$') {
            Some(next) => {
                characters.next();
                plain.push(next);
            }
            None => plain.push(c),
        }
    }
    plain
}

/// Commands, then variables.
fn substituted(text: &str) -> Result<Value, Fault> {
    if text.contains("$(") {
        return Err(Fault::RunsCommand);
    }
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest: &str = text;
    while let Some(at) = rest.find('$') {
        let escaped = rest[..at].ends_with('\\');
        let name = rest[at + 1..].strip_prefix('{').unwrap_or(&rest[at + 1..]);
        if !escaped && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return Ok(Value::Expanded);
        }
        plain.push_str(&rest[..at - usize::from(escaped)]);
        plain.push('$');
        rest = &rest[at + 1..];
    }
    plain.push_str(rest);
    Ok(Value::Text(plain))
}
