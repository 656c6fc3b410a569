//! Workflow files: secrets that a pipeline holds. Only a hint that a value is secret and exists elsewhere.

use crate::discover::mention::{Found, Need, Origin, is_key};

pub fn read(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for (at, mark) in line.match_indices("secrets.") {
            let rest = &line[at + mark.len()..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            if is_key(&rest[..end]) {
                found.push(Found::new(&rest[..end], number, Need::Named, Origin::Aside));
            }
        }
    }
    found
}
