//! godotenv 1.5.

use super::super::reading::{Fault, Misread, Reading, Value, line_of};
use super::super::words::{Skips, next_statement};
use super::compose::is_space;
use zeroize::Zeroizing;

const SKIPS: Skips = Skips { before: char::is_whitespace, ends_export: is_space, after_export: is_space };

/// Reads a file.
pub fn read(text: &str) -> Result<Reading, Misread> {
    let text = &*Zeroizing::new(text.replace("\r\n", "\n"));
    let mut reading = Reading::default();
    let mut rest: &str = text;
    while let Some((at, statement)) = next_statement(text, rest, &SKIPS) {
        let fail = |fault| Misread { line: line_of(text, at), fault };
        let end = statement.find(['=', ':']).ok_or_else(|| fail(Fault::Refused))?;
        let allowed = |c: char| is_space(c) || c.is_alphanumeric() || c == '_' || c == '.';
        // It looks at bytes, so that other letters are more than it tells.
        if !statement[..end].chars().all(|c| allowed(c) && c.is_ascii()) {
            return Err(fail(Fault::Refused));
        }
        let (key, after) = (statement[..end].trim_end(), statement[end + 1..].trim_start_matches(is_space));
        let (value, after) = value(after).ok_or_else(|| fail(Fault::Refused))?;
        reading.set(key, value);
        rest = after;
    }
    Ok(reading)
}

fn value(text: &str) -> Option<(Value, &str)> {
    let Some(quote @ ('\'' | '"')) = text.chars().next() else {
        let line = text.split(['\n', '\r']).next().unwrap_or_default();
        // From the end: the first `#` of the line that follows white space ends up as the comment's start.
        let comment = line.match_indices('#').map(|(at, _)| at).find(|at| line[..*at].ends_with(is_space));
        let value = line[..comment.unwrap_or(line.len())].trim_matches(is_space);
        return Some((expanded(value), &text[line.len()..]));
    };
    let bytes = text.as_bytes();
    let close = (1..bytes.len()).find(|at| bytes[*at] == quote as u8 && bytes[at - 1] != b'\\')?;
    // It strips every quote at either end, not only the pair.
    let inner = text[..close].trim_matches(quote);
    let value = if quote == '"' { expanded(&unescaped(inner)) } else { Value::Text(Zeroizing::new(inner.to_owned())) };
    Some((value, &text[close + 1..]))
}

/// Two passes: `\n` and `\r` first, then every backslash that is not in front of a `$` goes.
fn unescaped(text: &str) -> Zeroizing<String> {
    let mut first = Zeroizing::new(String::with_capacity(text.len()));
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek().copied()) {
            ('\\', Some(next)) if next != '\n' => {
                characters.next();
                match next {
                    'n' => first.push('\n'),
                    'r' => first.push('\r'),
                    _ => first.extend(['\\', next]),
                }
            }
            _ => first.push(c),
        }
    }
    let mut plain = Zeroizing::new(String::with_capacity(first.len()));
    let mut characters = first.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek().copied()) {
            ('\\', Some(next)) if next != '$' => {
                characters.next();
                plain.push(next);
            }
            _ => plain.push(c),
        }
    }
    plain
}

/// `(\\)?(\$)(\()?\{?([A-Z0-9_]+)?\}?`
fn expanded(text: &str) -> Value {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest: &str = text;
    while let Some(at) = rest.find('$') {
        let escaped = rest[..at].ends_with('\\');
        let after = rest[at + 1..].strip_prefix('(').unwrap_or(&rest[at + 1..]);
        let name = after.strip_prefix('{').unwrap_or(after);
        let named = name.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if named && !escaped {
            return Value::Expanded;
        }
        plain.push_str(&rest[..at - usize::from(escaped)]);
        plain.push('$');
        rest = &rest[at + 1..];
    }
    plain.push_str(rest);
    Value::Text(plain)
}
