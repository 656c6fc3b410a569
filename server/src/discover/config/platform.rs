//! Descriptions for hosting platforms: Heroku's `app.json`, Render, Fly and Vercel.

use super::devcontainer::object;
use super::{json, yaml};
use crate::discover::mention::{Found, Need, Origin, is_key};
use app::domain::spec::Generate;
use std::collections::BTreeMap;
use toml::de::DeTable;

/// `"env": {"KEY": {"description": …, "value": …, "required": false, "generator": "secret"}}`.
pub fn heroku(text: &str) -> Vec<Found> {
    let Some(json) = json::read(text) else { return Vec::new() };
    let entries = object(&json, "env").map(|(key, about)| {
        let value = about.as_str().or_else(|| about["value"].as_str()).map(str::to_owned);
        let value = value.filter(|value| !value.is_empty());
        let generated = about["generator"].as_str() == Some("secret");
        let free = about["required"].as_bool() == Some(false) || value.is_some();
        let need = if free { Need::Optional } else { Need::Bare };
        let described = about["description"].as_str().map(str::to_owned);
        let found = Found::new(key, json::line_of(text, key), need, Origin::Platform).or(value).said(described);
        Found { generate: generated.then_some(Generate::Hex64), ..found }
    });
    entries.collect()
}

/// `envVars: [{key: KEY, sync: false}]`.
pub fn render(text: &str) -> Vec<Found> {
    let mut items: BTreeMap<Vec<String>, (Option<(String, u32)>, BTreeMap<String, String>)> = BTreeMap::new();
    for leaf in yaml::leaves(text) {
        let Some((field, item)) = leaf.path.split_last() else { continue };
        if !item.iter().any(|part| part == "envVars") {
            continue;
        }
        let entry = items.entry(item.to_vec()).or_default();
        if field == "key" {
            entry.0 = Some((leaf.value, leaf.line));
        } else {
            entry.1.insert(field.clone(), leaf.value);
        }
    }
    let entries = items.into_values().filter_map(|(key, about)| {
        let (key, line) = key.filter(|(key, _)| is_key(key))?;
        let generated = about.get("generateValue").is_some_and(|value| value == "true");
        let asked = about.get("sync").is_some_and(|value| value == "false");
        let need = if asked || generated { Need::Bare } else { Need::Optional };
        let found = Found::new(&key, line, need, Origin::Platform).or(about.get("value").cloned());
        Some(Found { generate: generated.then_some(Generate::Hex32), ..found })
    });
    let mut entries: Vec<Found> = entries.collect();
    entries.sort_by_key(|found| found.line);
    entries
}

/// `[env]`: all of it is given by the file.
pub fn fly(text: &str) -> Vec<Found> {
    let Ok(table) = DeTable::parse(text) else { return Vec::new() };
    let table = table.into_inner();
    let Some(env) = table.get("env").and_then(|value| value.get_ref().as_table()) else { return Vec::new() };
    let entries = env.iter().filter(|(key, _)| is_key(key.get_ref())).map(|(key, value)| {
        let line = u32::try_from(text[..key.span().start].matches('\n').count()).unwrap_or_default() + 1;
        let default = value.get_ref().as_str().map(str::to_owned);
        Found::new(key.get_ref(), line, Need::Optional, Origin::Aside).or(default)
    });
    entries.collect()
}

/// `"env": {"KEY": "@secret"}`, and the same for the build.
pub fn vercel(text: &str) -> Vec<Found> {
    let Some(json) = json::read(text) else { return Vec::new() };
    let all = object(&json, "env").chain(object(&json["build"], "env"));
    let entries = all.map(|(key, value)| {
        let value = value.as_str().unwrap_or_default();
        let need = if value.starts_with('@') || value.is_empty() { Need::Bare } else { Need::Optional };
        let default = Some(value.to_owned()).filter(|value| !value.is_empty() && !value.starts_with('@'));
        Found::new(key, json::line_of(text, key), need, Origin::Platform).or(default)
    });
    entries.collect()
}
