//! A spec as a text that people keep in a file: where in it a problem is, and how it is laid out.

use super::spec::{EnvSpec, FieldProblem, SpecError};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A problem with the place in the text where it is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocatedProblem {
    /// Path of the field, such as `files[0].keys[2].key`.
    pub field: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong and what to do, as a sentence without a full stop.
    pub problem: String,
}

/// Reads a spec as [`EnvSpec::from_json`] does, and tells of each problem where in the text it is.
pub fn read(text: &str) -> Result<EnvSpec, Vec<LocatedProblem>> {
    EnvSpec::from_json(text)
        .map_err(|SpecError { problems }| problems.into_iter().map(|problem| locate(text, problem)).collect())
}

/// The spec as it is kept in a file: every field in its order, two blanks for each level.
pub fn write(spec: &EnvSpec) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(spec).map(|text| text + "\n")
}

fn locate(text: &str, FieldProblem { field, problem }: FieldProblem) -> LocatedProblem {
    let (line, column) = match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => position(text, offset(text, &field)),
        // It is no JSON, and where it ends to be some is the place.
        Err(error) => (error.line().max(1), error.column().max(1)),
    };
    let (field, problem) = match problem.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, ")) {
        // The name stands at that line. It is not repeated: in a file that is no spec it may be a value.
        Some((_, expected)) => (parent(&field).to_owned(), format!("unknown field, {expected}")),
        None => (field, problem),
    };
    LocatedProblem { field, line, column, problem: without_place(problem) }
}

/// The field that holds another.
fn parent(field: &str) -> &str {
    field.rsplit_once('.').map_or(".", |(parent, _)| if parent.is_empty() { "." } else { parent })
}

/// The problem without the place that the JSON reader tells: it is where the reader stood, not where the field is.
fn without_place(problem: String) -> String {
    match problem.rsplit_once(" at line ") {
        Some((before, place))
            if place.split_once(" column ").is_some_and(|(line, _)| line.parse::<usize>().is_ok()) =>
        {
            before.to_owned()
        }
        _ => problem,
    }
}

/// Where the value of a field begins, or else what holds it.
fn offset(text: &str, field: &str) -> usize {
    let mut value = text.trim_ascii_start();
    for step in steps(field) {
        let next = match step {
            Step::Index(index) => {
                serde_json::from_str::<Vec<&RawValue>>(value).ok().and_then(|items| items.get(index).copied())
            }
            Step::Name(name) => serde_json::from_str::<BTreeMap<String, &RawValue>>(value)
                .ok()
                .and_then(|members| members.get(name).copied()),
        };
        match next {
            Some(next) => value = next.get(),
            None => break,
        }
    }
    value.as_ptr().addr() - text.as_ptr().addr()
}

enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

/// The steps of a path such as `files[0].keys[2].key`.
fn steps(field: &str) -> impl Iterator<Item = Step<'_>> {
    field.split(['.', '[']).filter(|part| !part.is_empty()).map(|part| {
        match part.strip_suffix(']').and_then(|number| number.parse().ok()) {
            Some(index) => Step::Index(index),
            None => Step::Name(part),
        }
    })
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<(String, usize, usize)> {
        let problems = read(text).expect_err("a bad spec");
        problems.into_iter().map(|found| (found.field, found.line, found.column)).collect()
    }

    fn is(expected: &[(&str, usize, usize)]) -> Vec<(String, usize, usize)> {
        expected.iter().map(|(field, line, column)| ((*field).to_owned(), *line, *column)).collect()
    }

    #[test]
    fn every_problem_has_the_line_of_its_field() {
        let text = "\n{\"files\": [\n  {\"path\": \".env\", \"keys\": [\n    {\"key\": \"A\"},\n    {\"key\": \"A\",\n     \
                    \"documentationUrl\": \"javascript:x\"}\n  ]},\n  {\"path\": \"./.env\", \"keys\": []}\n]}\n";
        let expected =
            [("files[0].keys[1].key", 5, 13), ("files[0].keys[1].documentationUrl", 6, 26), ("files[1].path", 8, 12)];
        let mut found = places(text);
        found.sort();
        let mut expected = is(&expected);
        expected.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_misspelt_field_and_a_text_that_is_no_json_are_placed_too() {
        let text = "{\"files\": [\n{\"path\": \"é\", \"keys\": [{\"key\": \"A\",\n\"requird\": true}]}]}";
        assert_eq!(places(text), is(&[("files[0].keys[0]", 3, 12)]));
        assert_eq!(places("{\"files\": [\n  oops\n]}")[0].1, 2);
        assert_eq!(places("{\"files\": []}\n]")[0].1, 2);
        assert_eq!(places("{}"), is(&[(".", 1, 1)]));
        assert_eq!(places(""), is(&[(".", 1, 1)]));
    }

    #[test]
    fn what_was_sent_in_the_wrong_place_is_never_repeated() {
        for text in [
            r#"{"files":"sesame-4711"}"#,
            r#"{"files":[{"path":".env","keys":[{"key":"A","required":"sesame-4711\", expected"}]}]}"#,
            r#"{"files":[{"path":".env","keys":[],"readers":["sesame-4711"]}]}"#,
            r#"{"files":[{"path":".env","keys":[],"mode":"sesame`, expected -4711"}]}"#,
            r#"{"files":[{"path":".env","keys":[{"key":"A","required":4711}]}]}"#,
        ] {
            let problem = read(text).expect_err("a bad spec").remove(0).problem;
            assert!(!problem.contains("4711") && problem.contains("expected"), "{problem}");
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_written_the_same() {
        let spec = read(r#"{"files":[{"path":"./a//.env","keys":[{"key":"A"}]}]}"#).expect("a good spec");
        let text = write(&spec).expect("a text");
        assert_eq!(read(&text).expect("a good spec"), spec);
        assert!(
            text.starts_with("{\n  \"files\": [\n    {\n      \"workspacePath\": \".\",\n") && text.ends_with("}\n")
        );
    }
}
