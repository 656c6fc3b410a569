//! docker compose, `.env` and `env_file` alike: a parser that began as godotenv, and the templates of compose files.

use super::super::reading::{Fault, Misread, Reading, Value, line_of};
use super::super::words::{Skips, next_statement};
use zeroize::Zeroizing;

pub(super) fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

const SKIPS: Skips = Skips { before: char::is_whitespace, ends_export: char::is_whitespace, after_export: is_space };

/// Reads a file.
pub fn read(text: &str) -> Result<Reading, Misread> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reading = Reading::default();
    let mut rest = text;
    while let Some((at, statement)) = next_statement(text, rest, &SKIPS) {
        let fail = |fault| Misread { line: line_of(text, at), fault };
        let end = statement.find(['=', ':', '\n']).ok_or_else(|| fail(Fault::Unclear))?;
        let key = &statement[..end];
        let allowed = |c: char| is_space(c) || c.is_alphanumeric() || "_.-[]".contains(c);
        if !key.chars().all(allowed) || key.trim_end().contains(' ') {
            return Err(fail(Fault::Refused));
        }
        let (key, after) = (key.trim_end(), statement[end + 1..].trim_start_matches(is_space));
        if statement[end..].starts_with('\n') {
            // A name alone takes the value of the environment.
            reading.set(key, Value::Expanded);
            rest = after;
            continue;
        }
        let (value, after) = value(after).map_err(fail)?;
        reading.set(key, value);
        rest = after;
    }
    Ok(reading)
}

fn value(text: &str) -> Result<(Value, &str), Fault> {
    let Some(quote @ ('\'' | '"')) = text.chars().next() else {
        let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
        let line = line.split_once(" #").map_or(line, |(value, _)| value);
        return Ok((expanded(line.trim_end())?, rest));
    };
    let mut inner = Zeroizing::new(String::new());
    let mut characters = text[1..].char_indices();
    let mut escaped = false;
    for (at, c) in characters.by_ref() {
        if c == quote && !escaped {
            let value = if quote == '"' { expanded(&unescaped(&inner)?)? } else { Value::Text(inner) };
            return Ok((value, &text[at + 2..]));
        }
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        if escaped && c != quote {
            inner.push('\\');
        }
        escaped = false;
        inner.push(c);
    }
    Err(Fault::Refused)
}

/// Go's escapes within double quotes; `\$` becomes the template's `$$`.
fn unescaped(text: &str) -> Result<Zeroizing<String>, Fault> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len() + 8));
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let decoded = match (c, characters.peek().copied()) {
            ('\\', Some('$')) => "$$",
            ('\\', Some('\\')) => "\\",
            ('\\', Some('"')) => "\"",
            ('\\', Some('a')) => "\u{7}",
            ('\\', Some('b')) => "\u{8}",
            ('\\', Some('f')) => "\u{c}",
            ('\\', Some('n')) => "\n",
            ('\\', Some('r')) => "\r",
            ('\\', Some('t')) => "\t",
            ('\\', Some('v')) => "\u{b}",
            // Octal numbers, and `\c`, which Go does not know.
            ('\\', Some('0' | 'c')) => return Err(Fault::Unclear),
            _ => {
                plain.push(c);
                continue;
            }
        };
        characters.next();
        plain.push_str(decoded);
    }
    Ok(plain)
}

/// Templates: `$$` is a dollar sign, a name after `$` a variable, `${` without one an error.
fn expanded(text: &str) -> Result<Value, Fault> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('$', Some('$')) => {
                characters.next();
                plain.push('$');
            }
            ('$', Some('{')) => return Err(Fault::Unclear),
            ('$', Some(next)) if next.is_ascii_alphabetic() || *next == '_' => return Ok(Value::Expanded),
            _ => plain.push(c),
        }
    }
    Ok(Value::Text(plain))
}
