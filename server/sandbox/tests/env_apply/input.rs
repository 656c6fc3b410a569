//! What is refused before anything is written.

use crate::place::{Done, Place, SECRET, spec, values};
use serde_json::Value;

#[test]
fn bad_input_ends_with_two_and_says_what_is_wrong() {
    let place = Place::new();
    let good = spec(&[".env"]).to_string();
    for (spec, input, message) in [
        ("{\"files\":[{\"path\":\"../x\",\"keys\":[]}]}", "{}", "files[0].path: the path must not leave the workspace"),
        ("{", "{}", "EOF while parsing"),
        (&good, "", "standard input is not valid JSON"),
        (&good, "{\"values\":{\"A\":\"sesame-4711\"", "standard input is not valid JSON"),
        (&good, "{\"values\":{\"A\":4711}}", "with texts as values"),
        (&good, "{\"values\":{\"sesame-4711\":\"x\"}}", "values: entry 1 (counted from 1) names a key"),
        (&good, "{\"values\":{},\"files\":{\"sesame-4711\":{}}}", "files: entry 1 (counted from 1) names a file"),
    ] {
        let done = place.run(spec, input);
        assert_eq!((done.code, &done.report["files"]), (2, &Value::Null), "{}", done.errors);
        assert!(done.report["error"]["message"].as_str().is_some_and(|told| done.errors.contains(told)));
        assert!(done.errors.contains(message) && !done.errors.contains("4711"), "{}", done.errors);
        assert_eq!(done.errors.lines().count(), 1, "{}", done.errors);
    }
    for (spec, message) in [("-", "standard input is for the values"), ("missing.json", "No such file")] {
        let done = Done::of(place.command(&["apply", "--spec", spec]).output().expect("keyslot runs"));
        assert!(done.code == 2 && done.errors.contains(message), "{}", done.errors);
    }
    assert!(place.contents().is_empty());
}

#[test]
fn a_value_that_no_quoting_carries_is_refused_by_key_and_nothing_is_written() {
    let place = Place::new();
    let message = place.apply(&spec(&[".env"]), &values(&format!("it's \"{SECRET}\""), "b")).refused();
    assert!(message.contains(".env: A: no spelling of a single quote together with a double quote"), "{message}");
    assert!(place.contents().is_empty());
}
