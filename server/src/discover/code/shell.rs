//! Variables of shell scripts, and of every file that writes `${KEY:-default}`, such as compose files.

use crate::discover::mention::{Found, Need, Origin, is_key};

/// What a shell script demands (`${KEY:?}`) or replaces (`${KEY:-x}`), unless it sets the variable itself.
pub fn read(text: &[u8]) -> Vec<Found> {
    let found = interpolations(text, Origin::Code);
    let sets = |key: &str| {
        let set = format!("{key}=");
        memchr::memmem::find_iter(text, set.as_bytes())
            .any(|at| at == 0 || matches!(text[at - 1], b'\n' | b' ' | b'\t' | b';'))
    };
    // A plain `$KEY` mostly is a variable of the script.
    found
        .into_iter()
        .filter(|found| found.need == Need::Required || (found.need == Need::Optional && !sets(&found.key)))
        .collect()
}

/// Every `${KEY}`, with what it says behind the name; lines that are comments are passed over.
pub fn interpolations(text: &[u8], origin: Origin) -> Vec<Found> {
    let mut found = Vec::new();
    let mut number = 0;
    for line in text.split(|c| *c == b'\n') {
        number += 1;
        if line.trim_ascii_start().starts_with(b"#") || line.len() > 10_000 {
            continue;
        }
        for at in memchr::memchr_iter(b'$', line) {
            if at > 0 && (line[at - 1] == b'$' || line[at - 1] == b'\\') {
                continue;
            }
            if let Some(one) = interpolation(&line[at + 1..], number, origin) {
                found.push(one);
            }
        }
    }
    found
}

fn interpolation(rest: &[u8], line: u32, origin: Origin) -> Option<Found> {
    let rest = rest[..rest.len().min(300)].utf8_chunks().next()?.valid();
    let (rest, braced) = rest.strip_prefix('{').map_or((rest, false), |rest| (rest, true));
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let (key, behind) = rest.split_at(end);
    if !is_key(key) {
        return None;
    }
    if !braced {
        return Some(Found::new(key, line, Need::Bare, origin));
    }
    let body = behind.split('}').next().unwrap_or_default();
    let operator = body.trim_start_matches(':').chars().next();
    let said = body.trim_start_matches(':').get(1..).unwrap_or_default();
    let described = said.chars().next().filter(|c| c.is_alphabetic()).map(|_| said.to_owned());
    Some(match operator {
        Some('?') => Found::new(key, line, Need::Required, origin).said(described),
        Some('-' | '=') => Found::new(key, line, Need::Optional, origin)
            .or(Some(said.to_owned()).filter(|said| !said.is_empty() && !said.contains('$'))),
        Some('+') => Found::new(key, line, Need::Optional, origin),
        _ => Found::new(key, line, Need::Bare, origin),
    })
}
