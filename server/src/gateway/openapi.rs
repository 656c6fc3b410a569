//! The OpenAPI 3.1 document, made from the list of operations and the shapes of their types.

use super::Problem;
use super::operations::{self, Operation};
use super::problem::{MEDIA_TYPE, STATUSES};
use super::schemas;
use crate::service::Keyslot;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use domain::limits;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Where the definitions of answers stand until it is known which names calls take.
const ANSWERS: &str = "/components/answers";

/// What operations are grouped by.
const TAGS: [(&str, &str); 5] = [
    ("Environment", "Which env files and keys the project needs, and what is set."),
    ("Requests", "Asking people for values."),
    ("Auto-start", "Commands that run once the env files are written."),
    ("Snapshots", "Archives of the workspace that later sessions start from."),
    ("Session", "Notes from people, and the end of a setup."),
];

/// `GET /api/v1/openapi.json`, for everybody: it tells what the program can do and nothing of anybody's.
pub(super) fn routes() -> Router<Keyslot> {
    Router::new().route("/api/v1/openapi.json", get(serve))
}

async fn serve(State(keyslot): State<Keyslot>) -> Json<Value> {
    Json(document(&keyslot.config().programs_origin()))
}

/// The document for a server at this address.
fn document(origin: &str) -> Value {
    let at = |place: &'static str| move |settings: &mut SchemaSettings| settings.definitions_path = place.into();
    let mut takes = schemas::settings_for_calls().with(at("/components/schemas")).into_generator();
    let mut gives = schemas::settings().with(at(ANSWERS)).for_serialize().into_generator();
    let mut paths = Map::new();
    for operation in operations::all() {
        let described = describe(&operation, &mut takes, &mut gives);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = described;
    }
    let problem = gives.subschema_for::<Problem>();
    let mut schemas = takes.take_definitions(true);
    let taken: Vec<String> = schemas.keys().cloned().collect();
    let answers = gives.take_definitions(true).into_iter();
    schemas.extend(answers.map(|(name, schema)| (answer_name(&name, &taken), schema)));
    let responses = STATUSES.map(|(status, words)| {
        let headers = match status.as_u16() {
            429 | 503 => {
                json!({ "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer" } } })
            }
            _ => json!({}),
        };
        let content = json!({ MEDIA_TYPE: { "schema": problem } });
        (format!("problem{}", status.as_u16()), json!({ "description": words, "headers": headers, "content": content }))
    });
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Keyslot for agents",
            "version": env!("CARGO_PKG_VERSION"),
            "description": about(),
            "contact": { "name": "Keyslot", "url": origin },
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": format!("{origin}/api/v1") }],
        "security": [{ "sessionToken": [] }],
        "tags": TAGS.map(|(name, description)| json!({ "name": name, "description": description })),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses.into_iter().collect::<Map<_, _>>(),
            "securitySchemes": {
                "sessionToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of one session, made for an agent on the session's Info tab.",
                },
            },
        },
    });
    point_to_answers(&mut document, &taken);
    document
}

/// The name of an answer's definition: where a call takes a type of the same name, the two have names of their own,
/// since what may be left out of a call is always there in an answer.
fn answer_name(name: &str, taken: &[String]) -> String {
    if taken.iter().any(|taken| taken == name) { format!("{name}Output") } else { name.to_owned() }
}

/// Has references to definitions of answers lead to where these stand.
fn point_to_answers(value: &mut Value, taken: &[String]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| point_to_answers(item, taken)),
        Value::Object(members) => {
            for (name, member) in members {
                let place = member.as_str().filter(|_| name == "$ref");
                match place.and_then(|place| place.strip_prefix('#')?.strip_prefix(ANSWERS)?.strip_prefix('/')) {
                    Some(definition) => {
                        *member = format!("#/components/schemas/{}", answer_name(definition, taken)).into();
                    }
                    None => point_to_answers(member, taken),
                }
            }
        }
        _ => {}
    }
}

/// The tag of a path.
fn tag(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("requests") => "Requests",
        Some("service-commands") => "Auto-start",
        Some("snapshots") => "Snapshots",
        Some("notes" | "finish") => "Session",
        _ => "Environment",
    }
}

