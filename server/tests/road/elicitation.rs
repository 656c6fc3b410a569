//! Links for people, offered through the agent's client where it can show one (URL elicitation).

use crate::support::{Person, Program, Site};
use domain::ids::SessionId;
use serde_json::{Value, json};

const NEWEST: &str = "2026-07-28";

async fn open_setup(site: &Site) -> (Person, SessionId, Program) {
    let owner = site.owner().await;
    let session = owner.connected(&site.repository("shop", &[(".env.example", "OLD=\n")])).await.id;
    let agent = site.program(&owner.token(&session, "agent").await);
    (owner, session, agent)
}

/// Calls `request_env_variables` as a client of that name and with those capabilities; `more` stands beside the
/// arguments. Answers the result.
async fn ask(agent: &Program, (client, capabilities): (&str, Value), wait: u32, more: Value) -> Value {
    let mut params = json!({
        "name": "request_env_variables",
        "arguments": {"keys": [{"key": "API_TOKEN"}, {"key": "REGION", "required": false}], "waitSeconds": wait},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": NEWEST,
            "io.modelcontextprotocol/clientInfo": {"name": client, "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": capabilities,
        },
    });
    params.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let headers =
        [("mcp-protocol-version", NEWEST), ("mcp-method", "tools/call"), ("mcp-name", "request_env_variables")];
    let answer = agent.raw("POST", "/mcp", &headers, message.to_string()).await;
    let message = |line: &str| serde_json::from_str::<Value>(line.strip_prefix("data:").unwrap_or(line).trim()).ok();
    let told = answer.text.lines().rev().find_map(message);
    let mut told = told.unwrap_or_else(|| panic!("an answer: {answer:?}"));
    assert!(told["error"].is_null(), "{told}");
    told["result"].take()
}

async fn a_client_that_shows_links_is_offered_the_card_once_and_then_waits(site: Site) {
    let (owner, session, agent) = open_setup(&site).await;
    // Claude Code can, but leaves the mode out of what it declares.
    let clients = [("some-client", json!({"elicitation": {"url": {}}})), ("claude-code", json!({"elicitation": {}}))];
    for (name, capabilities) in clients {
        let client = (name, capabilities);
        let offered = ask(&agent, client.clone(), 30, json!({})).await;
        assert_eq!(offered["resultType"], "input_required", "{name}: {offered}");
        let question = &offered["inputRequests"]["card"];
        assert_eq!(question["method"], "elicitation/create", "{offered}");
        let shown = &question["params"];
        let asked = owner.requests(&session).await.pop().expect("people are asked");
        assert_eq!((&shown["mode"], &shown["elicitationId"]), (&json!("url"), &json!(asked.id)), "{offered}");
        assert!(!asked.id.as_str().is_empty());
        let page = format!("http://keyslot.localhost:3000/sessions/{session}?tab=environment");
        assert_eq!(shown["url"], page);
        assert!(shown["message"].as_str().is_some_and(|text| text.contains("API_TOKEN")), "{offered}");

        // A person at the client who opens no page keeps nobody waiting; the request stands.
        let back = |action: &str| json!({"requestState": offered["requestState"], "inputResponses": {"card": {"action": action}}});
        for action in ["decline", "cancel"] {
            let answer = ask(&agent, client.clone(), 30, back(action)).await;
            assert_eq!(answer["structuredContent"]["state"], "pending", "{answer}");
        }
        let (answer, ()) = tokio::join!(ask(&agent, client.clone(), 30, back("accept")), async {
            let target = format!("session:{session}");
            owner.save((&target, ".env", "API_TOKEN"), "session", "v").await.expect("saved");
            let skip = [("session", session.as_str()), ("request", asked.id.as_str()), ("key", "REGION")];
            owner.call::<Value>("skip_key", &skip).await.expect("skipped");
        });
        assert_eq!(answer["structuredContent"]["state"], "answered", "{answer}");
        assert_eq!(answer["structuredContent"]["id"], json!(asked.id), "the same request goes on");
        owner.delete((&format!("session:{session}"), ".env", "API_TOKEN"), "session").await.expect("deleted");
    }
}

async fn a_client_that_shows_no_links_is_told_the_link_in_the_answer(site: Site) {
    let (owner, session, agent) = open_setup(&site).await;
    let clients = [
        ("some-client", json!({})),
        ("some-client", json!({"elicitation": {}})),
        ("some-client", json!({"elicitation": {"form": {}}})),
        ("claude-code", json!({})),
    ];
    for (name, capabilities) in clients {
        let answer = ask(&agent, (name, capabilities.clone()), 1, json!({})).await;
        let told = &answer["structuredContent"];
        assert_eq!(told["state"], "pending", "{name} {capabilities}: {answer}");
        assert!(told["url"].as_str().is_some_and(|url| url.contains(session.as_str())), "{answer}");
    }
    // Nobody who does not wait is interrupted with a link, whatever it can show.
    let answer = ask(&agent, ("some-client", json!({"elicitation": {"url": {}}})), 0, json!({})).await;
    assert_eq!(answer["structuredContent"]["state"], "pending", "{answer}");
    assert_eq!(owner.requests(&session).await.len(), 5);
}

async fn a_foreign_request_cannot_be_taken_up(site: Site) {
    let (_, _, agent) = open_setup(&site).await;
    let more = json!({"requestState": "00000000-0000-7000-8000-000000000000", "inputResponses": {"card": {"action": "accept"}}});
    let answer = ask(&agent, ("some-client", json!({"elicitation": {"url": {}}})), 1, more).await;
    assert_eq!(answer["isError"], true, "{answer}");
    assert!(answer["content"][0]["text"].as_str().is_some_and(|text| text.contains("not-found")), "{answer}");
}

crate::on_both!(
    a_client_that_shows_links_is_offered_the_card_once_and_then_waits,
    a_client_that_shows_no_links_is_told_the_link_in_the_answer,
    a_foreign_request_cannot_be_taken_up,
);
