//! Compose files: what they take from the `.env` beside them, and what they hand through.

use super::yaml::leaves;
use crate::discover::code::interpolations;
use crate::discover::mention::{Found, Need, Origin, is_key};

pub fn read(text: &str) -> Vec<Found> {
    let mut found = interpolations(text.as_bytes(), Origin::Compose);
    for leaf in leaves(text) {
        let [.., list, item] = &leaf.path[..] else { continue };
        // `- KEY` without a value hands the variable through from where compose runs.
        if list == "environment" && item.starts_with('-') && is_key(&leaf.value) {
            found.push(Found::new(&leaf.value, leaf.line, Need::Bare, Origin::Compose));
        }
        if list == "environment" && is_key(item) && ["", "~", "null"].contains(&leaf.value.as_str()) {
            found.push(Found::new(item, leaf.line, Need::Bare, Origin::Compose));
        }
    }
    found
}
