//! `devcontainer.json`: secrets that it recommends, and variables that it sets.

use super::json;
use crate::discover::mention::{Found, Need, Origin, is_key};
use serde_json::Value;

pub fn read(text: &str) -> Vec<Found> {
    let Some(json) = json::read(text) else { return Vec::new() };
    let mut found = Vec::new();
    for (key, about) in object(&json, "secrets") {
        let described = about["description"].as_str().map(str::to_owned);
        found.push(Found::new(key, json::line_of(text, key), Need::Bare, Origin::Platform).said(described));
    }
    for section in ["containerEnv", "remoteEnv"] {
        for (key, value) in object(&json, section) {
            let value = value.as_str().unwrap_or_default();
            let line = json::line_of(text, key);
            // `${localEnv:KEY}` comes from the machine; a plain value is given by the file itself.
            if let Some(local) = value.strip_prefix("${localEnv:") {
                let need = if local.contains(':') { Need::Optional } else { Need::Lenient };
                found.push(Found::new(key, line, need, Origin::Platform));
            } else {
                found.push(Found::new(key, line, Need::Named, Origin::Aside).or(plain(value)));
            }
        }
    }
    found
}

fn plain(value: &str) -> Option<String> {
    Some(value.to_owned()).filter(|value| !value.is_empty() && !value.contains("${"))
}

/// Entries of an object of variables, with a text each.
pub fn object<'a>(json: &'a Value, section: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    json[section].as_object().into_iter().flatten().filter(|(key, _)| is_key(key))
}
