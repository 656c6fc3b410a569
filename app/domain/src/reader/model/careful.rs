//! Readers whose source is not modelled: only the spellings are told of which it was measured that they come back
//! exactly; any other line is unclear.

use super::super::reading::{Fault, Misread, Reading, Value, line_of};
use super::super::words::is_name;
use zeroize::Zeroizing;

type ReadValue = fn(&str) -> Option<(Value, &str)>;

/// Deno. The first of two lines wins.
pub fn read_deno(text: &str) -> Result<Reading, Misread> {
    let mut reading = Reading::default();
    assignments(text, deno, |key, value| reading.set_first(key, value))?;
    Ok(reading)
}

/// Bun.
pub fn read_bun(text: &str) -> Result<Reading, Misread> {
    let mut reading = Reading::default();
    assignments(text, bun, |key, value| reading.set(key, value))?;
    Ok(reading)
}

/// GNU make's `include`.
pub fn read_make(text: &str) -> Result<Reading, Misread> {
    let mut reading = Reading::default();
    assignments(text, make, |key, value| reading.set(key, value))?;
    Ok(reading)
}

fn assignments(text: &str, read: ReadValue, mut set: impl FnMut(&str, Value)) -> Result<(), Misread> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n']);
        if rest.is_empty() {
            return Ok(());
        }
        let unclear = Misread { line: line_of(text, text.len() - rest.len()), fault: Fault::Unclear };
        if rest.starts_with('#') {
            let line = rest.split('\n').next().unwrap_or_default();
            // make goes on in the next line after a backslash.
            if line.ends_with('\\') {
                return Err(unclear);
            }
            rest = &rest[line.len()..];
            continue;
        }
        let (key, after) = rest.split_once('=').filter(|(key, _)| is_name(key)).ok_or(unclear)?;
        let (value, after) =
            read(after).filter(|(_, rest)| rest.is_empty() || rest.starts_with('\n')).ok_or(unclear)?;
        set(key, value);
        rest = after;
    }
}

fn text(value: &str) -> Value {
    Value::Text(Zeroizing::new(value.to_owned()))
}

/// A value between quotes that do not stand in it.
fn quoted<'a>(from: &'a str, quotes: &str) -> Option<(char, &'a str, &'a str)> {
    let quote = from.chars().next().filter(|c| quotes.contains(*c))?;
    let close = from[1..].find(quote)?;
    Some((quote, &from[1..1 + close], &from[close + 2..])).filter(|(_, inner, _)| !inner.contains('\r'))
}

fn bare(from: &str) -> (&str, &str) {
    from.split_at(from.find('\n').unwrap_or(from.len()))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_./:@%+,=-".contains(c)
}

fn deno(from: &str) -> Option<(Value, &str)> {
    if let Some((quote, inner, rest)) = quoted(from, "'\"`") {
        return match quote {
            '"' if inner.contains(['$', '\\']) => None,
            _ => Some((text(inner), rest)),
        };
    }
    let (line, rest) = bare(from);
    line.chars().all(is_plain).then(|| (text(line), rest))
}

/// Every `$` needs its backslash, in every kind of quotes; a run of backslashes at the end must be even.
fn bun(from: &str) -> Option<(Value, &str)> {
    if let Some((quote, inner, rest)) = quoted(from, "'\"`") {
        let run = inner.len() - inner.trim_end_matches('\\').len();
        let spelled = quote == '"' && ["\\n", "\\r", "\\t"].iter().any(|escape| inner.contains(escape));
        if run % 2 == 1 || spelled {
            return None;
        }
        return Some((text(&dollars_unescaped(inner)?), rest));
    }
    let (line, rest) = bare(from);
    line.chars().all(is_plain).then(|| (text(line), rest))
}

fn dollars_unescaped(inner: &str) -> Option<Zeroizing<String>> {
    let mut plain = Zeroizing::new(String::with_capacity(inner.len()));
    let mut rest = inner;
    while let Some(at) = rest.find('$') {
        let before = rest[..at].strip_suffix('\\').filter(|before| !before.ends_with('\\'))?;
        plain.push_str(before);
        plain.push('$');
        rest = &rest[at + 1..];
    }
    plain.push_str(rest);
    Some(plain)
}

/// `$$` is a dollar sign, `\#` a number sign; the value goes on to the end of the line.
fn make(from: &str) -> Option<(Value, &str)> {
    let (line, rest) = bare(from);
    if line.ends_with('\\')
        || line.ends_with('\r')
        || line.starts_with(|c: char| matches!(c, ' ' | '\t'..='\r'))
        || line.contains("\\\\#")
    {
        return None;
    }
    let mut plain = Zeroizing::new(String::with_capacity(line.len()));
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('$', Some('$')) | ('\\', Some('#')) => plain.extend(characters.next()),
            ('$' | '#', _) => return None,
            _ => plain.push(c),
        }
    }
    Some((Value::Text(plain), rest))
}
