//! Readers that take a file line by line and know quotes only as a pair around a whole value.

use super::super::reading::{Fault, Misread, Reading, Value};
use super::super::words::is_name;

/// Longest line that docker's scanner takes.
const LINE_BYTES: usize = 60_000;

/// `docker run --env-file` and `kubectl --from-env-file`: everything behind `=` as it is.
pub fn read_raw(text: &str) -> Result<Reading, Misread> {
    let mut reading = Reading::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.split('\n').enumerate() {
        let fail = |fault| Misread { line: index + 1, fault };
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start_matches([' ', '\t']);
        if line.len() > LINE_BYTES {
            return Err(fail(Fault::Refused));
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once('=') {
            Some((key, _)) if key.is_empty() || key.contains(char::is_whitespace) => return Err(fail(Fault::Refused)),
            // Newer versions of docker strip a pair of quotes.
            Some((key, value)) if in_quotes(value).is_some() => reading.set(key, Value::Expanded),
            Some((key, value)) => reading.set_text(key, value),
            None => reading.set(line, Value::Expanded),
        }
    }
    Ok(reading)
}

/// python-decouple, Starlette and foreman: a pair of quotes around the whole line's value goes.
pub fn read_quoted(text: &str) -> Result<Reading, Misread> {
    let mut reading = Reading::default();
    for (index, line) in text.split(['\n', '\r']).enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let (key, value) = (key.trim(), value.trim());
        let value = match in_quotes(value) {
            Some(('\'', inner)) => inner,
            // Inside double quotes they differ over backslashes.
            Some((_, inner)) if !inner.contains('\\') => inner,
            None if !value.contains(['\'', '"', '\\', '#']) => value,
            _ => return Err(Misread { line: index + 1, fault: Fault::Unclear }),
        };
        if is_name(key) {
            reading.set_text(key, value);
        }
    }
    Ok(reading)
}

/// django-environ, by `env('KEY')`: one line in double quotes, `\\` for a backslash; a value that starts with `$`
/// stands for another variable.
pub fn read_django(text: &str) -> Result<Reading, Misread> {
    let mut reading = Reading::default();
    for (index, line) in text.split('\n').enumerate() {
        let fail = || Misread { line: index + 1, fault: Fault::Unclear };
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, value) = line.split_once('=').filter(|(key, _)| is_name(key)).ok_or_else(fail)?;
        // It splits lines at more than line feeds.
        if value.contains(['\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}']) {
            return Err(fail());
        }
        let text = match in_quotes(value) {
            Some(('"', inner)) => double_backslashes_decoded(inner).ok_or_else(fail)?,
            None if value.chars().all(|c| c.is_ascii_alphanumeric() || "_./:@%+,=-".contains(c)) => value.to_owned(),
            _ => return Err(fail()),
        };
        reading.set(key, if text.starts_with('$') { Value::Expanded } else { Value::Text(text.into()) });
    }
    Ok(reading)
}

fn double_backslashes_decoded(inner: &str) -> Option<String> {
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        if c == '\\' && characters.next() != Some('\\') {
            return None;
        }
        plain.push(c);
    }
    Some(plain)
}

fn in_quotes(value: &str) -> Option<(char, &str)> {
    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = value[1..].strip_suffix(quote)?;
    Some((quote, inner))
}
