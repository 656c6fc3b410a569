//! Node's own parser: `--env-file`, `process.loadEnvFile` and `util.parseEnv`, which Vite 8 and Expo use too.

use super::super::reading::{Fault, Misread, Reading, line_of};
use zeroize::Zeroizing;

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n'])
}

/// Reads a file.
pub fn read(text: &str) -> Result<Reading, Misread> {
    // It takes out every carriage return, those in values too.
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    text.split('\r').for_each(|part| plain.push_str(part));
    let mut reading = Reading::default();
    let mut content = trimmed(&plain);
    while !content.is_empty() {
        let line = content.split('\n').next().unwrap_or_default();
        if line.is_empty() || line.starts_with('#') {
            content = content.get(line.len() + 1..).unwrap_or_default();
            continue;
        }
        let Some((key, after)) = line.split_once('=').map(|(key, _)| (key, &content[key.len() + 1..])) else {
            // Node 20 joins such a line with the next one, later versions skip it.
            let at = plain.len() - content.len();
            return Err(Misread { line: line_of(&plain, at), fault: Fault::Unclear });
        };
        let key = trimmed(key);
        let key = trimmed(key.strip_prefix("export ").unwrap_or(key));
        if let Some(rest) = after.strip_prefix('\n') {
            reading.set_text(key, "");
            content = rest;
            continue;
        }
        // The white space that is skipped may be line ends: then the next line becomes the value.
        let after = trimmed(after);
        let (value, rest) = value(after);
        reading.set_text(key, value);
        content = rest;
    }
    Ok(reading)
}

fn value(text: &str) -> (String, &str) {
    let line_end = |from: usize| text[from..].find('\n').map_or("", |end| &text[from + end + 1..]);
    if let Some(quote @ ('\'' | '"' | '`')) = text.chars().next() {
        if let Some(length) = text[1..].find(quote) {
            let inner = &text[1..1 + length];
            let value = if quote == '"' { inner.replace("\\n", "\n") } else { inner.to_owned() };
            return (value, line_end(length + 2));
        }
        let line = text.split('\n').next().unwrap_or_default();
        return (line.to_owned(), line_end(0));
    }
    let line = text.split(['\n', '#']).next().unwrap_or_default();
    (trimmed(line).to_owned(), line_end(0))
}
