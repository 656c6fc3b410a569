//! `secretspec.toml`: the secrets of the default profile.

use crate::discover::mention::{Found, Need, Origin, is_key};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub fn read(text: &str) -> Vec<Found> {
    let Ok(table) = DeTable::parse(text) else { return Vec::new() };
    let table = table.into_inner();
    let Some(profiles) = table.get("profiles").and_then(|value| value.get_ref().as_table()) else { return Vec::new() };
    let default =
        profiles.iter().find(|(name, _)| name.get_ref().as_ref() == "default").or_else(|| profiles.iter().next());
    let Some(secrets) = default.and_then(|(_, value)| value.get_ref().as_table()) else { return Vec::new() };
    let mut found: Vec<Found> = secrets.iter().filter_map(|(key, value)| secret(text, key, value)).collect();
    found.sort_by_key(|found| found.line);
    found
}

fn secret(text: &str, key: &Spanned<impl AsRef<str>>, value: &Spanned<DeValue>) -> Option<Found> {
    let name = key.get_ref().as_ref();
    let about = value.get_ref().as_table()?;
    if !is_key(name) {
        return None;
    }
    let word = |field: &str| about.get(field).and_then(|value| value.get_ref().as_str()).map(str::to_owned);
    let default = word("default");
    let required =
        about.get("required").and_then(|value| value.get_ref().as_bool()).unwrap_or(true) && default.is_none();
    let line = u32::try_from(text[..key.span().start].matches('\n').count()).unwrap_or_default() + 1;
    let need = if required { Need::Required } else { Need::Optional };
    Some(Found::new(name, line, need, Origin::Schema).or(default).said(word("description")))
}
