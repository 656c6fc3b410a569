//! Agents at work: the same tools over MCP and HTTP, and every call that is refused.

use crate::support::{Person, Program, Site, json_spec, read};
use app::api::thread::ThreadEvent;
use axum::http::StatusCode;
use domain::ids::SessionId;
use domain::limits;
use serde_json::{Value, json};

const SECRET: &str = "s3cret-value-of-a-person";

async fn open_setup(site: &Site, owner: &Person) -> (SessionId, Program) {
    let setup = owner.connected(&site.repository("shop", &[(".env.example", "OLD=\n")])).await;
    let token = owner.token(&setup.id, "agent").await;
    (setup.id, site.program(&token))
}

fn spec(keys: &[&str]) -> Value {
    let keys: Vec<_> = keys.iter().map(|key| json!({"key": key, "evidence": [{"path": "a.ts", "line": 4}]})).collect();
    json!({"files": [{"path": ".env", "keys": keys}]})
}

/// Names of the tools in the session's thread, each with its line.
async fn rows(owner: &Person, session: &SessionId) -> Vec<(String, String)> {
    let thread = owner.thread(session).await;
    let tools = thread.into_iter().filter_map(|entry| match entry.event {
        ThreadEvent::Tool { name, summary, .. } => Some((name, summary)),
        _ => None,
    });
    tools.collect()
}

async fn an_agent_saves_a_spec_asks_waits_and_finishes_and_never_hears_a_value(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = open_setup(&site, &owner).await;
    let target = format!("session:{session}");
    let saved = agent.http("PUT", "/env-files", Some(spec(&["A", "B"]))).await.expect("saved");
    assert_eq!(
        (&saved["changed"], &saved["missing"], saved["added"].as_array().map(Vec::len)),
        (&json!(true), &json!(2), Some(2))
    );
    let again = agent.tool("save_env_files", spec(&["A", "B"])).await.expect("saved");
    assert_eq!(
        (&again["changed"], &again["version"]),
        (&json!(false), &saved["version"]),
        "nothing new, no new version"
    );

    owner.save((&target, ".env", "A"), "organization", SECRET).await.expect("saved");
    let ask = json!({"keys": [{"key": "A"}, {"key": "B"}, {"key": "C", "required": false}]});
    let asked = agent.http("POST", "/requests", Some(ask)).await.expect("asked");
    let id = asked["id"].as_str().expect("an id").to_owned();
    assert_eq!((&asked["state"], &asked["keys"][0]["outcome"]), (&json!("pending"), &json!("already_set")));
    assert_eq!(asked["url"], format!("http://keyslot.localhost:3000/sessions/{session}?tab=environment"));
    let waiting = agent.http("GET", "/requests/newest?wait=60", None);
    let waiting_too = agent.tool("get_request", json!({"id": id, "waitSeconds": 60}));
    let person = async {
        owner.save((&target, ".env", "B"), "organization", SECRET).await.expect("saved");
        let skip = [("session", session.as_str()), ("request", &id), ("key", "C")];
        owner.call::<Value>("skip_key", &skip).await.expect("skipped");
    };
    let (http, mcp, ()) = tokio::join!(waiting, waiting_too, person);
    let (http, mcp) = (http.expect("answered"), mcp.expect("answered"));
    let outcomes: Vec<_> = http["keys"].as_array().expect("keys").iter().map(|key| key["outcome"].clone()).collect();
    assert_eq!(
        (&http["state"], outcomes),
        (&json!("answered"), vec![json!("already_set"), json!("submitted"), json!("skipped")])
    );
    assert_eq!(http, mcp, "both ways in tell the same");

    let environment = agent.http("GET", "/environment", None).await.expect("the environment");
    assert_eq!(
        (&environment["readiness"], &environment["files"][0]["keys"][0]["source"]),
        (&json!("ready"), &json!("organization"))
    );
    assert_eq!(environment, agent.tool("get_environment", json!({})).await.expect("the same"));
    let told = format!("{saved}{http}{environment}");
    for hidden in [SECRET, "fingerprint", "length"] {
        assert!(!told.contains(hidden), "{hidden}: {told}");
    }
    let finished = agent.http("POST", "/finish", None).await.expect("finished");
    assert_eq!(finished, json!({"finished": true, "missing": []}));
    let by = owner.thread(&session).await.into_iter().find_map(|entry| match entry.event {
        ThreadEvent::Finished { by, .. } => Some(by),
        _ => None,
    });
    assert_eq!(by.as_deref(), Some("Claude"), "it is recorded under the agent's name");
    let replayed = agent.http("POST", "/finish", None).await.expect_err("the session is over");
    assert_eq!((replayed.status, replayed.kind.as_str()), (401, "session-ended"));
    let names: Vec<_> = rows(&owner, &session).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["save_env_files", "save_env_files", "save_env_files", "get_environment"], "{names:?}");
}

