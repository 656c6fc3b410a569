//! The readiness gate: sessions that wait for required values, and everything that has them go on.

use crate::support::{Person, Site, json_spec, new_folder, until};
use app::api::gate::BootPolicy;
use app::api::repositories::ConfigurationRow;
use app::api::sessions::{SessionState, SessionView};
use app::api::thread::ThreadEvent;
use domain::environment::Status;
use domain::ids::{ConfigurationId, SessionId};
use domain::member::Role;
use domain::receipt::Occasion;
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// A configuration with two required keys and an optional one, whose sessions wait.
async fn gated(site: &Site, owner: &Person) -> ConfigurationId {
    let keys = json!([{"key": "A"}, {"key": "B"}, {"key": "C", "required": false}]);
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": keys}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    set_policy(owner, &configuration, "block").await;
    configuration
}

async fn set_policy(owner: &Person, configuration: &ConfigurationId, policy: &str) {
    let fields = [("configuration", configuration.as_str()), ("policy", policy)];
    owner.call::<()>("set_boot_policy", &fields).await.expect("changed");
}

/// Starts a work session and waits until it waits.
async fn waiting(owner: &Person, configuration: &ConfigurationId) -> SessionId {
    let session = owner.start(configuration, "work").await.expect("starts");
    owner.wait(&session, "the gate", |view| view.state == SessionState::Waiting).await.id
}

