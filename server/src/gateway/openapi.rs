//! The OpenAPI 3.1 document, made from the list of operations and the shapes of their types.

use super::Problem;
use super::operations::{self, Operation};
use super::problem::MEDIA_TYPE;
use crate::service::Keyslot;
use app::domain::limits;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// The problems that any call may be answered with.
const PROBLEMS: [(&str, &str); 8] = [
    ("400", "The body is no JSON."),
    ("401", "No session token came with the call, or it is not in force."),
    ("403", "The token is for something else, or a page of another site called."),
    ("404", "There is no such thing in this session."),
    ("409", "The state does not allow it."),
    ("413", "The body is too large."),
    ("422", "Some fields cannot be taken; each is named."),
    ("429", "Too many calls; `Retry-After` says when to try again."),
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
    let settings = || operations::settings().with(|s| s.definitions_path = "/components/schemas".into());
    let (mut takes, mut gives) = (settings().into_generator(), settings().for_serialize().into_generator());
    let mut paths = Map::new();
    for operation in operations::all() {
        let described = describe(&operation, &mut takes, &mut gives);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = described;
    }
    let problem = gives.subschema_for::<Problem>();
    let mut schemas = takes.take_definitions(true);
    schemas.extend(gives.take_definitions(true));
    let responses = PROBLEMS.map(|(status, words)| {
        let headers = match status {
            "429" => json!({ "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer" } } }),
            _ => json!({}),
        };
        let content = json!({ MEDIA_TYPE: { "schema": problem } });
        (format!("problem{status}"), json!({ "description": words, "headers": headers, "content": content }))
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Keyslot for agents",
            "version": env!("CARGO_PKG_VERSION"),
            "description": about(),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": format!("{origin}/api/v1") }],
        "security": [{ "sessionToken": [] }],
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
    })
}

fn about() -> String {
    format!(
        "The tools of one session's agent, the same as over MCP at /mcp. Nothing here takes or gives the value of a \
         variable. Errors are problem details (RFC 9457). Limits: {} bytes a call, {} calls a minute and {} waiting \
         calls with one token, {} files, {} keys a file, {} keys in all.",
        limits::CALL_BYTES,
        limits::CALLS_PER_MINUTE,
        limits::WAITING_CALLS,
        limits::FILES,
        limits::KEYS_PER_FILE,
        limits::KEYS
    )
}

fn describe(operation: &Operation, takes: &mut SchemaGenerator, gives: &mut SchemaGenerator) -> Value {
    let answer = json!({
        "description": operation.title,
        "content": { "application/json": { "schema": (operation.output.part)(gives) } },
    });
    let mut responses = Map::new();
    responses.insert(operation.status.to_string(), answer);
    let problems = PROBLEMS
        .map(|(status, _)| (status.to_owned(), json!({ "$ref": format!("#/components/responses/problem{status}") })));
    responses.extend(problems);
    let mut described = json!({
        "operationId": operation.tool,
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
        let mut schema = json!({ "type": "integer", "minimum": 0, "default": 0 });
        if let Some(limit) = limit {
            schema["maximum"] = (*limit).into();
        }
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
}
