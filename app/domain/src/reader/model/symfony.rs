//! symfony/dotenv 5 to 7. Double quotes are told only without what it resolves in several passes.

use super::super::reading::{Fault, Misread, Reading, Value, line_of, with_plain_line_ends};
use super::super::words::{Skips, is_name, next_statement};
use zeroize::Zeroizing;

const SKIPS: Skips = Skips {
    before: |c| matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}'),
    ends_export: |c| matches!(c, ' ' | '\t'),
    after_export: |c| matches!(c, ' ' | '\t'),
};

/// Reads a file.
pub fn read(text: &str) -> Result<Reading, Misread> {
    let text = &*with_plain_line_ends(text);
    let mut reading = Reading::default();
    let mut rest: &str = text;
    while let Some((at, statement)) = next_statement(text, rest, &SKIPS) {
        let fail = |fault| Misread { line: line_of(text, at), fault };
        let Some((key, after)) = statement.split_once('=').filter(|(key, _)| is_name(key)) else {
            return Err(fail(Fault::Refused));
        };
        let (value, after) = value(after).map_err(fail)?;
        reading.set(key, value);
        rest = after;
    }
    Ok(reading)
}

fn value(text: &str) -> Result<(Value, &str), Fault> {
    let line = text.split('\n').next().unwrap_or_default();
    let blank = line.trim_start_matches([' ', '\t']);
    if blank.is_empty() || blank.starts_with('#') {
        return Ok((Value::Text(Zeroizing::default()), &text[line.len()..]));
    }
    if blank.len() < line.len() {
        return Err(Fault::Refused);
    }
    let (mut plain, mut rest) = (Zeroizing::new(String::new()), text);
    loop {
        match rest.chars().next() {
            None | Some('\n') => return Ok((Value::Text(plain), rest)),
            Some('\'') => {
                let close = rest[1..].find('\'').ok_or(Fault::Refused)?;
                plain.push_str(&rest[1..1 + close]);
                rest = &rest[close + 2..];
            }
            Some('"') => {
                let close = rest[1..].find('"').ok_or(Fault::Refused)?;
                let inner = &rest[1..1 + close];
                let decoded = Zeroizing::new(inner.replace("\\r", "\r").replace("\\n", "\n"));
                if decoded.contains(['\\', '$']) {
                    return Err(Fault::Unclear);
                }
                plain.push_str(&decoded);
                rest = &rest[close + 2..];
            }
            Some(c) if c.is_ascii_alphanumeric() || "_./:@%+,=-".contains(c) => {
                plain.push(c);
                rest = &rest[1..];
            }
            Some(' ' | '\t') => {
                let after = rest.trim_start_matches([' ', '\t']);
                if !after.starts_with('#') && !after.starts_with('\n') && !after.is_empty() {
                    return Err(Fault::Refused);
                }
                return Ok((Value::Text(plain), &after[after.find('\n').unwrap_or(after.len())..]));
            }
            Some('$') => return Ok((Value::Expanded, &rest[rest.find('\n').unwrap_or(rest.len())..])),
            Some(_) => return Err(Fault::Unclear),
        }
    }
}
