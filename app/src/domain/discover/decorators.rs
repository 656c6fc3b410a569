//! The decorators of env-spec, which stand in comments: `# @required @type=enum(a, b)`.

use super::super::limits;

/// The names that env-spec knows; any other word behind an `@` is prose.
const NAMES: [&str; 18] = [
    "required",
    "optional",
    "sensitive",
    "public",
    "type",
    "example",
    "docs",
    "docsUrl",
    "icon",
    "defaultRequired",
    "defaultSensitive",
    "currentEnv",
    "envFlag",
    "generateTypes",
    "import",
    "plugin",
    "disable",
    "redactLogs",
];

/// What decorators say about one key.
#[derive(Default)]
pub(super) struct Decorated {
    pub(super) required: Option<bool>,
    pub(super) sensitive: Option<bool>,
    pub(super) choices: Vec<String>,
    pub(super) url: Option<String>,
}

/// What the header of a file says about all of its keys.
#[derive(Clone, Copy, Default)]
pub(super) struct Defaults {
    /// `@defaultRequired=true` or `=false`; by itself a key is required if it has a value.
    pub(super) required: Option<bool>,
    pub(super) sensitive: Option<bool>,
}

/// Reads a comment line, given without its `#`; `false` if it holds no decorators.
pub(super) fn read(line: &str, into: &mut Decorated, defaults: &mut Defaults) -> bool {
    let line = line.trim();
    let mut any = false;
    let mut rest = line;
    while let Some(decorator) = rest.strip_prefix('@') {
        let name_end = decorator.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(decorator.len());
        let (name, behind) = decorator.split_at(name_end);
        if !NAMES.contains(&name) {
            break;
        }
        any = true;
        let (value, after) = value(behind);
        take(name, value, into, defaults);
        rest = after.trim_start();
    }
    any
}

/// The value behind a name: up to the next space, or to the bracket or quote that closes it.
fn value(text: &str) -> (&str, &str) {
    let text = text.strip_prefix('=').unwrap_or(text);
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, c) if c.is_whitespace() && depth == 0 => return text.split_at(at),
            _ => {}
        }
    }
    (text, "")
}

fn take(name: &str, value: &str, into: &mut Decorated, defaults: &mut Defaults) {
    let yes = !value.starts_with("false");
    let is_plain = ["", "true", "false"].contains(&value);
    match name {
        // A condition, such as `forEnv(production)`, does not hold everywhere.
        "required" => into.required = Some(yes && is_plain),
        "optional" => into.required = Some(!yes),
        "sensitive" if is_plain => into.sensitive = Some(yes),
        "public" => into.sensitive = Some(!yes),
        "defaultRequired" if value != "infer" => defaults.required = Some(yes),
        "defaultSensitive" if is_plain => defaults.sensitive = Some(yes),
        "docs" | "docsUrl" => {
            let url = value.trim_matches(['(', ')', '"', '\'']).rsplit(',').next().unwrap_or_default();
            let url = url.trim().trim_matches(['"', '\'']);
            let good = url.starts_with("https://") || url.starts_with("http://");
            into.url = good.then(|| url.to_owned()).filter(|url| url.chars().count() <= limits::URL_CHARS);
        }
        "type" => {
            let list = value.strip_prefix("enum(").and_then(|rest| rest.strip_suffix(')'));
            let items = list.into_iter().flat_map(|list| list.split(','));
            let items = items.map(|item| item.trim().trim_matches(['"', '\''])).filter(|item| !item.is_empty());
            into.choices = items.take(limits::SUGGESTIONS).map(str::to_owned).collect();
            if value == "boolean" {
                into.choices = vec!["true".to_owned(), "false".to_owned()];
            }
        }
        _ => {}
    }
}
