//! Variables that are named in tags, attributes and settings: Go's struct tags, Rust's clap, Spring's and Symfony's
//! placeholders.

use super::source::Source;
use crate::discover::mention::{Found, Need, Origin, is_key};

/// `env:"KEY,required" envDefault:"x"` and `envconfig:"KEY" default:"x"`.
pub fn go(source: &Source) -> Vec<Found> {
    let mut found = Vec::new();
    for mark in ["env:\"", "envconfig:\"", "env-name:\""] {
        for at in memchr::memmem::find_iter(source.text, mark.as_bytes()) {
            let start = at + mark.len();
            let end = source.word_end(start);
            let key = source.str(start, end);
            let before = source.byte(at.wrapping_sub(1));
            if !is_key(key) || source.is_code(at) || source.is_comment(at) || before.is_ascii_alphanumeric() {
                continue;
            }
            let line = source.ahead(end, 400);
            let tag = line.split(['`', '\n']).next().unwrap_or_default();
            let options = tag.split('"').next().unwrap_or_default();
            let default =
                ["envDefault:\"", "default:\"", "env-default:\""].iter().find_map(|mark| tag.split_once(mark));
            let default = default.and_then(|(_, rest)| rest.split('"').next()).map(str::to_owned);
            let required = options.contains("required")
                || options.contains("notEmpty")
                || tag.contains("required:\"true\"")
                || tag.contains("env-required:\"true\"");
            let described = ["description:\"", "desc:\"", "usage:\"", "env-description:\""]
                .iter()
                .find_map(|mark| tag.split_once(mark));
            let described = described.and_then(|(_, rest)| rest.split('"').next()).map(str::to_owned);
            let need = if required && default.is_none() { Need::Required } else { Need::Optional };
            let default = default.filter(|text| !text.is_empty());
            found.push(Found::new(key, source.line(at), need, Origin::Schema).or(default).said(described));
        }
    }
    found
}

/// `#[arg(long, env = "KEY", default_value = "x")]`, `#[arg(env)]` above a field.
pub fn rust(source: &Source) -> Vec<Found> {
    let mut found = Vec::new();
    for mark in ["#[arg(", "#[clap(", "#[structopt("] {
        for at in memchr::memmem::find_iter(source.text, mark.as_bytes()).filter(|at| source.is_code(*at)) {
            let open = at + mark.len() - 1;
            let Some(close) = source.close(open) else { continue };
            let inside = source.str(open + 1, close);
            let Some(part) = inside
                .split(',')
                .map(str::trim)
                .find(|part| *part == "env" || part.starts_with("env =") || part.starts_with("env="))
            else {
                continue;
            };
            let field = field_behind(source, close + 1);
            let named = part.split('"').nth(1).map(str::to_owned);
            let Some(key) =
                named.or_else(|| field.map(|(name, _)| name.to_ascii_uppercase())).filter(|key| is_key(key))
            else {
                continue;
            };
            let default =
                inside.split_once("default_value").and_then(|(_, rest)| rest.split('"').nth(1)).map(str::to_owned);
            let free =
                field.is_some_and(|(_, kind)| ["Option<", "bool", "Vec<"].iter().any(|start| kind.starts_with(start)));
            let need = if free || inside.contains("default_value") { Need::Optional } else { Need::Required };
            found.push(Found::new(&key, source.line(at), need, Origin::Schema).or(default));
        }
    }
    found
}

/// The name and the type of the field behind an attribute.
fn field_behind<'a>(source: &'a Source<'a>, from: usize) -> Option<(&'a str, &'a str)> {
    let text = source.str(from, source.text.len().min(from + 600)).trim_start_matches(']');
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with("#[") && !line.starts_with("//"))?;
    let line = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
    let (name, kind) = line.split_once(':')?;
    Some((name.trim(), kind.trim()))
}

/// Spring's `${KEY:default}` anywhere in a text, and Symfony's `%env(KEY)%`.
pub fn placeholders(text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut counted = 0;
    for (open, close) in [(&b"${"[..], b'}'), (&b"%env("[..], b')')] {
        for at in memchr::memmem::find_iter(text, open) {
            let from = at + open.len();
            let Some(end) = memchr::memchr2(close, b'\n', &text[from..text.len().min(from + 300)]) else { continue };
            let Ok(inside) = std::str::from_utf8(&text[from..from + end]) else { continue };
            let symfony = close == b')';
            let (key, default) = if symfony {
                (inside.rsplit(':').next().unwrap_or_default(), None)
            } else {
                inside.split_once(':').map_or((inside, None), |(key, default)| (key, Some(default)))
            };
            if !is_key(key) {
                continue;
            }
            if counted > at {
                (line, counted) = (1, 0);
            }
            line += u32::try_from(memchr::memchr_iter(b'\n', &text[counted..at]).count()).unwrap_or(0);
            counted = at;
            let need = if default.is_some() || inside.starts_with("default:") { Need::Optional } else { Need::Bare };
            let default = default.filter(|text| !text.is_empty()).map(str::to_owned);
            found.push(Found::new(key, line, need, Origin::Code).or(default));
        }
    }
    found
}
