//! MCP clients that take tasks in the place of long waits.

use crate::support::{Person, Program, Site};
use serde_json::{Value, json};

const PROTOCOL: &str = "2026-07-28";
const ASK: &str = "request_env_variables";

/// A client with what it declares with every message.
struct Client {
    program: Program,
    capabilities: Value,
}

impl Client {
    /// The result of a message, or its error.
    async fn send(&self, method: &str, name: &str, mut params: Value) -> Result<Value, Value> {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": PROTOCOL,
            "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": self.capabilities,
        });
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let headers = [("mcp-protocol-version", PROTOCOL), ("mcp-method", method), ("mcp-name", name)];
        let answer = self.program.raw("POST", "/mcp", &headers, message.to_string()).await;
        let events = answer.text.lines().filter_map(|line| line.strip_prefix("data:"));
        let last = events.filter_map(|data| serde_json::from_str::<Value>(data.trim()).ok()).next_back();
        let sent = last.or_else(|| serde_json::from_str(&answer.text).ok()).unwrap_or_else(|| panic!("{answer:?}"));
        if sent["error"].is_object() { Err(sent["error"].clone()) } else { Ok(sent["result"].clone()) }
    }

    async fn call(&self, tool: &str, arguments: Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        self.send("tools/call", tool, params).await.expect("a result")
    }

    async fn task(&self, task: &str) -> Result<Value, Value> {
        self.send("tasks/get", task, json!({"taskId": task})).await
    }
}

/// A setup session's id, its owner and a client that declares this.
async fn open(site: &Site, capabilities: Value) -> (String, Person, Client) {
    let owner = site.owner().await;
    let setup = owner.connected(&site.repository("shop", &[(".env.example", "OLD=\n")])).await;
    let program = site.program(&owner.token(&setup.id, "agent").await);
    (setup.id.to_string(), owner, Client { program, capabilities })
}

async fn a_client_that_takes_tasks_gets_one_for_a_long_wait_and_its_answer_later(site: Site) {
    let tasks = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let (session, owner, client) = open(&site, tasks).await;
    let begun = client.call(ASK, json!({"keys": [{"key": "A"}]})).await;
    assert_eq!((&begun["resultType"], &begun["status"]), (&json!("task"), &json!("working")), "{begun}");
    let task = begun["taskId"].as_str().expect("a task");
    let working = client.task(task).await.expect("a task");
    assert_eq!((&working["status"], &working["result"]), (&json!("working"), &Value::Null), "{working}");
    assert!(working["statusMessage"].as_str().is_some_and(|text| text.starts_with("0 of 1 keys")), "{working}");
    owner.save((&format!("session:{session}"), ".env", "A"), "organization", "a-secret-value").await.expect("saved");
    let done = client.task(task).await.expect("a task");
    assert_eq!(done["status"], "completed", "{done}");
    assert_eq!(done["result"]["structuredContent"]["keys"][0]["outcome"], "submitted");
    assert_eq!(done["createdAt"], begun["createdAt"]);
    assert!(!done.to_string().contains("a-secret-value"));

    // A proposal is waited for in the same way; a short wait stays a call.
    let commands = json!({"commands": [{"command": "true"}]});
    let proposed = client.call("save_service_commands", commands).await;
    let id = proposed["structuredContent"]["proposal"]["id"].as_str().expect("a proposal");
    let begun = client.call("get_proposal", json!({"id": id, "waitSeconds": 300})).await;
    assert_eq!(begun["resultType"], "task", "{begun}");
    let looked = client.call("get_proposal", json!({"id": id})).await;
    assert_eq!(looked["structuredContent"]["state"], "pending");

    // Cancelling calls the request off.
    let begun = client.call(ASK, json!({"keys": [{"key": "B"}]})).await;
    let task = begun["taskId"].as_str().expect("a task");
    client.send("tasks/cancel", task, json!({"taskId": task})).await.expect("cancelled");
    let done = client.task(task).await.expect("a task");
    assert_eq!(done["result"]["structuredContent"]["state"], "cancelled", "{done}");
}

async fn a_task_of_another_session_or_client_is_not_found(site: Site) {
    let tasks = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let (_, owner, client) = open(&site, tasks).await;
    let begun = client.call(ASK, json!({"keys": [{"key": "A"}]})).await;
    let task = begun["taskId"].as_str().expect("a task");
    let other = owner.connected(&site.repository("other", &[(".env.example", "OLD=\n")])).await;
    let stranger = Client {
        program: site.program(&owner.token(&other.id, "agent").await),
        capabilities: client.capabilities.clone(),
    };
    for unknown in [task, "requests/none", "nothing"] {
        assert_eq!(stranger.task(unknown).await.expect_err("no task")["code"], -32602, "{unknown}");
    }
    let plain = Client { capabilities: json!({}), ..client };
    plain.task(task).await.expect_err("it does not take tasks");
}

crate::on_both!(
    a_client_that_takes_tasks_gets_one_for_a_long_wait_and_its_answer_later,
    a_task_of_another_session_or_client_is_not_found,
);
