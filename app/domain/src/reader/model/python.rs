//! `python-dotenv`, and with it pydantic-settings, environs, Flask and FastAPI: a parser of small expressions, after
//! which `${NAME}` and `${NAME:-default}` are replaced in every kind of quotes.

use super::super::reading::{Misread, Reading, Value, with_plain_line_ends};
use zeroize::Zeroizing;

/// What Python's `\s` takes for white space.
fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{1c}'..='\u{1f}' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

fn is_blank(c: char) -> bool {
    is_space(c) && c != '\n'
}

/// Reads a file.
pub fn read(text: &str) -> Result<Reading, Misread> {
    // Files are read as text, so every line end is a plain one.
    let text = &*with_plain_line_ends(text);
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reading = Reading::default();
    while !rest.is_empty() {
        let start = rest.trim_start_matches(is_space);
        if start.is_empty() {
            break;
        }
        match binding(start) {
            Some((key, value, after)) => {
                if let (Some(key), Some(value)) = (key, value) {
                    reading.set(key, resolved(&value));
                }
                rest = after;
            }
            None => rest = start.find('\n').map_or("", |end| &start[end + 1..]),
        }
    }
    Ok(reading)
}

type Binding<'a> = (Option<&'a str>, Option<Zeroizing<String>>, &'a str);

fn binding(text: &str) -> Option<Binding<'_>> {
    let exported = text.strip_prefix("export").filter(|rest| rest.starts_with(is_blank));
    let text = exported.map_or(text, |rest| rest.trim_start_matches(is_blank));
    let (key, rest) = key(text)?;
    let rest = rest.trim_start_matches(is_blank);
    let (value, rest) = match rest.strip_prefix('=') {
        Some(after) => {
            let (value, rest) = value(after.trim_start_matches(is_blank))?;
            (Some(Zeroizing::new(value)), rest)
        }
        None => (None, rest),
    };
    let blank = rest.trim_start_matches(is_blank);
    let rest = if blank.starts_with('#') { &blank[blank.find('\n').unwrap_or(blank.len())..] } else { blank };
    if rest.is_empty() { Some((key, value, rest)) } else { Some((key, value, rest.strip_prefix('\n')?)) }
}

fn key(text: &str) -> Option<(Option<&str>, &str)> {
    if text.starts_with('#') {
        return Some((None, text));
    }
    if let Some(quoted) = text.strip_prefix('\'') {
        let end = quoted.find('\'').filter(|end| *end > 0)?;
        return Some((Some(&quoted[..end]), &quoted[end + 1..]));
    }
    let end = text.find(|c| c == '=' || c == '#' || is_space(c)).unwrap_or(text.len());
    (end > 0).then(|| (Some(&text[..end]), &text[end..]))
}

fn value(text: &str) -> Option<(String, &str)> {
    match text.chars().next() {
        Some(quote @ ('\'' | '"')) => {
            let close = closing(text, quote)?;
            Some((unescaped(&text[1..close], quote), &text[close + 1..]))
        }
        None | Some('\n') => Some((String::new(), text)),
        Some(_) => {
            let (line, rest) = text.split_at(text.find('\n').unwrap_or(text.len()));
            Some((without_comment(line).trim_end_matches(is_space).to_owned(), rest))
        }
    }
}

/// The closing quote: the first one without a backslash in front of it, else the last one with one.
fn closing(text: &str, quote: char) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut last, mut at) = (None, 1);
    while at < bytes.len() {
        if bytes[at] == b'\\' && bytes.get(at + 1) == Some(&(quote as u8)) {
            last = Some(at + 1);
            at += 2;
        } else if bytes[at] == quote as u8 {
            return Some(at);
        } else {
            at += 1;
        }
    }
    last
}

fn unescaped(text: &str, quote: char) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let escape = characters.peek().copied().filter(|_| c == '\\');
        let decoded = match (escape, quote) {
            (Some(next @ ('\\' | '\'')), _) => Some(next),
            (Some('"'), '"') => Some('"'),
            (Some('a'), '"') => Some('\u{7}'),
            (Some('b'), '"') => Some('\u{8}'),
            (Some('f'), '"') => Some('\u{c}'),
            (Some('n'), '"') => Some('\n'),
            (Some('r'), '"') => Some('\r'),
            (Some('t'), '"') => Some('\t'),
            (Some('v'), '"') => Some('\u{b}'),
            _ => None,
        };
        if decoded.is_some() {
            characters.next();
        }
        plain.push(decoded.unwrap_or(c));
    }
    plain
}

/// `re.sub(r"\s+#.*", "", line)`
fn without_comment(line: &str) -> &str {
    let starts = |at: &usize| line[..*at].ends_with(is_space);
    match line.match_indices('#').map(|(at, _)| at).find(starts) {
        Some(at) => line[..at].trim_end_matches(is_space),
        None => line,
    }
}

/// Replaces `${:-default}`, which has no name; any other name makes the value depend on the environment.
fn resolved(value: &str) -> Value {
    let mut plain = Zeroizing::new(String::with_capacity(value.len()));
    let mut rest = value;
    while let Some(at) = rest.find("${") {
        let inner = &rest[at + 2..];
        let name_end = inner.find(['}', ':']).unwrap_or(inner.len());
        let (name, after) = inner.split_at(name_end);
        let default = after.strip_prefix(":-").and_then(|default| default.split_once('}'));
        let (default, after) = match (after.strip_prefix('}'), default) {
            (Some(after), _) => ("", after),
            (None, Some(found)) => found,
            (None, None) => {
                plain.push_str(&rest[..at + 2]);
                rest = inner;
                continue;
            }
        };
        if !name.is_empty() {
            return Value::Expanded;
        }
        plain.push_str(&rest[..at]);
        plain.push_str(default);
        rest = after;
    }
    plain.push_str(rest);
    Value::Text(plain)
}
