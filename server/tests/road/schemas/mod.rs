//! What the schemas state and what the server checks are the same: each field is sent values at and beyond its limits,
//! and what the schema takes is taken, and what it does not take is refused under the field's name.

mod shape;

use crate::support::{Person, Program, Site, read};
use domain::ids::SessionId;
use domain::{KeyName, RelativePath, is_env_file, limits, reader};
use proptest::prelude::*;
use regex::Regex;
use serde_json::{Value, json};
use shape::{Field, Shape, name, seed, takes};
use std::sync::LazyLock;

/// Texts that some rule somewhere may refuse, and some that none does.
const TEXTS: [&str; 26] = [
    "",
    " ",
    "a",
    "_",
    "A1",
    "1A",
    "a b",
    "a-b",
    "é",
    "a\nb",
    "a\u{0}b",
    "a\u{7f}b",
    "a\\b",
    "/a",
    "a/",
    "a/.",
    ".",
    "..",
    "../a",
    "a/../b",
    ".git/config",
    "a/.GIT",
    "~",
    "C:/a",
    "http://a",
    "javascript:alert(1)",
];

/// An agent that takes a new token before the old one has made its calls for this minute.
struct Caller<'a> {
    site: &'a Site,
    owner: Person,
    session: SessionId,
    agent: Program,
    left: u32,
}

impl<'a> Caller<'a> {
    async fn new(site: &'a Site) -> Self {
        let owner = site.owner().await;
        let session = owner.connected(&site.repository("shop", &[(".env.example", "DATABASE_URL=\n")])).await.id;
        owner
            .save(
                (&format!("session:{session}"), ".env", "DATABASE_URL"),
                "organization",
                "postgres://nobody-types-this",
            )
            .await
            .expect("saved");
        let agent = site.program(&owner.token(&session, "agent").await);
        Self { site, owner, session, agent, left: limits::CALLS_PER_MINUTE }
    }

    async fn agent(&mut self) -> &Program {
        if self.left < 3 {
            self.agent = self.site.program(&self.owner.token(&self.session, "agent").await);
            self.left = limits::CALLS_PER_MINUTE;
        }
        self.left -= 1;
        &self.agent
    }

    /// The fields that a tool refuses to take; none if it takes all of them, whatever comes of the call then.
    async fn refused(&mut self, tool: &str, arguments: &Value) -> Vec<String> {
        let mut arguments = arguments.clone();
        if ["request_env_variables", "save_snapshot"].contains(&tool) && arguments["waitSeconds"].is_null() {
            arguments["waitSeconds"] = json!(0);
        }
        let answer = self.agent().await.tool(tool, arguments.clone()).await;
        let problem = match answer {
            Ok(answer) if tool == "request_env_variables" && answer["state"] == "pending" => {
                let id = json!({"id": answer["id"]});
                self.agent().await.tool("cancel_request", id).await.expect("called off");
                return Vec::new();
            }
            Ok(_) => return Vec::new(),
            Err(problem) => problem,
        };
        let status = problem["status"].as_u64().expect("a status");
        let shown: String = arguments.to_string().chars().take(200).collect();
        assert!([404, 409, 422, 429].contains(&status), "{tool} {shown}: {problem}");
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        assert_eq!(errors.is_empty(), status != 422, "{problem}");
        errors.iter().filter_map(|error| error["field"].as_str().map(str::to_owned)).collect()
    }
}