async fn runs(owner: &Person, session: &SessionId) -> SessionView {
    owner.wait(session, "the boot", |view| view.state == SessionState::Running).await
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

/// A server's keeper at work, until the answer is cancelled.
fn keeper(site: &Site) -> CancellationToken {
    let closing = CancellationToken::new();
    let (keyslot, until) = (site.keyslot.clone(), closing.clone());
    tokio::spawn(async move { keyslot.keep_up(until).await });
    closing
}

async fn a_session_waits_writes_nothing_and_goes_on_with_the_last_value(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let session = waiting(&owner, &configuration).await;
    let target = format!("session:{session}");
    let view = owner.session(&session).await.expect("the session");
    assert_eq!((view.boot_policy, view.receipt.is_none()), (BootPolicy::Block, true));
    let waits = |event: &ThreadEvent| match event {
        ThreadEvent::Waiting { missing } => Some(missing.iter().map(ToString::to_string).collect::<Vec<_>>()),
        _ => None,
    };
    assert_eq!(owner.hears(&session, "what it waits for", waits).await, ["A", "B"]);
    let rows: Vec<ConfigurationRow> = owner.call("list_configurations", &[]).await.expect("rows");
    assert_eq!((rows[0].sessions[0].state, rows[0].boot_policy), (SessionState::Waiting, BootPolicy::Block));
    let page = owner.get(&format!("/sessions/{session}")).await.text;
    assert!(page.contains("This session waits for 2 required values: A and B."), "the page says so");

    owner.save((&target, ".env", "A"), "organization", "a").await.expect("saved");
    assert_eq!(site.file(&session, ".env"), None, "nothing is written by halves");
    owner.save((&target, ".env", "C"), "organization", "c").await.expect("saved");
    assert_eq!(owner.session(&session).await.expect("it").state, SessionState::Waiting, "C is not what it waits for");
    assert_eq!(owner.delivery(&target).await.sandboxes.len(), 0, "no sandbox has anything yet");
    owner.save((&target, ".env", "B"), "session", "b").await.expect("saved");
    let view = runs(&owner, &session).await;
    assert_eq!(site.assigned(&session, ".env"), [pair("A", "a"), pair("B", "b"), pair("C", "c")]);
    let receipt = view.receipt.expect("a receipt");
    assert_eq!((receipt.occasion, receipt.lacking().count(), receipt.started_anyway), (Occasion::Boot, 0, None));
}

async fn a_whole_env_file_that_is_imported_lets_it_go_on_too(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let session = waiting(&owner, &configuration).await;
    let entry = |key: &str, scope: &str| json!({"key": key, "scope": scope, "value": "v"});
    let entries = [entry("A", "organization"), entry("B", "session")];
    let body = json!({"destination": format!("session:{session}"), "entries": entries});
    owner.call_json::<app::api::import::Imported>("import_values", &body).await.expect("imported");
    runs(&owner, &session).await;
    assert_eq!(site.assigned(&session, ".env"), [pair("A", "v"), pair("B", "v")]);
}

async fn a_session_whose_values_are_there_does_not_wait(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let target = format!("configuration:{configuration}");
    for key in ["A", "B"] {
        owner.save((&target, ".env", key), "organization", "v").await.expect("saved");
    }
    let session = owner.work(&configuration).await.id;
    let waits = |event: &ThreadEvent| matches!(event, ThreadEvent::Waiting { .. });
    assert!(!owner.thread(&session).await.iter().any(|entry| waits(&entry.event)));
}

async fn a_person_has_it_start_anyway_and_no_empty_value_is_written(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let session = waiting(&owner, &configuration).await;
    let target = format!("session:{session}");
    owner.save((&target, ".env", "A"), "organization", "a").await.expect("saved");
    let viewer = site.member(&site.organization().await, "Vi", Role::Viewer).await;
    let id = [("session", session.as_str())];
    assert_eq!(viewer.call::<()>("start_anyway", &id).await.expect_err("a viewer may not").status, 403);

    owner.call::<()>("start_anyway", &id).await.expect("started");
    let view = runs(&owner, &session).await;
    assert_eq!(site.assigned(&session, ".env"), [pair("A", "a")]);
    let file = site.file(&session, ".env").expect("the file");
    assert!(!file.contains('B') && !file.contains("C="), "a missing key is left out, not empty: {file}");
    let receipt = view.receipt.expect("a receipt");
    assert_eq!(receipt.started_anyway.as_deref(), Some("Owner"));
    assert_eq!(receipt.lacking().map(|(_, key)| key.key.to_string()).collect::<Vec<_>>(), ["B"]);
    let told = owner.thread(&session).await;
    let anyway = told.iter().find_map(|entry| match &entry.event {
        ThreadEvent::StartedAnyway { by, missing } => Some((by.clone(), missing.len())),
        _ => None,
    });
    assert_eq!(anyway, Some(("Owner".to_owned(), 1)));
    assert_eq!(owner.call::<()>("start_anyway", &id).await.expect_err("it waits no more").status, 409);
    // From here on it follows changes as any other.
    owner.save((&target, ".env", "B"), "organization", "b").await.expect("saved");
    assert_eq!(site.assigned(&session, ".env"), [pair("A", "a"), pair("B", "b")]);
}

async fn another_policy_lets_every_waiting_session_go_on(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let (one, other) = (waiting(&owner, &configuration).await, waiting(&owner, &configuration).await);
    let fields = [("configuration", configuration.as_str()), ("policy", "warn")];
    let viewer = site.member(&site.organization().await, "Vi", Role::Viewer).await;
    assert_eq!(viewer.call::<()>("set_boot_policy", &fields).await.expect_err("a viewer may not").status, 403);
    set_policy(&owner, &configuration, "warn").await;
    for session in [&one, &other] {
        let view = runs(&owner, session).await;
        assert_eq!(view.receipt.expect("a receipt").lacking().count(), 2);
        let told = owner.thread(session).await;
        let said = |event: &ThreadEvent| matches!(event, ThreadEvent::Policy { policy: BootPolicy::Warn, .. });
        assert_eq!(told.iter().filter(|entry| said(&entry.event)).count(), 1);
    }
    let next = owner.work(&configuration).await;
    assert_eq!(next.boot_policy, BootPolicy::Warn);
}

async fn a_key_that_cannot_be_opened_or_is_in_conflict_is_waited_for_too(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": "shared.env", "keys": [{"key": "A"}]}]}));
    let (configuration, repositories) = site.configuration(&[("web", "web"), ("api", "api")], &spec).await;
    let target = format!("configuration:{configuration}");
    for (repository, value) in repositories.iter().zip(["one", "two"]) {
        let scope = format!("repository:{repository}");
        owner.save((&target, "shared.env", "A"), &scope, value).await.expect("saved");
    }
    assert_eq!(crate::support::status(&owner.environment(&target).await, "shared.env", "A"), Status::Conflict);
    set_policy(&owner, &configuration, "block").await;
    let session = waiting(&owner, &configuration).await;
    owner.delete((&target, "shared.env", "A"), &format!("repository:{}", repositories[0])).await.expect("deleted");
    runs(&owner, &session).await;
    assert_eq!(site.assigned(&session, "shared.env"), [pair("A", "two")]);

    owner.save((&target, "shared.env", "A"), "organization", "for all").await.expect("saved");
    owner.delete((&target, "shared.env", "A"), &format!("repository:{}", repositories[1])).await.expect("deleted");
    // A record of another version does not open.
    crate::support::run_sql(&site.url, "UPDATE secrets SET version = version + 1 WHERE record IS NOT NULL").await;
    assert_eq!(crate::support::status(&owner.environment(&target).await, "shared.env", "A"), Status::Unreadable);
    let session = waiting(&owner, &configuration).await;
    owner.save((&target, "shared.env", "A"), "organization", "anew").await.expect("saved");
    runs(&owner, &session).await;
    assert_eq!(site.assigned(&session, "shared.env"), [pair("A", "anew")]);
}

async fn a_spec_that_needs_less_lets_it_go_on(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let session = waiting(&owner, &configuration).await;
    let agent = site.program(&owner.token(&session, "agent").await);
    let looked = agent.http("GET", "/environment", None).await.expect("the environment");
    assert_eq!((&looked["session"], &looked["receipt"]), (&json!("waiting"), &json!(null)));
    let spec = json!({"files": [{"path": ".env", "keys": [{"key": "C", "required": false}]}]});
    agent.http("PUT", "/env-files", Some(spec)).await.expect("saved");
    runs(&owner, &session).await;
}

async fn an_agent_hears_of_values_only_once_they_are_in_the_files(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let session = waiting(&owner, &configuration).await;
    let target = format!("session:{session}");
    let agent = site.program(&owner.token(&session, "agent").await);
    let ask = json!({"keys": [{"key": "A"}]});
    let asked = agent.http("POST", "/requests", Some(ask)).await.expect("asked");
    owner.save((&target, ".env", "A"), "organization", "a").await.expect("saved");
    let path = format!("/requests/{}", asked["id"].as_str().expect("an id"));
    assert_eq!(agent.http("GET", &path, None).await.expect("the request")["state"], "pending");
    owner.save((&target, ".env", "B"), "organization", "b").await.expect("saved");
    assert_eq!(agent.http("GET", &format!("{path}?wait=60"), None).await.expect("the request")["state"], "answered");
    assert_eq!(site.assigned(&session, ".env"), [pair("A", "a"), pair("B", "b")]);
}

async fn the_receipt_is_told_to_agents_by_both_ways_without_values(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let target = format!("configuration:{configuration}");
    owner.save((&target, ".env", "A"), "organization", "s3cret-value").await.expect("saved");
    let session = waiting(&owner, &configuration).await;
    owner.call::<()>("start_anyway", &[("session", session.as_str())]).await.expect("started");
    runs(&owner, &session).await;
    let agent = site.program(&owner.token(&session, "agent").await);
    let http = agent.http("GET", "/environment", None).await.expect("the environment");
    assert_eq!(http, agent.tool("get_environment", json!({})).await.expect("the same"));
    let receipt = &http["receipt"];
    assert_eq!((&receipt["occasion"], &receipt["written"]), (&json!("boot"), &json!(1)));
    assert_eq!((&receipt["lacking"], &receipt["startedAnyway"]), (&json!(["B"]), &json!("Owner")));
    let expected = json!({"path": ".env", "keys": [
        {"key": "A", "required": true, "status": "set", "source": "organization", "version": 1},
        {"key": "B", "required": true, "status": "missing"},
        {"key": "C", "required": false, "status": "missing"},
    ]});
    assert_eq!(receipt["files"], json!([expected]));
    assert!(!http.to_string().contains("s3cret-value"));
}

async fn a_session_that_is_ended_waits_for_nothing(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let session = waiting(&owner, &configuration).await;
    owner.end(&session).await.expect("ended");
    let target = format!("configuration:{configuration}");
    for key in ["A", "B"] {
        owner.save((&target, ".env", key), "organization", "v").await.expect("saved");
    }
    assert_eq!(owner.session(&session).await.expect("it").state, SessionState::Finished);
    assert_eq!(site.file(&session, ".env"), None);
}

async fn a_waiting_session_survives_a_restart_and_goes_on(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let (one, other) = (waiting(&owner, &configuration).await, waiting(&owner, &configuration).await);
    let target = format!("configuration:{configuration}");
    owner.save((&target, ".env", "A"), "organization", "a").await.expect("saved");
    site.keyslot.finish_work().await;

    let again = Site::start_in(&site.url, &site.folder).await;
    let owner = again.owner().await;
    assert_eq!(owner.session(&one).await.expect("it").state, SessionState::Waiting, "it is not failed");
    // A value that arrives now, by the server that came back.
    owner.save((&target, ".env", "B"), "organization", "b").await.expect("saved");
    runs(&owner, &one).await;
    runs(&owner, &other).await;
    assert_eq!(again.assigned(&one, ".env"), [pair("A", "a"), pair("B", "b")]);
}

async fn what_arrived_while_the_server_was_away_is_found_by_the_keeper(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let session = waiting(&owner, &configuration).await;
    // As another server process that goes away before it told anybody.
    let folder = new_folder();
    let other = Site::start_in(&site.url, folder.path()).await;
    let target = format!("session:{session}");
    let elsewhere = other.owner().await;
    for key in ["A", "B"] {
        elsewhere.save((&target, ".env", key), "organization", "v").await.expect("saved");
    }
    assert!(!other.workspace(&session).exists(), "nothing is made on a disk that has no such sandbox");
    let closing = keeper(&site);
    runs(&owner, &session).await;
    closing.cancel();
}

async fn starting_anyway_and_another_policy_work_from_another_process(site: Site) {
    let owner = site.owner().await;
    let configuration = gated(&site, &owner).await;
    let (one, other) = (waiting(&owner, &configuration).await, waiting(&owner, &configuration).await);
    let folder = new_folder();
    let second = Site::start_in(&site.url, folder.path()).await;
    let elsewhere = Person::new(second.router.clone(), Some(owner.cookie().to_owned()));
    let closing = keeper(&site);
    elsewhere.call::<()>("start_anyway", &[("session", one.as_str())]).await.expect("started");
    let view = runs(&owner, &one).await;
    assert_eq!(view.receipt.expect("a receipt").started_anyway.as_deref(), Some("Owner"));
    assert_eq!(owner.session(&other).await.expect("it").state, SessionState::Waiting);
    set_policy(&elsewhere, &configuration, "warn").await;
    until("the other one runs", || async { owner.session(&other).await.expect("it").state == SessionState::Running })
        .await;
    closing.cancel();
}

crate::on_both!(
    a_session_waits_writes_nothing_and_goes_on_with_the_last_value,
    a_whole_env_file_that_is_imported_lets_it_go_on_too,
    a_session_whose_values_are_there_does_not_wait,
    a_person_has_it_start_anyway_and_no_empty_value_is_written,
    another_policy_lets_every_waiting_session_go_on,
    a_key_that_cannot_be_opened_or_is_in_conflict_is_waited_for_too,
    a_spec_that_needs_less_lets_it_go_on,
    an_agent_hears_of_values_only_once_they_are_in_the_files,
    the_receipt_is_told_to_agents_by_both_ways_without_values,
    a_session_that_is_ended_waits_for_nothing,
    a_waiting_session_survives_a_restart_and_goes_on,
    what_arrived_while_the_server_was_away_is_found_by_the_keeper,
    starting_anyway_and_another_policy_work_from_another_process,
);