async fn a_setup_with_missing_values_is_finished_only_anyway(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = open_setup(&site, &owner).await;
    let refused = agent.tool("finish_setup", json!({})).await.expect_err("OLD is missing");
    let detail = refused["detail"].as_str().expect("a detail");
    assert!(refused["status"] == 409 && detail.contains("OLD") && detail.contains("anyway"), "{refused}");
    let proposed = agent.tool("finish_setup", json!({"anyway": true})).await.expect("proposed");
    assert_eq!(proposed["missing"], json!(["OLD"]));
    owner.accept_pending(&session, &proposed).await;
    assert_eq!(owner.session(&session).await.expect("the session").finished_missing, Some(1));
}

async fn bad_specs_and_requests_name_every_field_and_change_nothing(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = open_setup(&site, &owner).await;
    let before = owner.environment(&format!("session:{session}")).await;
    let two =
        json!({"files": [{"path": ".env", "keys": [{"key": "A"}, {"key": "A"}]}, {"path": "./.env", "keys": []}]});
    let refused = agent.http("PUT", "/env-files", Some(two.clone())).await.expect_err("two mistakes");
    assert_eq!(
        (refused.status, refused.fields),
        (422, vec!["files[0].keys[1].key".to_owned(), "files[1].path".to_owned()])
    );
    let refused = agent.tool("save_env_files", two).await.expect_err("over MCP too");
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(2));
    for (spec, field) in [
        (json!({"files": [{"path": "../x", "keys": []}]}), "files[0].path"),
        (json!({"files": [{"path": ".env", "keys": [{"key": "A B"}]}]}), "files[0].keys[0].key"),
        (json!({"files": [{"path": ".env", "keys": [{"key": "A", "value": "x"}]}]}), "files[0].keys[0].value"),
        (json!({"files": "none"}), "files"),
        (json!({}), "files"),
    ] {
        let refused = agent.http("PUT", "/env-files", Some(spec.clone())).await.expect_err("a mistake");
        assert_eq!((refused.status, refused.fields), (422, vec![field.to_owned()]), "{spec}");
        let refused = agent.tool("save_env_files", spec).await.expect_err("a mistake");
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let bad = json!({"keys": [{"key": "A"}, {"key": "A"}], "expiresInSeconds": 1});
    let refused = agent.http("POST", "/requests", Some(bad)).await.expect_err("a bad request");
    assert_eq!(refused.fields, ["expiresInSeconds", "keys[1].key"]);
    let files: Vec<_> = (0..=limits::FILES).map(|at| json!({"path": format!("{at}/.env"), "keys": []})).collect();
    let refused = agent.http("PUT", "/env-files", Some(json!({"files": files}))).await.expect_err("too many files");
    assert_eq!(refused.fields, ["files"]);
    assert_eq!(owner.environment(&format!("session:{session}")).await, before);
    assert!(owner.requests(&session).await.is_empty());
}

async fn malformed_oversized_and_misdirected_calls_are_problems(site: Site) {
    let owner = site.owner().await;
    let (_, agent) = open_setup(&site, &owner).await;
    let put = |headers: &'static [(&str, &str)], body: String| {
        let agent = agent.clone();
        async move { read(&agent.raw("PUT", "/api/v1/env-files", headers, body).await).expect_err("it is refused") }
    };
    let refused = put(&[], "{\"files\": [".to_owned()).await;
    assert_eq!((refused.status, refused.kind.as_str()), (400, "malformed"));
    let big = format!("{{\"files\": [], \"x\": \"{}\"}}", "x".repeat(limits::CALL_BYTES));
    let refused = put(&[], big.clone()).await;
    assert_eq!((refused.status, refused.kind.as_str()), (413, "too-large"));
    let refused = read(&agent.raw("POST", "/mcp", &[], big).await).expect_err("too large for MCP too");
    assert_eq!(refused.status, 413);
    let cases = [("GET", "/nothing", 404), ("DELETE", "/environment", 405), ("GET", "/requests/none", 404)];
    let queries = [
        ("GET", "/requests/newest?wait=x", 422),
        ("GET", "/notes?after=x", 422),
        ("GET", "/requests/newest?wait=301", 422),
    ];
    for (method, path, status) in cases.into_iter().chain(queries) {
        let refused = agent.http(method, path, None).await.expect_err(path);
        assert_eq!(refused.status, status, "{method} {path}");
    }
    let sent = agent.mcp("tools/call", json!({"name": "nothing", "arguments": {}})).await;
    assert_eq!(sent[0]["error"]["code"], -32602, "{sent:?}");
    assert!(agent.raw("POST", "/mcp", &[], "{").await.status.is_client_error());
}

