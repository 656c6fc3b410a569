use super::*;

fn spec() -> EnvSpec {
    let json = r#"{"files":[{"path":".env","keys":[{"key":"A"},{"key":"B"}]},
        {"workspacePath":"web","path":".env","keys":[{"key":"A"}]}]}"#;
    EnvSpec::from_json(json).expect("a good spec")
}

fn read(json: &str) -> Result<ApplyInput, InputError> {
    ApplyInput::from_json(json.as_bytes(), &spec())
}

fn message(json: &str) -> String {
    read(json).err().map(|error| error.to_string()).expect("a refusal")
}

#[test]
fn a_value_for_one_file_is_narrower_than_one_for_all() {
    let input = read(r#"{"values":{"A":"all","B":"b"},"files":{"./web/.env":{"A":"web"}}}"#).expect("good input");
    let value = |place, key| {
        let (place, key) = (RelativePath::new(place).expect("a path"), KeyName::new(key).expect("a key"));
        input.value(&place, &key).map(|value| value.expose().to_owned())
    };
    assert_eq!(value(".env", "A").as_deref(), Some("all"));
    assert_eq!(value("web/.env", "A").as_deref(), Some("web"));
    assert_eq!(value("web/.env", "C"), None);
}

#[test]
fn bad_input_is_refused_without_repeating_it() {
    for (json, expected) in [
        ("{\"values\":{\"A\":sesame}}", "not valid JSON (line 1, column 16)"),
        ("{\"values\":{\"A\":\"sesame\"", "not valid JSON"),
        ("{\"values\":\"sesame\"}", "it differs at line 1"),
        ("{\"values\":{\"A\":[\"sesame\"]}}", "it differs at line 1"),
        ("{\"values\":{},\"sesame\":1}", "it differs at line 1"),
        ("{}", "it differs at line 1"),
        ("{\"values\":{\"A\":\"1\",\"sesame\":\"2\"}}", "values: entry 2 (counted from 1) names a key"),
        ("{\"values\":{\"A\":\"1\",\"A\":\"sesame\"}}", "values: entry 2 (counted from 1) is there twice"),
        ("{\"values\":{},\"files\":{\"sesame\":{}}}", "files: entry 1 (counted from 1) names a file"),
        ("{\"values\":{},\"files\":{\"web/.env\":{\"B\":\"sesame\"}}}", "files[\"web/.env\"]: entry 1"),
        ("{\"values\":{},\"files\":{\".env\":{},\"./.env\":{}}}", "files: entry 2 (counted from 1) is there twice"),
    ] {
        let message = message(json);
        assert!(message.contains(expected) && !message.contains("sesame"), "{message}");
    }
    let long = format!(r#"{{"values":{{"A":"{}"}}}}"#, "x".repeat(limits::VALUE_BYTES + 1));
    assert!(message(&long).starts_with("values.A: a value has at most 262144 bytes; this one has 262145"));
}

#[test]
fn what_is_sent_is_what_is_read() {
    let key = |name| KeyName::new(name).expect("a key");
    let place = RelativePath::new("web/.env").expect("a path");
    let values = Values::from([(key("B"), SecretValue::new("\0\u{1}\"\\\n\u{2028}é".repeat(99)))]);
    let files = BTreeMap::from([(place.clone(), Values::from([(key("A"), SecretValue::new("web".to_owned()))]))]);
    let json = ApplyInput::to_json(&values, &files).expect("JSON");
    let read = ApplyInput::from_json(&json, &spec()).expect("good input");
    assert!(read.value(&place, &key("A")).is_some_and(|value| value.expose() == "web"));
    assert!(read.value(&place, &key("B")).is_some_and(|value| value.expose() == values[&key("B")].expose()));
}
