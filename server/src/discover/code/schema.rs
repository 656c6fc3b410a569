//! Schemas that JavaScript projects check their variables with: zod, t3-env, envalid, valibot, joi, `astro:env`; and
//! the named imports of SvelteKit and Astro.

use super::need::literal;
use super::source::Source;
use crate::discover::mention::{Found, Need, Origin, is_key};

/// What the expression of a key starts with where it is a rule of a schema.
const RULES: [&str; 22] = [
    "z.",
    "v.",
    "t.",
    "s.",
    "Joi.",
    "joi.",
    "yup.",
    "envField.",
    "str(",
    "bool(",
    "num(",
    "port(",
    "url(",
    "email(",
    "host(",
    "json(",
    "makeValidator(",
    "string(",
    "boolean(",
    "number(",
    "zod.",
    "Schema.",
];
/// What in an expression lets a key be missing.
const SOFT: [&str; 12] = [
    ".optional(",
    ".nullish(",
    ".default(",
    ".catch(",
    ".optional<",
    "optional(",
    "default:",
    "devDefault:",
    "optional: true",
    ".prefault(",
    "withDefault(",
    "undefined(",
];
/// Libraries of which one must be named in the file.
const LIBRARIES: [&str; 9] = ["zod", "envalid", "valibot", "joi", "Joi", "yup", "envField", "t3-oss", "effect"];

/// The keys that a schema in the file declares, and those that are imported by name.
pub fn read(source: &Source) -> Vec<Found> {
    let mut found = imports(source);
    let has = |word: &str| memchr::memmem::find(source.text, word.as_bytes()).is_some();
    let reads_env = ["process.env", "import.meta.env", "createEnv", "cleanEnv", "envField", "envSchema", "EnvSchema"]
        .iter()
        .any(|word| has(word));
    if !reads_env || !LIBRARIES.iter().any(|library| has(library)) {
        return found;
    }
    for colon in memchr::memchr_iter(b':', source.text).filter(|at| source.is_code(*at)) {
        let end = source.back(colon);
        let start = source.word_start(end);
        let quoted = source.byte(end.wrapping_sub(1)) == b'"' || source.byte(end.wrapping_sub(1)) == b'\'';
        let start = if quoted { source.word_start(end - 1) } else { start };
        let key = source.str(start, if quoted { end - 1 } else { end });
        if !is_key(key) {
            continue;
        }
        let value = source.skip(colon + 1);
        let rule_end = source.expression_end(value);
        let rule = source.str(value, rule_end);
        let is_rule =
            RULES.iter().any(|start| rule.starts_with(start)) || rule.contains(".optional()") || rule.contains("z.");
        if !is_rule || rule.contains("process.env") {
            continue;
        }
        let soft = SOFT.iter().any(|soft| rule.contains(soft));
        let default =
            [".default(", "default:"].iter().find_map(|mark| rule.find(mark).map(|at| value + at + mark.len()));
        let default = default.and_then(|at| literal(source, source.skip(at)));
        let need = if soft { Need::Optional } else { Need::Required };
        let described = rule
            .split_once(".describe(")
            .and_then(|(before, _)| source.string(value + before.len() + ".describe(".len()));
        let described = described.map(|(text, _)| text.to_owned());
        found.push(Found::new(key, source.line(start), need, Origin::Schema).or(default).said(described));
    }
    found
}

/// `import { KEY } from "$env/static/private"` and `"astro:env/server"`.
fn imports(source: &Source) -> Vec<Found> {
    let mut found = Vec::new();
    for module in ["$env/static/", "astro:env/"] {
        for at in memchr::memmem::find_iter(source.text, module.as_bytes()) {
            let from = source.back(at.saturating_sub(1));
            let close = source.back(from.saturating_sub("from".len()));
            if !source.str(from.saturating_sub(4), from).eq("from") || source.byte(close.wrapping_sub(1)) != b'}' {
                continue;
            }
            let Some(open) = source.open(close - 1) else { continue };
            let mut at = open + 1;
            while at < close - 1 {
                at = source.skip(at);
                let end = source.word_end(at);
                if is_key(source.str(at, end)) {
                    // A static import fails the build where the variable is missing.
                    let need = if module.starts_with('$') { Need::Required } else { Need::Named };
                    found.push(Found::new(source.str(at, end), source.line(at), need, Origin::Code));
                }
                at = source.expression_end(end).max(at) + 1;
            }
        }
    }
    found
}
