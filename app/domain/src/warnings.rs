//! What looks wrong with a value although it may be meant: told to the person, who may overrule it.
//!
//! Only what the value's form or the key's name makes plain is told. A warning names a kind and never the value, so it
//! may travel with what is known of a stored value.

mod shape;

pub use shape::prefixes;

use super::KeyName;
use super::environment::SlotView;
use super::spec::Slot;
use serde::{Deserialize, Serialize};
use shape::Shape;

/// What looks wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Warning {
    /// White space at its start or end.
    BoundaryWhitespace,
    /// A line break at its end.
    TrailingNewline,
    /// A text that stands for a value, such as `changeme`.
    Placeholder,
    /// The key's name or the spec promises a URL.
    NotUrl,
    /// The key's name promises a PEM block.
    NotPem,
    /// A PEM block that begins and does not end.
    CutPem,
    /// The key's name or the spec promises JSON.
    NotJson,
    /// Values of this key start with something else, see [`prefixes`].
    OtherPrefix,
}

/// What the spec says of the values of a key.
#[derive(Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The default.
    pub default: Option<&'a str>,
    /// The suggestions.
    pub suggestions: &'a [String],
}

impl<'a> From<&'a SlotView> for Hints<'a> {
    fn from(slot: &'a SlotView) -> Self {
        Self { default: slot.default.as_deref(), suggestions: &slot.suggestions }
    }
}

impl<'a> From<&'a Slot> for Hints<'a> {
    fn from(slot: &'a Slot) -> Self {
        Self { default: slot.default.as_deref(), suggestions: &slot.suggestions }
    }
}

/// Texts that stand for a value, lower case, without blanks, dashes and underscores.
const PLACEHOLDERS: [&str; 15] = [
    "changeme",
    "changethis",
    "dummy",
    "example",
    "fillmein",
    "fixme",
    "insertyours",
    "placeholder",
    "replaceme",
    "replacethis",
    "tbd",
    "todo",
    "yourkeyhere",
    "yourtokenhere",
    "yoursecrethere",
];
/// Starts of such texts, in the same form.
const PLACEHOLDER_STARTS: [&str; 6] = ["changeme", "changethis", "insertyour", "placeholder", "replacewith", "todo:"];

/// Everything that looks wrong with a value of this key, in the order in which it is told.
///
/// Nothing is wrong with the empty value, which a person saves on purpose, or with one that the spec itself names.
pub fn warnings(key: &KeyName, hints: Hints<'_>, value: &str) -> Vec<Warning> {
    let named = hints.default.into_iter().chain(hints.suggestions.iter().map(String::as_str));
    if value.is_empty() || named.clone().any(|text| text == value) {
        return Vec::new();
    }
    let mut found = boundaries(value);
    let inner = value.trim();
    if is_placeholder(inner) {
        // What stands for a value has no shape yet.
        found.push(Warning::Placeholder);
        return found;
    }
    found.extend(Shape::of(key, named).and_then(|shape| shape.wrong(inner)));
    if prefixes(key).is_some_and(|known| !known.iter().any(|prefix| inner.starts_with(prefix))) {
        found.push(Warning::OtherPrefix);
    }
    found
}

fn boundaries(value: &str) -> Vec<Warning> {
    let lines = value.trim_end_matches(['\n', '\r']);
    let mut found = Vec::new();
    if lines.trim() != lines {
        found.push(Warning::BoundaryWhitespace);
    }
    // A PEM block ends with a line break by itself.
    if lines.len() < value.len() && !shape::is_pem(value) {
        found.push(Warning::TrailingNewline);
    }
    found
}

fn is_placeholder(value: &str) -> bool {
    let plain: String = value.to_lowercase().chars().filter(|c| !matches!(c, ' ' | '-' | '_')).collect();
    let bracketed = |open: char, close: char| {
        let inner = value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| !inner.is_empty() && !inner.contains([open, close, '\n']))
    };
    let crossed = plain.len() >= 3 && plain.trim_end_matches(['x', '.', '*']).is_empty();
    let yours = plain.starts_with("your")
        && plain.len() <= 60
        && ["here", "key", "token", "secret", "password"].iter().any(|end| plain.ends_with(end));
    PLACEHOLDERS.contains(&plain.as_str())
        || PLACEHOLDER_STARTS.iter().any(|start| plain.starts_with(start))
        || yours
        || crossed
        || plain.contains("xxxxx")
        || value.ends_with("EXAMPLE")
        || value.ends_with("EXAMPLEKEY")
        || bracketed('<', '>')
}

#[cfg(test)]
mod tests;
