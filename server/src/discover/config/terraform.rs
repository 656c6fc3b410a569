//! Terraform: variables that are spelled like environment variables, and blocks that hand one to a program.

use crate::discover::mention::{Found, Need, Origin, is_key};

pub fn read(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let key = match line.split_once('=') {
            // `name = "KEY"` in an `env` block, or `KEY = …` in a map of variables.
            Some((name, value)) if name.trim() == "name" => value.trim().trim_matches('"'),
            Some((name, _)) => name.trim().trim_matches('"'),
            None => line.strip_prefix("variable \"").and_then(|rest| rest.split('"').next()).unwrap_or_default(),
        };
        if is_key(key) {
            found.push(Found::new(key.trim_start_matches("TF_VAR_"), number, Need::Named, Origin::Aside));
        }
    }
    found
}
