//! Looks at a message to `/mcp` before the protocol does, so that each fault gets the code that JSON-RPC gives it.

use super::mcp::VERSIONS;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

const WRONG_VERSION: &str = "The headers do not fit. Send an \"MCP-Protocol-Version\" that \"initialize\" answered.";

/// A refusal in the terms of JSON-RPC.
#[derive(Debug)]
struct Fault {
    status: StatusCode,
    code: i32,
    id: Value,
    message: &'static str,
}

/// Passes on well-formed messages and answers the others.
pub(super) async fn check(request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    accept_anything(&mut parts.headers);
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_json = kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
    // The guard has read the body within its limit.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let checked = match is_json {
        true => read(&bytes).and_then(|message| known_version(&parts.headers, message)),
        false => Err(Fault {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ..invalid_request("Send JSON, with the header \"Content-Type: application/json\".")
        }),
    };
    match checked {
        Ok(message) => worded(next.run(Request::from_parts(parts, Body::from(message.to_string()))).await),
        Err(fault) => fault.into_response(),
    }
}

/// Names both forms of an answer for who takes any: the protocol's library looks for the two names.
fn accept_anything(headers: &mut HeaderMap) {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or("*/*");
    if accepted.split(',').any(|kind| kind.split(';').next().unwrap_or_default().trim() == "*/*") {
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    }
}

/// Refuses versions of the protocol that are not offered, which the protocol's library knows as well. Of those that a
/// message names itself it tells the client which are, and those of `initialize` it settles.
fn known_version(headers: &HeaderMap, message: Value) -> Result<Value, Fault> {
    let is_offered = |version: &HeaderValue| VERSIONS.iter().any(|offered| version == offered.as_str());
    let names_its_own = !message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].is_null();
    match headers.get("mcp-protocol-version") {
        Some(version) if !(is_offered(version) || names_its_own || message["method"] == "initialize") => {
            Err(invalid_request(WRONG_VERSION))
        }
        _ => Ok(message),
    }
}

/// Puts a fault of JSON-RPC in the place of what the protocol's library refuses with bare text.
fn worded(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if response.status().is_success() || kind.starts_with("application/") {
        return response;
    }
    let message = match response.status() {
        StatusCode::NOT_ACCEPTABLE => "Send the header \"Accept: application/json, text/event-stream\".",
        StatusCode::BAD_REQUEST => WRONG_VERSION,
        _ => "The message is not one of this protocol.",
    };
    // A message of no known form is no matter of media types.
    let status = match response.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => StatusCode::BAD_REQUEST,
        status => status,
    };
    Fault { status, ..invalid_request(message) }.into_response()
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let error = json!({ "code": self.code, "message": self.message });
        let body = json!({ "jsonrpc": "2.0", "id": self.id, "error": error }).to_string();
        (self.status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

fn invalid_request(message: &'static str) -> Fault {
    Fault { status: StatusCode::BAD_REQUEST, code: -32600, id: Value::Null, message }
}

/// Reads a message, with its whole numbers written as such.
fn read(bytes: &[u8]) -> Result<Value, Fault> {
    let mut message = super::json::parse(bytes).map_err(|error| Fault {
        code: -32700,
        ..invalid_request(match error.to_string().starts_with(super::json::TWICE) {
            true => "The message cannot be read: a member is given twice.",
            false => "The message cannot be read as JSON.",
        })
    })?;
    super::json::plain_integers(&mut message);
    match &message {
        Value::Object(members) => check_members(members)?,
        Value::Array(_) => {
            return Err(invalid_request("Batches are not part of this protocol. Send one message a call."));
        }
        _ => return Err(invalid_request("The message must be a JSON object.")),
    }
    Ok(message)
}

/// Whether a message has the members that JSON-RPC asks for.
fn check_members(message: &Map<String, Value>) -> Result<(), Fault> {
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err(invalid_request("\"jsonrpc\" must be \"2.0\"."));
    }
    let id = message.get("id");
    if id.is_some_and(|id| !is_name(id)) {
        return Err(invalid_request("\"id\" must be a string or a whole number."));
    }
    let method = match message.get("method") {
        Some(Value::String(method)) => method.as_str(),
        None if id.is_some() && (message.contains_key("result") || message.contains_key("error")) => return Ok(()),
        _ => return Err(invalid_request("\"method\" must be a string.")),
    };
    let Some(id) = id else { return Ok(()) };
    parameters(method, message.get("params")).map_err(|message| Fault {
        // The id is known, so that clients match the answer with their call.
        status: StatusCode::OK,
        code: -32602,
        id: id.clone(),
        message,
    })
}

