//! npm `dotenv` 16 to 18: one regular expression for a line, whose white space may span lines.

use super::super::reading::{Misread, Reading, with_plain_line_ends};

/// What JavaScript's `\s` and `trim` take for white space.
fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}')
        || matches!(c, '\u{205f}' | '\u{3000}' | '\u{feff}')
}

fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// Reads a file.
pub fn read(text: &str) -> Result<Reading, Misread> {
    let text = &*with_plain_line_ends(text);
    let mut reading = Reading::default();
    let mut from = 0;
    while let Some(start) = line_start(text, from) {
        match match_line(text, start) {
            Some(found) => {
                // An object's prototype cannot be replaced by a text.
                if found.key != "__proto__" {
                    reading.set_text(found.key, value_of(found.value));
                }
                from = found.end.max(start + 1);
            }
            None => from = start + text[start..].chars().next().map_or(1, char::len_utf8),
        }
    }
    Ok(reading)
}

struct Line<'a> {
    key: &'a str,
    value: &'a str,
    end: usize,
}

/// The first place from `from` on where `^` matches.
fn line_start(text: &str, from: usize) -> Option<usize> {
    if from == 0 && !text.is_empty() {
        return Some(0);
    }
    if from < text.len() && text[..from].ends_with(ends_line) {
        return Some(from);
    }
    let rest = text.get(from..)?;
    let (at, end) = rest.char_indices().find(|(_, c)| ends_line(*c))?;
    let start = from + at + end.len_utf8();
    (start < text.len()).then_some(start)
}

fn skip(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches(is_space).len()
}

fn match_line(text: &str, start: usize) -> Option<Line<'_>> {
    let at = skip(text, start);
    let after_export = text[at..].strip_prefix("export").map(|_| skip(text, at + 6)).filter(|after| *after > at + 6);
    after_export.and_then(|at| match_key(text, at)).or_else(|| match_key(text, at))
}

fn match_key(text: &str, at: usize) -> Option<Line<'_>> {
    let length = text[at..].bytes().take_while(|b| b.is_ascii_alphanumeric() || b"_.-".contains(b)).count();
    if length == 0 {
        return None;
    }
    let (key, after) = (&text[at..at + length], at + length);
    let equals = skip(text, after);
    let value_at = if text[equals..].starts_with('=') {
        equals + 1
    } else {
        let space = text[after..].strip_prefix(':')?.chars().next().filter(|c| is_space(*c))?;
        after + 1 + space.len_utf8()
    };
    let (value, end) = match_value(text, value_at);
    Some(Line { key, value, end })
}

/// The value that starts at a place, and where the match ends.
fn match_value(text: &str, at: usize) -> (&str, usize) {
    let open = skip(text, at);
    if let Some(quote @ ('\'' | '"' | '`')) = text[open..].chars().next() {
        for close in closings(text, open, quote) {
            if let Some(end) = tail(text, close + 1) {
                return (&text[at..close + 1], end);
            }
        }
    }
    let length = text[at..].find(['#', '\n']).unwrap_or(text.len() - at);
    let end = tail(text, at + length).unwrap_or(at + length);
    (&text[at..at + length], end)
}

/// Where a quoted value may end, in the order in which the expression tries: the first quote without a backslash in
/// front of it, then those with one, from the last to the first.
fn closings(text: &str, open: usize, quote: char) -> Vec<usize> {
    let bytes = text.as_bytes();
    let (mut escaped, mut at) = (Vec::new(), open + 1);
    while at < bytes.len() {
        if bytes[at] == b'\\' && bytes.get(at + 1) == Some(&(quote as u8)) {
            escaped.push(at + 1);
            at += 2;
        } else if bytes[at] == quote as u8 {
            escaped.push(at);
            break;
        } else {
            at += 1;
        }
    }
    escaped.reverse();
    escaped
}

/// Where white space and a comment end that reach the end of a line; nothing if something else follows.
fn tail(text: &str, at: usize) -> Option<usize> {
    let after = skip(text, at);
    if text[after..].starts_with('#') {
        return Some(after + text[after..].find(ends_line).unwrap_or(text.len() - after));
    }
    if after == text.len() {
        return Some(after);
    }
    text[at..after].rfind(ends_line).map(|last| at + last)
}

fn value_of(matched: &str) -> String {
    let value = matched.trim_matches(is_space);
    let plain = unquoted(value);
    if value.starts_with('"') { plain.replace("\\n", "\n").replace("\\r", "\r") } else { plain }
}

/// `value.replace(/^(['"`])([\s\S]*)\1$/mg, '$2')`
fn unquoted(value: &str) -> String {
    let mut from = 0;
    while let Some(start) = line_start(value, from) {
        let rest = &value[start..];
        if let Some(quote @ ('\'' | '"' | '`')) = rest.chars().next() {
            let closes = |at: &usize| rest[at + 1..].chars().next().is_none_or(ends_line);
            let close = rest.match_indices(quote).map(|(at, _)| at).filter(|at| *at > 0).rfind(closes);
            if let Some(close) = close {
                let inner = [&value[..start], &rest[1..close]].concat();
                return inner + &unquoted_after(&rest[close + 1..]);
            }
        }
        from = start + rest.chars().next().map_or(1, char::len_utf8);
    }
    value.to_owned()
}

/// The rest behind a replaced part, in which a line may be replaced again.
fn unquoted_after(rest: &str) -> String {
    match rest.chars().next() {
        Some(end) => {
            let length = end.len_utf8();
            rest[..length].to_owned() + &unquoted(&rest[length..])
        }
        None => String::new(),
    }
}