fn about() -> String {
    format!(
        "The tools of one session's agent, the same as over MCP at /mcp. Nothing here takes or gives the value of a \
         variable. Errors are problem details (RFC 9457). Limits: {} bytes a call, {} calls a minute and {} waiting \
         calls with one token, {} files, {} keys a file, {} keys in all, {} pending requests of a session, {} snapshots of a \
         configuration.",
        limits::CALL_BYTES,
        limits::CALLS_PER_MINUTE,
        limits::WAITING_CALLS,
        limits::FILES,
        limits::KEYS_PER_FILE,
        limits::KEYS,
        limits::REQUESTS,
        limits::SNAPSHOTS
    )
}

fn describe(operation: &Operation, takes: &mut SchemaGenerator, gives: &mut SchemaGenerator) -> Value {
    let answer = json!({
        "description": operation.title,
        "content": { "application/json": { "schema": (operation.output.part)(gives) } },
    });
    let mut responses = Map::new();
    responses.insert(operation.status.to_string(), answer);
    let problems = STATUSES.map(|(status, _)| {
        let status = status.as_str();
        (status.to_owned(), json!({ "$ref": format!("#/components/responses/problem{status}") }))
    });
    responses.extend(problems);
    let mut described = json!({
        "operationId": operation.tool,
        "tags": [tag(operation.path)],
        "summary": operation.title,
        "description": operation.description,
        "responses": responses,
    });
    let parameters = parameters(operation);
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if operation.has_body {
        // Only finishing takes no body as well as one.
        let required = operation.tool != "finish_setup";
        let schema = (operation.input.part)(takes);
        described["requestBody"] =
            json!({ "required": required, "content": { "application/json": { "schema": schema } } });
    }
    described
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let id = operation.path.contains("{id}").then(|| {
        let description = match operation.method {
            "get" if operation.tool == "get_snapshot" => "The snapshot's id, or `newest` for the session's newest one.",
            "get" if operation.tool == "get_proposal" => {
                "The proposal's id, or `newest` for the session's newest pending one."
            }
            "get" => "The request's id, or `newest` for the session's newest pending one.",
            _ => "The request's id.",
        };
        let schema = json!({ "type": "string" });
        json!({ "name": "id", "in": "path", "required": true, "description": description, "schema": schema })
    });
    let query = operation.query.iter().map(|(name, description, limit)| {
        let schema = json!({ "type": "integer", "minimum": 0, "maximum": limit, "default": 0 });
        json!({ "name": name, "in": "query", "required": false, "description": description, "schema": schema })
    });
    id.into_iter().chain(query).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_stands_in_the_document_and_every_reference_leads_somewhere() {
        let document = document("http://127.0.0.1:3000");
        for operation in operations::all() {
            assert_eq!(document["paths"][operation.path][operation.method]["operationId"], operation.tool);
        }
        let text = document.to_string();
        let references: Vec<_> = text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(references.len() > 20, "{references:?}");
        for reference in references {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
    }

    #[test]
    fn what_a_call_may_leave_out_is_always_there_in_an_answer() {
        let document = document("http://127.0.0.1:3000");
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["ServiceCommand"]["required"], json!(["command"]));
        assert_eq!(schemas["ServiceCommandOutput"]["required"], json!(["command", "enabled"]));
    }

    #[test]
    fn choices_are_enums_and_what_may_be_left_out_has_one_type() {
        let document = document("http://127.0.0.1:3000");
        for part in schemas::parts(&document) {
            let fixed = part["oneOf"].as_array().is_some_and(|all| all.iter().all(|one| one.get("const").is_some()));
            assert!(!fixed, "{part}");
            for (name, property) in part["properties"].as_object().into_iter().flatten() {
                let required = part["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
                assert!(required || !property["type"].is_array(), "{name}: {property}");
            }
        }
        assert_eq!(document["components"]["schemas"]["RequestState"]["type"], "string");
    }

    #[test]
    fn every_operation_has_a_known_tag_and_documents_every_problem() {
        let document = document("http://127.0.0.1:3000");
        for operation in operations::all() {
            let described = &document["paths"][operation.path][operation.method];
            assert!(TAGS.iter().any(|(name, _)| described["tags"][0] == *name), "{}", operation.tool);
            for (status, _) in STATUSES {
                assert!(described["responses"][status.as_str()].is_object(), "{} {status}", operation.tool);
            }
        }
    }
}
