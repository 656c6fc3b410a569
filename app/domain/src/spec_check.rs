//! The rules of a spec that its types alone do not hold.

use super::spec::{EnvFile, EnvSpec, FieldProblem, Slot};
use super::{limits, reader};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Every problem of the spec, each with its field.
pub(super) fn problems(spec: &EnvSpec) -> Vec<FieldProblem> {
    let mut found = Problems::default();
    if spec.files.len() > limits::FILES {
        found.add("files", format!("at most {} files; this spec has {}", limits::FILES, spec.files.len()));
    }
    if spec.slot_count() > limits::KEYS {
        found.add("files", format!("at most {} keys in all; this spec has {}", limits::KEYS, spec.slot_count()));
    }
    let mut places = HashMap::new();
    for (index, file) in spec.files.iter().enumerate() {
        let field = format!("files[{index}]");
        match places.entry(file.place()) {
            Entry::Occupied(first) => {
                let message = format!("the same file as files[{}]; put its keys into one entry", first.get());
                found.add(&format!("{field}.path"), message);
            }
            Entry::Vacant(place) => {
                place.insert(index);
            }
        }
        check_file(&mut found, &field, file);
    }
    found.0
}

fn check_file(found: &mut Problems, field: &str, file: &EnvFile) {
    if let Err(error) = super::RelativePath::file(file.path.as_str()) {
        found.add(&format!("{field}.path"), error.to_string());
    }
    if file.place().as_str().chars().count() > limits::PATH_CHARS {
        let message = format!("workspacePath and path together have at most {} characters", limits::PATH_CHARS);
        found.add(&format!("{field}.path"), message);
    }
    if file.keys.len() > limits::KEYS_PER_FILE {
        let message = format!("at most {} keys in a file; this one has {}", limits::KEYS_PER_FILE, file.keys.len());
        found.add(&format!("{field}.keys"), message);
    }
    found.at_most(&format!("{field}.readers"), file.readers.len(), limits::READERS, "programs");
    if let Some(twice) = (1..file.readers.len()).find(|at| file.readers[..*at].contains(&file.readers[*at])) {
        found.add(&format!("{field}.readers[{twice}]"), format!("{} is listed twice", file.readers[twice].name()));
    }
    found.at_most(&format!("{field}.readerEvidence"), file.reader_evidence.len(), limits::EVIDENCE, "entries");
    for (index, evidence) in file.reader_evidence.iter().enumerate() {
        let name = format!("{field}.readerEvidence[{index}].path");
        found.at_most(&name, evidence.path.chars().count(), limits::PATH_CHARS, "characters");
    }
    let mut seen = HashMap::new();
    for (index, slot) in file.keys.iter().enumerate() {
        let field = format!("{field}.keys[{index}]");
        if let Some(first) = seen.insert(&slot.key, index) {
            found.add(&format!("{field}.key"), format!("{} is already listed as keys[{first}]", slot.key));
        }
        if let Err(reserved) = reader::check_key(&file.readers, &slot.key) {
            found.add(&format!("{field}.key"), reserved.to_string());
        }
        if let Err(problem) = slot.default.as_deref().map_or(Ok(()), |text| reader::check(&file.readers, text)) {
            found.add(&format!("{field}.default"), problem.to_string());
        }
        check_slot(found, &field, slot);
    }
}

fn check_slot(found: &mut Problems, field: &str, slot: &Slot) {
    if let Some(text) = &slot.description {
        found.at_most(&format!("{field}.description"), text.chars().count(), limits::DESCRIPTION_CHARS, "characters");
    }
    if let Some(url) = &slot.documentation_url {
        let name = format!("{field}.documentationUrl");
        found.at_most(&name, url.chars().count(), limits::URL_CHARS, "characters");
        let web = url.starts_with("https://") || url.starts_with("http://");
        // A link to `javascript:` or `data:` would run in the page of whoever clicks it.
        if !web || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            found.add(&name, "must be an http or https address".to_owned());
        }
    }
    if let Some(default) = &slot.default {
        found.at_most(&format!("{field}.default"), default.len(), limits::VALUE_BYTES, "bytes");
    }
    found.at_most(&format!("{field}.suggestions"), slot.suggestions.len(), limits::SUGGESTIONS, "entries");
    for (index, suggestion) in slot.suggestions.iter().enumerate() {
        found.value(&format!("{field}.suggestions[{index}]"), suggestion);
    }
    found.at_most(&format!("{field}.evidence"), slot.evidence.len(), limits::EVIDENCE, "entries");
    for (index, evidence) in slot.evidence.iter().enumerate() {
        let name = format!("{field}.evidence[{index}].path");
        found.at_most(&name, evidence.path.chars().count(), limits::PATH_CHARS, "characters");
    }
}