/// Whether a method's parameters have the form that it needs.
fn parameters(method: &str, params: Option<&Value>) -> Result<(), &'static str> {
    let none = Map::new();
    let params = match params {
        None => &none,
        Some(Value::Object(params)) => params,
        Some(_) => return Err("\"params\" must be an object."),
    };
    let is = |name: &str, fits: fn(&Value) -> bool| params.get(name).is_some_and(fits);
    match method {
        "tools/call" if !is("name", Value::is_string) => Err("\"params.name\" must be the name of a tool."),
        "tools/call" if params.contains_key("arguments") && !is("arguments", Value::is_object) => {
            Err("\"params.arguments\" must be an object.")
        }
        "tools/list" if params.get("cursor").is_some_and(|cursor| !cursor.is_null()) => {
            Err("There is one page of tools: leave \"params.cursor\" out.")
        }
        "tasks/get" | "tasks/update" | "tasks/cancel" if !is("taskId", Value::is_string) => {
            Err("\"params.taskId\" must be the name of a task.")
        }
        "initialize" if !is("protocolVersion", Value::is_string) => Err("\"params.protocolVersion\" must be a string."),
        "initialize" if !is("capabilities", Value::is_object) => Err("\"params.capabilities\" must be an object."),
        "initialize" if !params.get("clientInfo").is_some_and(is_implementation) => {
            Err("\"params.clientInfo\" must be an object with name and version.")
        }
        _ if params.contains_key("_meta") && !is("_meta", Value::is_object) => {
            Err("\"params._meta\" must be an object.")
        }
        _ if params.get("_meta").and_then(|meta| meta.get("progressToken")).is_some_and(|token| !is_name(token)) => {
            Err("\"params._meta.progressToken\" must be a string or a whole number.")
        }
        _ => Ok(()),
    }
}

/// Whether a value may name a message, or what it is told about.
fn is_name(value: &Value) -> bool {
    value.is_string() || value.is_i64()
}

fn is_implementation(info: &Value) -> bool {
    info["name"].is_string() && info["version"].is_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(message: &str) -> Option<(i32, Value)> {
        read(message.as_bytes()).err().map(|fault| (fault.code, fault.id))
    }

    #[test]
    fn each_fault_has_the_code_of_the_specification() {
        let twice = r#"{"jsonrpc": "2.0", "id": 1, "method": "ping", "method": "tools/list"}"#;
        for text in ["", "{", "{\"jsonrpc\": \"2.0\",}", "\u{1}", twice] {
            assert_eq!(code(text), Some((-32700, Value::Null)), "{text}");
        }
        for message in [
            json!([]),
            json!([{"jsonrpc": "2.0", "id": 1, "method": "ping"}]),
            json!("ping"),
            json!({"id": 1, "method": "ping"}),
            json!({"jsonrpc": "1.0", "id": 1, "method": "ping"}),
            json!({"jsonrpc": "2.0", "id": null, "method": "ping"}),
            json!({"jsonrpc": "2.0", "id": 1.5, "method": "ping"}),
            json!({"jsonrpc": "2.0", "id": {}, "method": "ping"}),
            json!({"jsonrpc": "2.0", "id": 1_u64 << 63, "method": "ping"}),
            json!({"jsonrpc": "2.0", "id": 1}),
            json!({"jsonrpc": "2.0", "id": 1, "method": 2}),
        ] {
            assert_eq!(code(&message.to_string()), Some((-32600, Value::Null)), "{message}");
        }
        for (method, params) in [
            ("tools/call", json!({})),
            ("tools/call", json!({"name": 1})),
            ("tools/call", json!({"name": "get_environment", "arguments": "x"})),
            ("tools/call", json!([])),
            ("tools/list", json!("x")),
            ("tools/list", json!({"cursor": "next"})),
            ("ping", json!({"_meta": {"progressToken": {}}})),
            ("tasks/get", json!({"taskId": 1})),
            ("initialize", json!({})),
            ("initialize", json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {}})),
        ] {
            let message = json!({"jsonrpc": "2.0", "id": "a", "method": method, "params": params});
            assert_eq!(code(&message.to_string()), Some((-32602, json!("a"))), "{message}");
        }
    }

    #[test]
    fn what_is_well_formed_passes() {
        for message in [
            json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}),
            json!({"jsonrpc": "2.0", "id": "x", "method": "tools/list", "params": {}}),
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_environment"}}),
            json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
            json!({"jsonrpc": "2.0", "id": 1, "result": {}}),
        ] {
            assert_eq!(code(&message.to_string()), None, "{message}");
        }
        let message = read(br#"{"jsonrpc": "2.0", "id": 1.0, "method": "ping"}"#).expect("1.0 is whole");
        assert_eq!(message["id"].to_string(), "1");
    }
}
