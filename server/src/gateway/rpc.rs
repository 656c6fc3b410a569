//! Looks at a message to `/mcp` before the protocol does, so that each fault gets the code that JSON-RPC gives it.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

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
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_json = kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
    // The guard has read the body within its limit.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let checked = match is_json {
        true => read(&bytes),
        false => Err(Fault {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ..invalid_request("Send JSON, with the header \"Content-Type: application/json\".")
        }),
    };
    match checked {
        Ok(()) => worded(next.run(Request::from_parts(parts, Body::from(bytes))).await),
        Err(fault) => fault.into_response(),
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
        StatusCode::BAD_REQUEST => {
            "The headers do not fit. Send an \"MCP-Protocol-Version\" that \"initialize\" answered."
        }
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

fn read(bytes: &[u8]) -> Result<(), Fault> {
    let message = super::json::parse(bytes).map_err(|error| Fault {
        code: -32700,
        ..invalid_request(match error.to_string().starts_with(super::json::TWICE) {
            true => "The message cannot be read: a member is given twice.",
            false => "The message cannot be read as JSON.",
        })
    })?;
    let Value::Object(message) = message else {
        return Err(invalid_request(match message {
            Value::Array(_) => "Batches are not part of this protocol. Send one message a call.",
            _ => "The message must be a JSON object.",
        }));
    };
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err(invalid_request("\"jsonrpc\" must be \"2.0\"."));
    }
    let id = message.get("id");
    if id.is_some_and(|id| !(id.is_string() || id.is_i64() || id.is_u64())) {
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
        _ => Ok(()),
    }
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
    }
}