#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn add(&mut self, field: &str, problem: String) {
        self.0.push(FieldProblem { field: field.to_owned(), problem });
    }

    fn at_most(&mut self, field: &str, count: usize, limit: usize, unit: &str) {
        if count > limit {
            self.add(field, format!("at most {limit} {unit}; this has {count}"));
        }
    }

    fn value(&mut self, field: &str, value: &str) {
        self.at_most(field, value.len(), limits::VALUE_BYTES, "bytes");
        if value.contains('\0') {
            self.add(field, "must not contain a NUL character, which no environment variable can hold".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::EnvSpec;
    use serde_json::{Value, json};

    fn fields(spec: Value) -> Vec<String> {
        match EnvSpec::from_json(&spec.to_string()) {
            Ok(_) => Vec::new(),
            Err(error) => error.problems.into_iter().map(|problem| problem.field).collect(),
        }
    }

    #[test]
    fn a_spec_at_the_promised_size_is_accepted() {
        let keys: Vec<Value> = (0..10).map(|n| json!({"key": format!("K{n}{}", "X".repeat(190))})).collect();
        let files: Vec<Value> = (0..50)
            .map(|n| json!({"workspacePath": "a", "path": format!("{}/{n}", "p".repeat(480)), "keys": keys}))
            .collect();
        assert_eq!(fields(json!({ "files": files })), Vec::<String>::new());
        let keys: Vec<Value> = (0..500).map(|n| json!({"key": format!("K{n}")})).collect();
        assert_eq!(fields(json!({"files": [{"path": ".env", "keys": keys}]})), Vec::<String>::new());
    }

    #[test]
    fn the_same_file_twice_is_refused_however_it_is_spelt() {
        let twice = json!({"files": [
            {"workspacePath": "web", "path": ".env", "keys": []},
            {"workspacePath": ".", "path": "./web/.env", "keys": []},
        ]});
        assert_eq!(fields(twice), ["files[1].path"]);
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let bad = json!({"files": [{"path": ".", "keys": [
            {"key": "A", "description": "d".repeat(4001)},
            {"key": "A", "documentationUrl": "javascript:alert(1)"},
            {"key": "B", "default": "a\u{0}b"},
        ]}]});
        let expected = [
            "files[0].path",
            "files[0].keys[0].description",
            "files[0].keys[1].key",
            "files[0].keys[1].documentationUrl",
            "files[0].keys[2].default",
        ];
        assert_eq!(fields(bad), expected);
    }

    #[test]
    fn a_key_or_a_default_that_no_reader_would_give_back_is_refused() {
        let bad = json!({"files": [{"path": ".env", "keys": [
            {"key": "UID"}, {"key": "A", "default": "it's \"both\""},
        ]}]});
        assert_eq!(fields(bad), ["files[0].keys[0].key", "files[0].keys[1].default"]);
    }

    #[test]
    fn over_long_lists_are_refused() {
        let files: Vec<Value> = (0..101).map(|n| json!({"path": format!("{n}"), "keys": []})).collect();
        assert_eq!(fields(json!({ "files": files })), ["files"]);
        let keys: Vec<Value> = (0..1001).map(|n| json!({"key": format!("K{n}")})).collect();
        assert_eq!(fields(json!({"files": [{"path": ".env", "keys": keys}]})), ["files[0].keys"]);
    }
}
