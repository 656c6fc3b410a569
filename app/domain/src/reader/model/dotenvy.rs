//! dotenvy 0.15, and with it `just`, `mise` and, but for its quirks, `uv`: quotes and escapes of a small shell.

use super::super::reading::{Fault, Misread, Reading, Value, line_of};
use super::super::words::{Skips, is_name, next_statement};
use zeroize::Zeroizing;

const SKIPS: Skips = Skips {
    before: char::is_whitespace,
    ends_export: |c| matches!(c, ' ' | '\t'),
    after_export: |c| matches!(c, ' ' | '\t'),
};

/// Reads a file.
pub fn read(text: &str) -> Result<Reading, Misread> {
    let mut reading = Reading::default();
    let mut rest = text;
    while let Some((at, statement)) = next_statement(text, rest, &SKIPS) {
        let fail = |fault| Misread { line: line_of(text, at), fault };
        let Some((key, after)) = statement.split_once('=').filter(|(key, _)| is_name(key.trim_end())) else {
            return Err(fail(Fault::Refused));
        };
        let (value, after) = value(after.trim_start_matches([' ', '\t'])).map_err(fail)?;
        reading.set(key.trim_end(), value);
        rest = after;
    }
    Ok(reading)
}

fn value(text: &str) -> Result<(Value, &str), Fault> {
    let mut plain = Zeroizing::new(String::new());
    let (mut quote, mut expanded, mut characters) = (None, false, text.char_indices().peekable());
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        match (quote, c) {
            (None, '\n') => return finished(plain, expanded, &text[at + 1..]),
            (None, ' ' | '\t' | '\r') => {
                let rest = text[at..].trim_start_matches([' ', '\t', '\r']);
                let end = rest.find('\n').map_or("", |end| &rest[end + 1..]);
                let is_over = rest.is_empty() || rest.starts_with(['\n', '#']);
                return if is_over { finished(plain, expanded, end) } else { Err(Fault::Refused) };
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (Some('\''), _) => plain.push(c),
            (_, '\\') => match next {
                Some(escaped @ ('\\' | '\'' | '"' | '$' | ' ')) => {
                    characters.next();
                    plain.push(escaped);
                }
                Some('n') => {
                    characters.next();
                    plain.push('\n');
                }
                _ => return Err(Fault::Refused),
            },
            // A dollar sign at the very end stands for an empty name.
            (_, '$') => expanded = true,
            (None, '#') => return Err(Fault::Unclear),
            _ => plain.push(c),
        }
    }
    if quote.is_some() { Err(Fault::Refused) } else { finished(plain, expanded, "") }
}

fn finished(plain: Zeroizing<String>, expanded: bool, rest: &str) -> Result<(Value, &str), Fault> {
    Ok((if expanded { Value::Expanded } else { Value::Text(plain) }, rest))
}
