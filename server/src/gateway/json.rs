//! Reads JSON that a program sent; what cannot be taken is named by its field, in words that fit any language.

mod shaped;

use super::Problem;
use axum::http::StatusCode;
use domain::spec::FieldProblem;
use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};
use shaped::Shaped;
use std::fmt::{self, Formatter};

/// Largest whole number that every JSON library keeps exactly.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// What is wrong with an object that names a member twice.
pub(super) const TWICE: &str = "a member is given twice";

/// Reads a whole body.
pub(super) fn from_bytes<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    from_value(parse(body).map_err(|error| malformed(&error))?)
}

/// Parses JSON in which no object names a member twice: readers differ in which one they take.
pub(super) fn parse(text: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice::<Distinct>(text).map(|Distinct(value)| value)
}

/// A value whose objects name each member once.
struct Distinct(Value);

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Members).map(Self)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Value;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Distinct(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some((name, Distinct(member))) = members.next_entry::<String, _>()? {
            if all.insert(name, member).is_some() {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(all.into())
    }
}

/// Reads JSON that was parsed before.
pub(super) fn from_value<T: DeserializeOwned>(mut value: Value) -> Result<T, Problem> {
    plain_integers(&mut value);
    let mut problems = Vec::new();
    find_nul(&value, "", &mut problems);
    if !problems.is_empty() {
        return Err(Problem::invalid(problems));
    }
    serde_path_to_error::deserialize(Shaped(value)).map_err(|error| {
        let path = error.path().to_string();
        let (member, problem) = words(&error.inner().to_string());
        Problem::invalid(vec![FieldProblem { field: named(&path, member), problem }])
    })
}

/// Finds texts with a NUL character, which no environment variable and not every database can hold.
fn find_nul(value: &Value, field: &str, found: &mut Vec<FieldProblem>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            let problem = "must not contain a NUL character".to_owned();
            found.push(FieldProblem { field: named(field, None), problem });
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, item)| find_nul(item, &format!("{field}[{index}]"), found));
        }
        Value::Object(members) => {
            let dot = if field.is_empty() { "" } else { "." };
            members.iter().for_each(|(name, member)| find_nul(member, &format!("{field}{dot}{name}"), found));
        }
        _ => {}
    }
}

/// Writes whole numbers as such: JSON Schema counts `3.0` as an integer, and some clients send it.
pub(super) fn plain_integers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT);
            if let Some(float) = float {
                // The range was checked above.
                *number = Number::from(float as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain_integers),
        Value::Object(members) => members.values_mut().for_each(plain_integers),
        _ => {}
    }
}

/// The field's name: the path that was reached, and the member of it that is meant unless the path ends with it.
fn named(path: &str, member: Option<String>) -> String {
    let path = if path == "." { "" } else { path };
    match member {
        None if path.is_empty() => "body".to_owned(),
        None => path.to_owned(),
        Some(member) if path.is_empty() => member,
        Some(member) if path == member || path.ends_with(&format!(".{member}")) => path.to_owned(),
        Some(member) => format!("{path}.{member}"),
    }
}

