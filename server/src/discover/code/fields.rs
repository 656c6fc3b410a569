//! Settings that Python projects declare: pydantic's `BaseSettings`, decouple, starlette, django-environ.

use super::need::literal;
use super::reads::strings;
use super::source::Source;
use crate::discover::mention::{Found, Need, Origin, is_key};
use std::collections::BTreeSet;

pub fn read(source: &Source) -> Vec<Found> {
    let has = |word: &str| memchr::memmem::find(source.text, word.as_bytes()).is_some();
    let mut found = Vec::new();
    if has("decouple") || has("starlette.config") {
        config_calls(source, &mut found);
    }
    if has("environ.Env(") {
        schemes(source, &mut found);
    }
    if has("BaseSettings") {
        let mut bases: BTreeSet<&str> = BTreeSet::from(["BaseSettings"]);
        for at in memchr::memmem::find_iter(source.text, b"class ") {
            if !source.is_code(at) {
                continue;
            }
            let name_end = source.word_end(at + "class ".len());
            let name = source.str(at + "class ".len(), name_end);
            let Some(close) = source.close(name_end).filter(|_| source.byte(name_end) == b'(') else { continue };
            let inherits = source
                .str(name_end + 1, close)
                .split(',')
                .any(|base| bases.contains(base.trim().rsplit('.').next().unwrap_or_default()));
            if inherits {
                bases.insert(name);
                class_body(source, close + 1, &mut found);
            }
        }
    }
    found
}

/// `config("KEY", default=…)`.
fn config_calls(source: &Source, found: &mut Vec<Found>) {
    for at in memchr::memmem::find_iter(source.text, b"config(") {
        let open = at + "config".len();
        let Some(close) = source.close(open).filter(|_| source.is_code(at) && source.word_start(at) == at) else {
            continue;
        };
        let Some((key, end)) = source.string(source.skip(open + 1)).filter(|(key, _)| is_key(key)) else { continue };
        let rest = source.str(end, close);
        let default =
            rest.find("default").and_then(|from| rest[from..].find('=').map(|equals| end + from + equals + 1));
        let need = if default.is_some() { Need::Optional } else { Need::Required };
        let default = default.and_then(|at| literal(source, source.skip(at)));
        found.push(Found::new(key, source.line(at), need, Origin::Schema).or(default));
    }
}

/// `environ.Env(DEBUG=(bool, False))`.
fn schemes(source: &Source, found: &mut Vec<Found>) {
    for at in memchr::memmem::find_iter(source.text, b"environ.Env(") {
        let open = at + "environ.Env".len();
        let Some(close) = source.close(open) else { continue };
        let mut at = source.skip(open + 1);
        while at < close {
            let end = source.word_end(at);
            let key = source.str(at, end);
            let next = source.expression_end(at);
            if is_key(key) && source.byte(source.skip(end)) == b'=' {
                let need = if source.str(end, next).contains(',') { Need::Optional } else { Need::Named };
                found.push(Found::new(key, source.line(at), need, Origin::Schema));
            }
            at = source.skip(next.max(at) + 1);
        }
    }
}

/// The fields of a settings class: `name: type = default`, under the prefix that the class names.
fn class_body(source: &Source, from: usize, found: &mut Vec<Found>) {
    let text = source.str(from, source.text.len());
    let Some(first_line) = text.find('\n') else { return };
    let mut at = from + first_line + 1;
    let mut fields = Vec::new();
    let mut prefix = String::new();
    let mut indent = None;
    while at < source.text.len() {
        let end = memchr::memchr(b'\n', &source.text[at..]).map_or(source.text.len(), |end| at + end);
        let start = at + source.text[at..end].iter().take_while(|c| **c == b' ' || **c == b'\t').count();
        let is_blank = start == end || !source.is_code(start);
        if !is_blank {
            if start == at {
                break;
            }
            if *indent.get_or_insert(start - at) == start - at {
                fields.extend(field(source, start));
            }
            let line = source.str(start, source.expression_end(start).max(end));
            if let Some(named) =
                line.find("env_prefix").and_then(|named| strings(source, start + named, start + line.len()).next())
            {
                prefix = named.0.to_owned();
            }
        }
        at = end + 1;
    }
    for (name, line, need, default, own) in fields {
        let key = own.unwrap_or_else(|| format!("{prefix}{name}").to_ascii_uppercase());
        if is_key(&key) {
            found.push(Found::new(&key, line, need, Origin::Schema).or(default));
        }
    }
}

type Field<'a> = (&'a str, u32, Need, Option<String>, Option<String>);

fn field<'a>(source: &'a Source<'a>, start: usize) -> Option<Field<'a>> {
    let name_end = source.word_end(start);
    let name = source.str(start, name_end);
    if name.is_empty() || name == "model_config" || name.starts_with('_') || source.byte(name_end) != b':' {
        return None;
    }
    let end = memchr::memchr(b'\n', &source.text[name_end..]).map_or(source.text.len(), |end| name_end + end);
    // Brackets of the type may hold an equals sign only in its text.
    let mut equals = None;
    let mut depth = 0_i32;
    for at in name_end..source.text.len().min(name_end + 2_000) {
        match source.byte(at) {
            _ if !source.is_code(at) => {}
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'=' if depth == 0 => {
                equals = Some(at);
                break;
            }
            b'\n' if depth == 0 => break,
            _ => {}
        }
    }
    if source.str(name_end, end).contains("ClassVar") || source.str(name_end, end).contains("Callable") {
        return None;
    }
    let Some(equals) = equals else {
        return Some((name, source.line(start), Need::Required, None, None));
    };
    let value = source.skip(equals + 1);
    let is_call = source.starts(value, "Field(");
    let text = if is_call { source.str(value, source.close(value + 5).unwrap_or(end)) } else { "" };
    let requires = source.starts(value, "...")
        || (is_call && (text.starts_with("Field(...") || !text.contains("default") && !first_is_value(text)));
    let own = ["alias=", "env="].iter().find_map(|word| text.find(word).map(|at| value + at + word.len()));
    let own = own.and_then(|at| strings(source, at, value + text.len()).next()).map(|(own, _)| own.to_owned());
    let need = if requires { Need::Required } else { Need::Optional };
    Some((name, source.line(start), need, literal(source, value), own))
}

fn first_is_value(call: &str) -> bool {
    let first = call.trim_start_matches("Field(").trim_start();
    !first.is_empty() && !first.split([',', '(']).next().unwrap_or_default().contains('=')
}