async fn a_page_of_another_site_is_refused_even_with_a_token(site: Site) {
    let owner = site.owner().await;
    let (_, agent) = open_setup(&site, &owner).await;
    for origin in ["https://evil.test", "http://127.0.0.1:3001", "null"] {
        for (method, path) in [("GET", "/api/v1/environment"), ("POST", "/mcp"), ("GET", "/api/v1/openapi.json")] {
            // A rebound name makes `Host` agree with the foreign origin.
            let headers = [("origin", origin), ("host", origin.trim_start_matches("https://"))];
            let refused = read(&agent.raw(method, path, &headers[..1], "").await).expect_err("foreign");
            assert_eq!((refused.status, refused.kind.as_str()), (403, "foreign-origin"), "{origin} {path}");
            let refused = read(&agent.raw(method, path, &headers, "").await).expect_err("rebound");
            assert_eq!(refused.kind, "foreign-origin", "{origin} {path}");
        }
    }
    let own = agent.raw("GET", "/api/v1/environment", &[("origin", "http://keyslot.localhost:3000")], "").await;
    assert_eq!(own.status, StatusCode::OK);
    assert_eq!(own.header("x-content-type-options"), "nosniff");
}

async fn a_request_that_is_closed_stays_closed(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = open_setup(&site, &owner).await;
    let asked =
        agent.tool("request_env_variables", json!({"keys": [{"key": "N"}], "waitSeconds": 0})).await.expect("asked");
    let id = asked["id"].as_str().expect("an id");
    assert_eq!(asked["state"], "pending");
    let cancelled = agent.http("DELETE", &format!("/requests/{id}"), None).await.expect("called off");
    assert_eq!((&cancelled["state"], &cancelled["keys"][0]["outcome"]), (&json!("cancelled"), &json!("cancelled")));
    let again = agent.http("DELETE", &format!("/requests/{id}"), None).await.expect_err("it is closed");
    assert_eq!((again.status, again.kind.as_str()), (409, "conflict"));
    let refused = agent.tool("cancel_request", json!({"id": id})).await.expect_err("over MCP too");
    assert_eq!(refused["status"], 409);
    assert_eq!(rows(&owner, &session).await.last().map(|(name, _)| name.clone()).as_deref(), Some("cancel_request"));
}

async fn a_call_that_waits_says_so_and_ends_when_its_token_is_revoked(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = open_setup(&site, &owner).await;
    let call = json!({"name": "request_env_variables", "arguments": {"keys": [{"key": "N"}]}, "_meta": {"progressToken": "p"}});
    let waiting = agent.mcp("tools/call", call);
    let person = async {
        while owner.requests(&session).await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        }
        let tokens: app::api::tokens::TokensView =
            owner.call("get_tokens", &[("session", session.as_str())]).await.expect("the tokens");
        let fields = [("session", session.as_str()), ("token", tokens.tokens[0].id.as_str())];
        owner.call::<Value>("revoke_token", &fields).await.expect("revoked");
    };
    let (sent, ()) = tokio::join!(waiting, person);
    assert_eq!(sent[0]["method"], "notifications/progress", "{sent:?}");
    assert_eq!(sent[0]["params"]["progressToken"], "p");
    let result = &sent.last().expect("a result")["result"];
    let text = result["content"][0]["text"].as_str().unwrap_or_default();
    assert!(result["isError"] == true && text.contains("token-revoked"), "{sent:?}");
}