/// Values for a field: at each of its limits, beyond it, and of another kind.
fn candidates(shape: &Shape, schema: &Value) -> Vec<Value> {
    let mut found = vec![json!({"noSuchField": 1}), json!([[]])];
    let limit = |name: &str| schema[name].as_u64();
    match schema["type"].as_str() {
        Some("string") if schema["enum"].is_array() => {
            found.extend(schema["enum"].as_array().cloned().unwrap_or_default());
            found.extend([json!("nonsense"), json!(""), json!(1)]);
        }
        Some("string") => {
            found.extend(TEXTS.map(|text| json!(text)));
            let seed = seed(schema);
            let long = |count: u64| json!(format!("{seed}{}", "a".repeat(count as usize - seed.chars().count())));
            found.extend(limit("maxLength").into_iter().flat_map(|most| [long(most), long(most + 1)]));
            found.extend([long(5_000), json!(1), json!(true)]);
        }
        Some("integer") => {
            found.extend(limit("minimum").into_iter().flat_map(|least| [json!(least), json!(least as i64 - 1)]));
            found.extend(limit("maximum").into_iter().flat_map(|most| [json!(most), json!(most + 1)]));
            found.extend([json!(7), json!(7.5), json!("7")]);
        }
        Some("array") => {
            found.clear();
            let counts = [limit("minItems"), limit("minItems").map(|least| least - 1), limit("maxItems")];
            found.extend(counts.into_iter().flatten().map(|count| shape.list(schema, count as usize)));
            found.extend(limit("maxItems").map(|most| shape.list(schema, most as usize + 1)));
            found.push(json!("a"));
        }
        Some("boolean") => found.extend([json!(1), json!("true")]),
        _ => found.push(json!("a")),
    }
    found
}

/// Whether a rule that no schema can state refuses a value which the schema of its field takes. Each is described in
/// words where the field is.
fn has_other_reason(field: &Field, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    match field.name().as_str() {
        // Shells and programs keep some names to themselves.
        "files[0].keys[0].key" | "keys[0].key" => {
            KeyName::new(text).is_ok_and(|key| reader::check_key(&[], &key).is_err())
        }
        // What is written must be what the file's readers read.
        "files[0].keys[0].default" => reader::check(&[], text).is_err(),
        // Both paths count together.
        "files[0].workspacePath" => text.chars().count() == limits::PATH_CHARS,
        // New files are env files by their name.
        "keys[0].file" => RelativePath::new(text).is_ok_and(|file| !is_env_file(&file)),
        _ => false,
    }
}