/// What the reader's message says without names of Rust types and without what was sent; and the member that it names.
fn words(message: &str) -> (Option<String>, String) {
    let quoted = |rest: &str| rest.split('`').next().unwrap_or_default().to_owned();
    if let Some(rest) = message.strip_prefix("missing field `") {
        return (Some(quoted(rest)), "is required".to_owned());
    }
    if let Some(rest) = message.strip_prefix("duplicate field `") {
        return (Some(quoted(rest)), "is given twice".to_owned());
    }
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let problem = match rest.split_once("expected ") {
            Some((_, expected)) => format!("is not a known field; expected {expected}"),
            None => "is not a known field".to_owned(),
        };
        return (Some(quoted(rest)), problem);
    }
    if let Some((sent, expected)) =
        message.strip_prefix("invalid value: integer `").and_then(|rest| rest.split_once('`'))
        && let Some(most) = most(expected.trim_start_matches(", expected ")).filter(|_| !sent.starts_with('-'))
    {
        return (None, format!("must be at most {most}"));
    }
    let wrong = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant `"];
    match message.rsplit_once("expected ") {
        Some((_, expected)) if wrong.iter().any(|start| message.starts_with(start)) => {
            (None, format!("must be {}", kind(expected)))
        }
        _ => (None, message.to_owned()),
    }
}

/// The largest number that the reader calls by a type of its own.
fn most(kind: &str) -> Option<u64> {
    match kind {
        "u8" => Some(u8::MAX.into()),
        "u16" => Some(u16::MAX.into()),
        "u32" => Some(u32::MAX.into()),
        _ => None,
    }
}

/// A kind of JSON value for what the reader calls by a type of its own.
fn kind(expected: &str) -> &str {
    match expected {
        "a boolean" => "true or false",
        "a string" | "a borrowed string" => "a string",
        "a sequence" => "an array",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        other if other.starts_with("tuple") => "an array",
        other if other.starts_with("struct") || other.contains("map") => "an object",
        other => other,
    }
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("The body cannot be read as JSON: {error}.");
    Problem::new(StatusCode::BAD_REQUEST, "malformed", "The body is no JSON", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::answers::{CancelAsk, CommandsAsk, NotesAsk, RequestAsk};
    use domain::EnvSpec;
    use domain::request::Ask;
    use serde_json::json;

    fn refused<T: DeserializeOwned>(value: Value) -> (String, String) {
        let problem = from_value::<T>(value).err().expect("it is refused");
        (problem.errors[0].field.clone(), problem.errors[0].problem.clone())
    }

    #[test]
    fn a_whole_number_is_taken_however_it_is_written() {
        for text in ["{\"waitSeconds\": 3}", "{\"waitSeconds\": 3.0}", "{\"waitSeconds\": 0.3e1}"] {
            assert_eq!(from_bytes::<RequestAsk>(text.as_bytes()).expect(text).wait_seconds, 3, "{text}");
        }
        assert_eq!(from_value::<NotesAsk>(json!({"after": 7.0})).expect("a number").after, 7);
        let (field, problem) = refused::<RequestAsk>(json!({"waitSeconds": 3.5}));
        assert_eq!((field.as_str(), problem.as_str()), ("waitSeconds", "must be a whole number, 0 or more"));
    }

    #[test]
    fn no_object_names_a_member_twice_however_deep_or_spelled() {
        for text in [
            r#"{"files": [], "files": []}"#,
            r#"{"files": [], "\u0066iles": null}"#,
            r#"{"files": [{"path": "a", "keys": [{"key": "A", "key": "B"}], "path": "b"}]}"#,
        ] {
            let problem = from_bytes::<EnvSpec>(text.as_bytes()).expect_err(text);
            assert_eq!(
                (problem.status, problem.detail.contains("a member is given twice")),
                (400, true),
                "{problem:?}"
            );
        }
        let text = r#"{"a": [null, true, -1, 18446744073709551615, 1.5, "\u00e9\n"], "b": {"a": {}}}"#;
        assert_eq!(parse(text.as_bytes()).expect("JSON"), serde_json::from_str::<Value>(text).expect("JSON"));
    }

    #[test]
    fn the_field_that_is_missing_or_unknown_is_named_wherever_it_is() {
        assert_eq!(refused::<CancelAsk>(json!({})), ("id".to_owned(), "is required".to_owned()));
        assert_eq!(refused::<Ask>(json!({"keys": [{"key": "A"}, {}]})).0, "keys[1].key");
        assert_eq!(refused::<CommandsAsk>(json!({"commands": [{"command": "a", "x": 1}]})).0, "commands[0].x");
        assert_eq!(refused::<CommandsAsk>(json!([])).0, "body");
    }

    #[test]
    fn only_objects_are_taken_for_objects_and_only_texts_for_choices() {
        let refused_as_object = |value| refused::<EnvSpec>(value).1;
        for array in [json!([]), json!([[]]), json!({"files": [[".", ".env", "dotenv", "secret", [], []]]})] {
            assert_eq!(refused_as_object(array), "must be an object");
        }
        assert_eq!(refused::<CommandsAsk>(json!([[["true"]]])).1, "must be an object");
        let mode = |mode: Value| refused::<EnvSpec>(json!({"files": [{"path": ".env", "mode": mode, "keys": []}]}));
        for wrong in [json!(1), json!({"secret": null}), json!(["secret"]), json!("Secret"), json!(true)] {
            assert_eq!(mode(wrong), ("files[0].mode".to_owned(), "must be `secret` or `shared`".to_owned()));
        }
    }

    #[test]
    fn null_is_as_good_as_leaving_out_what_may_be_left_out() {
        let key = json!({"key": "A", "required": null, "description": null, "documentationUrl": null, "default": null,
            "suggestions": null, "generate": null, "evidence": null, "secret": null});
        let file = json!({"workspacePath": null, "path": ".env", "format": null, "mode": null, "readers": null, "keys": [key]});
        let short = json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]});
        let read = |value| from_value::<EnvSpec>(value).expect("it is taken");
        assert_eq!(read(json!({"files": [file]})), read(short));
        assert_eq!(refused::<EnvSpec>(json!({"files": null})), ("files".to_owned(), "is required".to_owned()));
        assert_eq!(refused::<CommandsAsk>(json!({"commands": [], "x": null})).0, "x");
    }

    #[test]
    fn a_number_that_is_too_large_is_told_the_largest() {
        for (after, problem) in
            [("4294967296", "must be at most 4294967295"), ("-1", "must be a whole number, 0 or more")]
        {
            let text = format!("{{\"after\": {after}}}");
            let refused = from_bytes::<NotesAsk>(text.as_bytes()).expect_err("it is refused");
            assert_eq!(refused.errors[0].problem, problem);
        }
    }

    #[test]
    fn no_message_names_a_type_of_the_program_or_repeats_what_was_sent() {
        let sent = "sent-by-somebody";
        for wrong in [json!(null), json!(sent), json!(4), json!([sent]), json!(true), json!({ "files": sent })] {
            for (_, problem) in
                [refused::<EnvSpec>(wrong.clone()), refused::<EnvSpec>(json!({"files": [wrong.clone()]}))]
            {
                for hidden in ["struct", "u32", "usize", "EnvSpec", "EnvFile", "tuple", "visitor", sent] {
                    assert!(!problem.contains(hidden), "{wrong}: {problem}");
                }
            }
        }
    }
}