async fn an_agent_reads_what_people_left_for_it_once(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = open_setup(&site, &owner).await;
    assert_eq!(agent.http("GET", "/notes", None).await.expect("none yet")["notes"], json!([]));
    let note = [("session", session.as_str()), ("text", "Use the test account.")];
    owner.call::<()>("leave_note", &note).await.expect("left");
    let read = agent.tool("read_notes", json!({})).await.expect("notes");
    let (text, by, last) = (&read["notes"][0]["text"], &read["notes"][0]["by"], &read["last"]);
    assert_eq!((text, by), (&json!("Use the test account."), &json!("Owner")));
    let newer = agent.tool("read_notes", json!({"after": last})).await.expect("notes");
    assert_eq!(newer["notes"], json!([]));
}

async fn looking_again_and_again_adds_one_row(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = open_setup(&site, &owner).await;
    for _ in 0..3 {
        agent.http("GET", "/environment", None).await.expect("the environment");
    }
    let looks = rows(&owner, &session).await.into_iter().filter(|(name, _)| name == "get_environment").count();
    assert_eq!(looks, 1);
}

async fn too_many_calls_are_put_off_and_other_tokens_go_on(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = open_setup(&site, &owner).await;
    let mut refused = None;
    for _ in 0..2 * limits::CALLS_PER_MINUTE {
        let answer = agent.raw("GET", "/api/v1/requests/none", &[], "").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("it is put off");
    let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&seconds));
    assert_eq!(read(&refused).expect_err("a problem").kind, "too-many-calls");
    assert_eq!(agent.raw("POST", "/mcp", &[], "{}").await.status, StatusCode::TOO_MANY_REQUESTS, "one count for both");
    let other = site.program(&owner.token(&session, "agent").await);
    other.http("GET", "/environment", None).await.expect("another token goes on");
}

async fn tools_tell_a_model_when_to_call_them_and_what_they_take(site: Site) {
    let owner = site.owner().await;
    let (_, agent) = open_setup(&site, &owner).await;
    let params =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let hello = agent.mcp("initialize", params).await;
    assert_eq!(hello[0]["result"]["serverInfo"]["name"], "keyslot");
    assert!(hello[0]["result"]["instructions"].as_str().is_some_and(|text| text.contains("save_env_files")));
    let listed = agent.mcp("tools/list", json!({})).await;
    let tools = listed[0]["result"]["tools"].as_array().expect("tools");
    let names: Vec<_> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(
        names,
        [
            "save_env_files",
            "request_env_variables",
            "get_request",
            "cancel_request",
            "get_proposal",
            "get_environment",
            "save_service_commands",
            "get_service_commands",
            "read_notes",
            "save_snapshot",
            "get_snapshot",
            "finish_setup"
        ]
    );
    for tool in tools {
        assert_eq!((&tool["inputSchema"]["type"], &tool["outputSchema"]["type"]), (&json!("object"), &json!("object")));
    }
    assert_eq!(tools[0]["inputSchema"]["$defs"]["KeyName"]["maxLength"], limits::KEY_CHARS);
    assert!(tools[1]["inputSchema"]["properties"]["waitSeconds"].is_object());
    let spec = json_spec(&spec(&["A"]));
    assert_eq!(spec.slot_count(), 1, "what the stories send is what the schema means");
}

async fn every_operation_of_the_document_is_served(site: Site) {
    let owner = site.owner().await;
    let (_, agent) = open_setup(&site, &owner).await;
    let answer = Program::new(site.router.clone(), None).raw("GET", "/api/v1/openapi.json", &[], "").await;
    let document = read(&answer).expect("the document, without a token");
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().expect("paths");
    assert_eq!(paths.len(), 10);
    for (path, methods) in paths {
        for method in methods.as_object().expect("methods").keys().filter(|method| *method != "parameters") {
            let path = format!("/api/v1{}", path.replace("{id}", "none"));
            let answer = agent.raw(&method.to_uppercase(), &path, &[("content-type", "text/plain")], "x").await;
            assert!(answer.status != StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert!(!answer.text.contains("nothing at this address"), "{method} {path}");
        }
    }
}

async fn faults_over_mcp_have_the_codes_of_json_rpc(site: Site) {
    let owner = site.owner().await;
    let (_, agent) = open_setup(&site, &owner).await;
    let call = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "get_environment", "arguments": 1}});
    for (body, kind, status, code) in [
        ("{".to_owned(), "application/json", 400, -32700),
        ("[]".to_owned(), "application/json", 400, -32600),
        (json!({"jsonrpc": "2.0", "id": {}, "method": "ping"}).to_string(), "application/json", 400, -32600),
        (call.to_string(), "application/json", 200, -32602),
    ] {
        let answer = agent.raw("POST", "/mcp", &[], body.clone()).await;
        let told: Value = serde_json::from_str(&answer.text).expect("a JSON-RPC answer");
        assert_eq!((answer.status.as_u16(), &told["error"]["code"]), (status, &json!(code)), "{kind} {body}");
    }
}

