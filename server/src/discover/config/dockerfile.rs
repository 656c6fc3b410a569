//! Dockerfiles: build arguments and variables that an image sets. They decide nothing, for the image gives them.

use crate::discover::mention::{Found, Need, Origin, is_key};

pub fn read(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let Some(rest) = ["ARG ", "ENV "].iter().find_map(|word| line.strip_prefix(word)) else { continue };
        for part in rest.split_whitespace() {
            let (key, value) = part.split_once('=').map_or((part, ""), |(key, value)| (key, value));
            if !is_key(key) {
                break;
            }
            let value = value.trim_matches(['"', '\'']);
            let default = Some(value.to_owned()).filter(|value| !value.is_empty() && !value.contains('$'));
            found.push(Found::new(key, number, Need::Named, Origin::Aside).or(default));
        }
    }
    found
}
