//! Somebody who uses the server as an agent's program does: a token in a header, JSON, no cookies.

use super::person::{Answer, Person};
use app::api::tokens::FreshToken;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, Request, StatusCode, header};
use domain::ids::SessionId;
use serde_json::{Value, json};
use tower::ServiceExt;

const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// The newest protocol of clients that connect by a handshake.
const PROTOCOL: &str = "2025-11-25";

/// A program with a token, or without one.
#[derive(Clone)]
pub struct Program {
    router: Router,
    token: Option<String>,
}

/// A problem's status, kind (the end of its URI) and detail.
#[derive(Debug)]
pub struct Refused {
    pub status: u16,
    pub kind: String,
    pub detail: String,
    /// The fields that were refused.
    pub fields: Vec<String>,
}

impl Program {
    pub fn new(router: Router, token: Option<&str>) -> Self {
        Self { router, token: token.map(str::to_owned) }
    }

    /// An HTTP call below `/api/v1` with a JSON body or none.
    pub async fn http(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, Refused> {
        let body = body.map(|body| body.to_string());
        let answer = self.raw(method, &format!("/api/v1{path}"), &[], body.unwrap_or_default()).await;
        read(&answer)
    }

    /// Any call with these headers beside, or in place of, the usual ones.
    pub async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let mut request = request.body(body.into()).expect("a request");
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a name");
            request.headers_mut().insert(name, value.parse().expect("a header"));
        }
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, BODY_LIMIT).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).expect("text") }
    }

    /// Everything that the server sends in answer to one MCP message, the result last.
    pub async fn mcp(&self, method: &str, params: Value) -> Vec<Value> {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let headers = [("mcp-protocol-version", PROTOCOL)];
        let answer = self.raw("POST", "/mcp", &headers, message.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let events = answer.text.lines().filter_map(|line| line.strip_prefix("data:"));
        events.filter_map(|data| serde_json::from_str(data.trim()).ok()).collect()
    }

    /// Calls a tool; answers what it gives, or the problem.
    pub async fn tool(&self, name: &str, arguments: Value) -> Result<Value, Value> {
        let sent = self.mcp("tools/call", json!({"name": name, "arguments": arguments})).await;
        let result = &sent.last().expect("an answer")["result"];
        if result["isError"] == true {
            assert!(result["structuredContent"].is_null(), "an error does not have the shape of the tool's answers");
            let problem = result["content"][0]["text"].as_str().expect("a problem in words");
            return Err(serde_json::from_str(problem).expect("a problem"));
        }
        Ok(result["structuredContent"].clone())
    }
}

/// What an HTTP call answered; every refusal must be a problem.
pub fn read(answer: &Answer) -> Result<Value, Refused> {
    assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
    let json: Value = serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    if answer.status.is_success() {
        return Ok(json);
    }
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    assert_eq!(json["status"], answer.status.as_u16());
    let kind = json["type"].as_str().and_then(|kind| kind.strip_prefix("urn:keyslot:problem:")).expect("a kind");
    let errors = json["errors"].as_array().cloned().unwrap_or_default();
    Err(Refused {
        status: answer.status.as_u16(),
        kind: kind.to_owned(),
        detail: json["detail"].as_str().expect("a detail").to_owned(),
        fields: errors.iter().filter_map(|error| error["field"].as_str().map(str::to_owned)).collect(),
    })
}

impl Person {
    /// Makes a token as the Info tab does.
    pub async fn token(&self, session: &SessionId, purpose: &str) -> String {
        let fields = [("session", session.as_str()), ("name", "Claude"), ("purpose", purpose), ("days", "7")];
        let fresh: FreshToken = self.call("create_token", &fields).await.expect("a token");
        assert!(fresh.token.starts_with("ks_sess_") && fresh.token.len() > 48, "long enough to be unguessable");
        fresh.token.clone()
    }
}