async fn a_client_of_an_older_protocol_is_offered_one_whose_rules_are_kept(site: Site) {
    let owner = site.owner().await;
    let (_, agent) = open_setup(&site, &owner).await;
    for (asked, offered) in [
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2025-03-26", "2025-11-25"),
        ("2024-11-05", "2025-11-25"),
    ] {
        let params = json!({"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
        let answer = agent.raw("POST", "/mcp", &[], message.to_string()).await;
        assert!(answer.text.contains(&format!("\"protocolVersion\":\"{offered}\"")), "{asked}: {}", answer.text);
        let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
        let headers = [("mcp-protocol-version", asked), ("accept", "*/*")];
        let answer = agent.raw("POST", "/mcp", &headers, ping).await;
        assert_eq!(answer.status.is_success(), asked == offered, "{asked}: {}", answer.text);
    }
}

async fn a_known_method_with_parameters_of_another_form_is_told_so(site: Site) {
    let owner = site.owner().await;
    let (_, agent) = open_setup(&site, &owner).await;
    let hello = |capabilities: Value| json!({"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": {"name": "t", "version": "1"}});
    for (method, params, code) in [
        ("initialize", hello(json!({"elicitation": 5})), -32602),
        ("initialize", hello(json!({"roots": {"listChanged": "yes"}})), -32602),
        ("tools/list", json!({"cursor": 5}), -32602),
        ("no/such", json!({}), -32601),
    ] {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let answer = agent.raw("POST", "/mcp", &[], message.to_string()).await;
        assert!(answer.text.contains(&format!("\"code\":{code}")), "{method}: {}", answer.text);
    }
}

async fn every_listed_tool_is_served_and_an_unknown_one_changes_nothing(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = open_setup(&site, &owner).await;
    let listed = agent.mcp("tools/list", json!({})).await;
    for tool in listed[0]["result"]["tools"].as_array().expect("tools") {
        let name = tool["name"].as_str().expect("a name");
        // A field that no tool takes, so that each refuses by its own rules.
        let refused = agent.tool(name, json!({"noSuchField": 1})).await.expect_err(name);
        assert_eq!(refused["type"], "urn:keyslot:problem:invalid", "{name}: {refused}");
    }
    let sent = agent.mcp("tools/call", json!({"name": "finish", "arguments": {}})).await;
    assert_eq!(sent[0]["error"]["code"], -32602);
    agent.http("GET", "/environment", None).await.expect("the setup goes on");
    assert!(!owner.thread(&session).await.iter().any(|entry| matches!(entry.event, ThreadEvent::Finished { .. })));
}

crate::on_both!(
    faults_over_mcp_have_the_codes_of_json_rpc,
    a_client_of_an_older_protocol_is_offered_one_whose_rules_are_kept,
    a_known_method_with_parameters_of_another_form_is_told_so,
    every_listed_tool_is_served_and_an_unknown_one_changes_nothing,
    an_agent_saves_a_spec_asks_waits_and_finishes_and_never_hears_a_value,
    a_setup_with_missing_values_is_finished_only_anyway,
    bad_specs_and_requests_name_every_field_and_change_nothing,
    malformed_oversized_and_misdirected_calls_are_problems,
    a_page_of_another_site_is_refused_even_with_a_token,
    a_request_that_is_closed_stays_closed,
    a_call_that_waits_says_so_and_ends_when_its_token_is_revoked,
    an_agent_reads_what_people_left_for_it_once,
    looking_again_and_again_adds_one_row,
    too_many_calls_are_put_off_and_other_tokens_go_on,
    tools_tell_a_model_when_to_call_them_and_what_they_take,
    every_operation_of_the_document_is_served,
);