async fn each_tool_takes_what_its_schema_takes_and_names_the_field_of_everything_else(site: Site) {
    let mut caller = Caller::new(&site).await;
    let listed = caller.agent().await.mcp("tools/list", json!({})).await;
    let mut seen = 0;
    for tool in listed[0]["result"]["tools"].as_array().expect("tools") {
        let name_of_tool = tool["name"].as_str().expect("a name");
        let shape = Shape::new(tool["inputSchema"].clone());
        for field in shape.fields() {
            if field.schema["type"] == "object" {
                seen += check_object(&mut caller, name_of_tool, &shape, &field).await;
            }
            if field.steps.is_empty() {
                continue;
            }
            for value in candidates(&shape, &field.schema) {
                // A field of an object's own is told of by its name.
                let (fits, at) = match &value {
                    Value::Object(_) if field.schema["type"] == "object" => continue,
                    value => (takes(&field.schema, value), field.name()),
                };
                if fits && has_other_reason(&field, &value) {
                    continue;
                }
                let call = shape.document(&field.steps, value.clone());
                let refused = caller.refused(name_of_tool, &call).await;
                let shown: String = value.to_string().chars().take(120).collect();
                if fits {
                    assert!(refused.is_empty(), "{name_of_tool} {at} takes {shown}: {refused:?}");
                } else {
                    let named = refused.iter().any(|refused| {
                        *refused == at || refused.strip_prefix(&at).is_some_and(|rest| rest.starts_with(['[', '.']))
                    });
                    assert!(named, "{name_of_tool} {at} does not take {shown}: {refused:?}");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 400, "{seen}");
}

/// An object refuses fields that it does not state, and misses each one that it requires.
async fn check_object(caller: &mut Caller<'_>, tool: &str, shape: &Shape, field: &Field) -> usize {
    let below = |member: &str| name(&[&field.steps[..], &[shape::Step::Member(member.to_owned())]].concat());
    let least = shape.least(&field.schema, 0);
    let mut more = least.clone();
    more["noSuchField"] = json!(1);
    let refused = caller.refused(tool, &shape.document(&field.steps, more)).await;
    assert_eq!(refused, [below("noSuchField")], "{tool}");
    let required = field.schema["required"].as_array().cloned().unwrap_or_default();
    for member in required.iter().filter_map(Value::as_str) {
        let mut less = least.clone();
        less.as_object_mut().expect("an object").remove(member);
        let refused = caller.refused(tool, &shape.document(&field.steps, less)).await;
        assert_eq!(refused, [below(member)], "{tool}");
    }
    1 + required.len()
}

async fn each_parameter_of_a_query_takes_what_its_schema_takes(site: Site) {
    let mut caller = Caller::new(&site).await;
    let answer = caller.agent().await.raw("GET", "/api/v1/openapi.json", &[], "").await;
    let document = read(&answer).expect("the document");
    let mut seen = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        let parameters = methods["get"]["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let (name, schema) = (parameter["name"].as_str().expect("a name"), &parameter["schema"]);
            let most = schema["maximum"].as_u64().expect("a limit");
            let values = [json!(0), json!(most), json!(most + 1), json!(-1), json!(1.5), json!("x"), json!("%00")];
            for value in values {
                let sent = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let path = format!("{}?{name}={sent}", path.replace("{id}", "none"));
                let answer = caller.agent().await.http("GET", &path, None).await;
                match takes(schema, &value) {
                    true => assert!(answer.as_ref().err().is_none_or(|refused| refused.status == 404), "{answer:?}"),
                    false => {
                        let refused = answer.expect_err(&path);
                        assert_eq!((refused.status, refused.fields), (422, vec![name.to_owned()]), "{path}");
                    }
                }
                seen += 1;
            }
        }
    }
    assert!(seen >= 28, "{seen}");
}

async fn no_id_is_more_than_unknown(site: Site) {
    let mut caller = Caller::new(&site).await;
    for place in ["requests", "proposals", "snapshots"] {
        for id in ["none", "%00", "%FF", "a%0Ab", "..", "%2e%2e%2f", &"x".repeat(5_000)] {
            let answer = caller.agent().await.http("GET", &format!("/{place}/{id}"), None).await;
            let refused = answer.expect_err(id);
            assert_eq!((refused.status, refused.kind.as_str()), (404, "not-found"), "{place} {id}");
        }
    }
}

async fn problems_name_the_place_at_which_a_thing_was_sent(site: Site) {
    let mut caller = Caller::new(&site).await;
    // The third file comes first by its name, waits for a person and has keys out of order.
    let key = |name: &str| json!({"key": name});
    let wrong = json!({"key": "Z", "documentationUrl": "ftp://a"});
    let files = json!([
        {"path": "z.env", "keys": [key("B"), key("A")]},
        {"path": ".npmrc", "keys": [key("C")]},
        {"path": "m/.env", "keys": []},
        {"path": "a/.npmrc", "keys": [key("Y"), key("B"), wrong, key("A"), key("B")]},
    ]);
    let mut refused = caller.refused("save_env_files", &json!({"files": files})).await;
    refused.sort();
    assert_eq!(refused, ["files[3].keys[2].documentationUrl", "files[3].keys[4].key"]);
    let keys = json!([key("B"), key("DATABASE_URL"), key("A"), {"key": "C", "file": "x/../y"}]);
    assert_eq!(caller.refused("request_env_variables", &json!({"keys": keys})).await, ["keys[3].file"]);
    // One that has a value already is asked of nobody, and counts all the same.
    let keys = json!([key("DATABASE_URL"), key("B"), {"key": "A", "description": "d".repeat(4_001)}, key("B")]);
    let refused = caller.refused("request_env_variables", &json!({"keys": keys})).await;
    assert_eq!(refused, ["keys[2].description", "keys[3].key"]);
    let commands = json!([{"command": "a"}, {"command": "b"}, {"command": "c\u{0}"}]);
    assert_eq!(caller.refused("save_service_commands", &json!({"commands": commands})).await, ["commands[2].command"]);
}

async fn a_database_that_does_not_answer_is_a_documented_status_with_the_time_to_wait(site: Site) {
    let mut caller = Caller::new(&site).await;
    let document = read(&caller.agent().await.raw("GET", "/api/v1/openapi.json", &[], "").await).expect("the document");
    site.keyslot.store().close().await;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let address = format!("/api/v1{}", path.replace("{id}", "none"));
            let answer = caller.agent().await.raw(&method.to_uppercase(), &address, &[], "{}").await;
            assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "5"), "{method} {path}");
            assert_eq!(read(&answer).expect_err("a problem").kind, "unavailable");
            assert!(operation["responses"]["503"].is_object(), "{operation}");
        }
    }
}

