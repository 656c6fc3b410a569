//! With one agent's token, into what others run: each change that reaches beyond the agent's session must wait for a
//! person, and until then nobody else meets it.

use crate::support::{HOST, Person, Program, Site, json_spec};
use app::api::command_runs::{CommandPlace, CommandRuns};
use domain::ids::{ConfigurationId, SessionId};
use domain::member::Role;
use domain::session::SessionState;
use serde_json::{Value, json};

/// An agent in a work session of its own, and somebody else who will start the next one.
async fn attacker(site: &Site) -> (ConfigurationId, SessionId, Program, Person) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let session = owner.work(&configuration).await.id;
    let agent = site.program(&owner.token(&session, "agent").await);
    let victim = site.member(&site.organization().await, "Ada", Role::Member).await;
    (configuration, session, agent, victim)
}

async fn a_snapshot_by_an_agent_is_not_what_others_start_from(site: Site) {
    let (configuration, session, agent, victim) = attacker(&site).await;
    std::fs::write(site.workspace(&session).join("evil"), "evil").expect("a file");
    let saved = agent.http("POST", "/snapshots?wait=60", Some(json!({"makeCurrent": true}))).await.expect("saved");
    assert_eq!((&saved["state"], &saved["current"]), (&json!("ready"), &json!(false)));
    let next = victim.work(&configuration).await.id;
    assert_eq!(site.file(&next, "evil"), None);
    assert!(site.file(&next, "README.md").is_some(), "it was cloned");
}

async fn a_spec_by_an_agent_writes_no_npmrc_for_others(site: Site) {
    let (configuration, session, agent, victim) = attacker(&site).await;
    for path in [".npmrc", ".bashrc", ".envrc", "config.json", "web/.yarnrc.yml"] {
        let keys = json!([{"key": "registry", "default": "https://evil.test"}]);
        let spec = json!({"files": [{"path": path, "mode": "shared", "keys": keys}, {"path": ".env", "keys": []}]});
        let saved = agent.http("PUT", "/env-files", Some(spec)).await.expect("taken");
        assert_eq!(saved["proposal"]["state"], "pending", "{path}: {saved}");
        assert_eq!(site.file(&session, path), None, "{path}: not even in its own session");
    }
    let asked = json!({"keys": [{"key": "registry", "file": ".npmrc", "secret": false}]});
    let refused = agent.http("POST", "/requests", Some(asked)).await.expect_err("nor by asking for a value");
    assert_eq!(refused.fields, ["keys[0].file"]);
    let next = victim.work(&configuration).await.id;
    assert_eq!(site.file(&next, ".npmrc"), None);
}

async fn an_agent_finishes_no_setup_with_values_missing(site: Site) {
    let owner = site.owner().await;
    let setup = owner.connected(&site.repository("shop", &[(".env.example", "OLD=\n")])).await.id;
    let agent = site.program(&owner.token(&setup, "agent").await);
    let asked = agent.http("POST", "/finish", Some(json!({"anyway": true}))).await.expect("taken");
    assert_eq!((&asked["finished"], &asked["proposal"]["state"]), (&json!(false), &json!("pending")));
    assert_eq!(owner.session(&setup).await.expect("the session").state, SessionState::Open);
    agent.http("GET", "/environment", None).await.expect("the session goes on");
}

async fn a_command_by_an_agent_does_not_run_in_the_session_of_somebody_else(site: Site) {
    let (configuration, _, agent, victim) = attacker(&site).await;
    let command = json!({"commands": [{"command": "touch evil", "enabled": true}]});
    let saved = agent.http("PUT", "/service-commands", Some(command)).await.expect("taken");
    assert_eq!((&saved["commands"], &saved["proposal"]["state"]), (&json!([]), &json!("pending")));
    let next = victim.work(&configuration).await.id;
    let runs: CommandRuns = victim.call("get_command_runs", &[("session", next.as_str())]).await.expect("them");
    assert_eq!((runs.place, runs.runs.len()), (CommandPlace::Idle, 0), "nothing was started");
    // It cannot decide itself either: its token is good for its tools alone.
    let path = format!("/api/v1/proposals/{}/accept", saved["proposal"]["id"].as_str().expect("an id"));
    assert_eq!(agent.raw("POST", &path, &[], "{}").await.status, 404);
    let form =
        [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin"), ("host", HOST)];
    let body = format!("session=x&proposal={}", saved["proposal"]["id"].as_str().expect("an id"));
    assert_eq!(agent.raw("POST", "/fn/accept_proposal", &form, body).await.status, 401);
}

async fn a_viewer_reads_nothing_that_commands_print(site: Site) {
    let (configuration, _, _, member) = attacker(&site).await;
    let fields = [
        ("configuration", configuration.as_str()),
        ("commands[0][command]", "echo printed"),
        ("commands[0][enabled]", "true"),
    ];
    member.call::<Value>("save_auto_start", &fields).await.expect("saved");
    let session = member.work(&configuration).await.id;
    let viewer = site.member(&site.organization().await, "Vi", Role::Viewer).await;
    let fields = [("session", session.as_str()), ("at", "0"), ("after", "0")];
    let refused = viewer.call::<Value>("get_command_output", &fields).await.expect_err("it takes a member");
    assert!(refused.status == 403 && refused.error.to_string().contains("read what commands print"), "{refused:?}");
    crate::support::until("it printed", || async {
        // Not found until the commands of the new session are listed.
        let output = member.call::<Value>("get_command_output", &fields).await;
        output.is_ok_and(|output| output["text"] == "printed\n")
    })
    .await;
    let page = viewer.get(&format!("/sessions/{session}?tab=auto-start")).await.text;
    assert!(page.contains("echo printed") && !page.contains(">printed"), "it sees the command alone");
    assert!(page.contains("You are a viewer") && !page.contains("/fn/restart_command"), "and no buttons");
    site.keyslot.finish_work().await;
}

crate::on_both!(
    a_snapshot_by_an_agent_is_not_what_others_start_from,
    a_spec_by_an_agent_writes_no_npmrc_for_others,
    an_agent_finishes_no_setup_with_values_missing,
    a_command_by_an_agent_does_not_run_in_the_session_of_somebody_else,
    a_viewer_reads_nothing_that_commands_print,
);