/// Limits that no schema has room for: how the document states them, after the number.
const IN_WORDS: [(&str, &str); 6] = [
    ("KEYS", "keys in all"),
    ("CALL_BYTES", "bytes a call"),
    ("CALLS_PER_MINUTE", "calls a minute"),
    ("WAITING_CALLS", "waiting calls"),
    ("REQUESTS", "pending requests"),
    ("SNAPSHOTS", "snapshots"),
];
/// Limits of what people do on pages, and of what the server keeps and answers.
const NOT_FOR_CALLS: [&str; 11] = [
    "NAME_CHARS",
    "REPOSITORIES",
    "OUTPUT_LINES",
    "OUTPUT_BYTES",
    "REQUEST_SECONDS",
    "NOTE_CHARS",
    "REASON_CHARS",
    "FINDINGS",
    "NAMED_FILES",
    "IMPORT_BYTES",
    "IMPORT_KEYS",
];

async fn every_limit_is_stated(site: Site) {
    let mut caller = Caller::new(&site).await;
    let document = read(&caller.agent().await.raw("GET", "/api/v1/openapi.json", &[], "").await).expect("the document");
    let listed = caller.agent().await.mcp("tools/list", json!({})).await.remove(0);
    let (words, schemas) = (document.to_string(), format!("{document}{listed}"));
    let source = include_str!("../../../../app/domain/src/limits.rs");
    let constant = Regex::new(r"(?m)^pub const (\w+): \w+ = ([^;]+);").expect("a pattern");
    let mut stated = 0;
    for found in constant.captures_iter(source) {
        let (name, number) = (&found[1], product(&found[2]));
        if NOT_FOR_CALLS.contains(&name) {
            continue;
        }
        let is_stated = match IN_WORDS.iter().find(|(known, _)| *known == name) {
            Some((_, what)) => words.contains(&format!(" {number} {what}")),
            None => {
                let keyword = format!(r#""(maxLength|maxItems|maximum|minimum)":{number}\b"#);
                Regex::new(&keyword).expect("a pattern").is_match(&schemas)
            }
        };
        assert!(is_stated, "{name}, {number}, is told of");
        stated += 1;
    }
    assert!(stated >= 20, "{stated}");
}

/// The number that a constant has.
fn product(text: &str) -> u64 {
    text.split('*').map(|factor| factor.trim().replace('_', "").parse::<u64>().expect("a number")).product()
}

crate::on_both!(
    each_tool_takes_what_its_schema_takes_and_names_the_field_of_everything_else,
    each_parameter_of_a_query_takes_what_its_schema_takes,
    no_id_is_more_than_unknown,
    problems_name_the_place_at_which_a_thing_was_sent,
    a_database_that_does_not_answer_is_a_documented_status_with_the_time_to_wait,
    every_limit_is_stated,
);

/// The patterns of paths and of paths of files.
static PATTERNS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    let schema = schemars::schema_for!(domain::spec::EnvFile).to_value();
    ["RelativePath", "FilePath"].map(|name| {
        let pattern = schema["$defs"][name]["pattern"].as_str().expect("a pattern");
        Regex::new(pattern).expect("a pattern without lookaround")
    })
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_patterns_of_paths_take_what_paths_may_be(
        parts in proptest::collection::vec(
            prop_oneof![
                "", ".", "..", "...", ".git", ".GiT", ".gi", ".gitx", ".g", "~", "~a", "C:", "c", "ab", "a:", "\u{e9}", "[ -~]{1,3}",
                "[\\x00-\\xff]{1,2}",
            ],
            0..5,
        ),
        joint in prop_oneof!["/", "//", "\\\\"],
    ) {
        let path = parts.join(&joint);
        let [path_pattern, file_pattern] = &*PATTERNS;
        prop_assert_eq!(path_pattern.is_match(&path), RelativePath::new(&path).is_ok(), "{:?}", path);
        let names_file = RelativePath::new(&path).is_ok_and(|path| RelativePath::file(path.as_str()).is_ok());
        prop_assert_eq!(file_pattern.is_match(&path), names_file, "{:?}", path);
    }
}
