//! A Member, or a Member's agent, reads no value of the organization by naming its key.

use crate::on_both;
use crate::support::{Person, Running, Site, run_sql};
use app::api::secrets::SecretView;
use app::api::sessions::SessionView;
use app::api::snapshots::SnapshotView;
use domain::Environment;
use domain::environment::Status;
use domain::ids::{ConfigurationId, SessionId};
use domain::member::Role;
use domain::snapshot::SnapshotState;
use serde_json::{Value, json};
use server::instance::Instance;
use std::fs;

const SECRET: &str = "sk_live_never_to_be_seen";
const KEY: &str = "STRIPE_SECRET_KEY";

on_both!(
    no_spec_request_import_attachment_or_new_configuration_brings_the_value,
    an_agent_has_no_way_to_release,
    a_snapshot_brings_no_value_back_that_is_held_now,
    a_value_that_was_handed_to_a_sandbox_elsewhere_alone_is_sought_after_its_release_is_withdrawn,
    a_value_of_a_repository_that_was_detached_is_sought_while_the_session_lives,
    a_snapshot_tells_nobody_whether_a_guess_at_a_held_value_is_right,
    every_release_and_every_hand_over_is_logged_without_values,
);

/// A Member's own session of a repository whose files name nothing, beside the organization's secret.
async fn stage(site: &Site) -> (Person, SessionId, ConfigurationId) {
    let fields = [("key", KEY), ("value", SECRET)];
    site.owner().await.call::<Vec<SecretView>>("add_secret", &fields).await.expect("adds");
    let member = site.member(&site.organization().await, "Mallory", Role::Member).await;
    let location = site.repository("mine", &[(".env.example", "PLAIN=1\n")]);
    let session = site.owner().await.connect_untrusted(&location).await.expect("connects");
    let view = member.wait(&session, "the first apply", |view| view.receipt.is_some()).await;
    (member, session, view.configuration)
}

/// The value stands in no file of the session and is handed to no sandbox elsewhere.
async fn stays_shut(site: &Site, member: &Person, session: &SessionId, attack: &str) {
    let files = std::process::Command::new("grep").arg("-rl").arg(SECRET).arg(site.workspace(session)).output();
    assert!(files.expect("grep runs").stdout.is_empty(), "{attack}: it is in a file");
    let program = site.program(&member.token(session, "sandbox").await);
    let given = program.raw("POST", "/api/v1/sandbox/next", &[], json!({"name": "box", "wait": 0}).to_string()).await;
    assert!(given.status.is_success(), "{given:?}");
    assert!(!given.text.contains(SECRET), "{attack}: it was handed over");
    let environment = member.environment(&format!("session:{session}")).await;
    let status = environment.slots().find(|(_, slot)| slot.key.as_str() == KEY).map(|(_, slot)| slot.status);
    assert!(status.is_none_or(|status| !status.is_written()), "{attack}: {status:?}");
}

async fn no_spec_request_import_attachment_or_new_configuration_brings_the_value(site: Site) {
    let (member, session, configuration) = stage(&site).await;
    let agent = site.program(&member.token(&session, "agent").await);
    let spec = json!({"files": [{"path": ".env", "keys": [{"key": KEY}]}]});
    agent.tool("save_env_files", spec).await.expect("saves");
    stays_shut(&site, &member, &session, "a spec by an agent").await;
    let asked = json!({"keys": [{"key": KEY}]});
    agent.http("POST", "/requests", Some(asked)).await.expect("asks");
    stays_shut(&site, &member, &session, "a request by an agent").await;

    let target = format!("session:{session}");
    let typed = member.save((&target, ".env", KEY), "organization", "mine").await;
    assert_eq!(typed.expect_err("refused").status, 403, "a value that would be released with its replacement");
    let import = json!({"destination": target, "entries": [{"key": KEY, "scope": "organization", "value": "mine"}]});
    assert!(member.call_json::<Value>("import_values", &import).await.is_err(), "nor by an import");
    stays_shut(&site, &member, &session, "typing over it").await;

    let rename = [("configuration", configuration.as_str()), ("name", "Trusted")];
    member.call::<Value>("rename_configuration", &rename).await.expect("renames");
    let other = site.repository("other", &[(".env", &format!("{KEY}=\n"))]);
    let attach =
        [("configuration", configuration.as_str()), ("place[location]", other.as_str()), ("place[path]", "other")];
    site.owner().await.call::<Value>("attach_repository", &attach).await.expect("attaches");
    stays_shut(&site, &member, &session, "another repository and name").await;

    let location = site.repository("fresh", &[(".env.example", &format!("{KEY}=\n"))]);
    let fresh = site.owner().await.connect_untrusted(&location).await.expect("connects");
    member.wait(&fresh, "the first apply", |view| view.receipt.is_some()).await;
    stays_shut(&site, &member, &fresh, "a new configuration").await;
    assert_eq!(member.release(&target, &[KEY]).await.expect_err("refused").status, 403);
}

async fn an_agent_has_no_way_to_release(site: Site) {
    let (member, session, _) = stage(&site).await;
    let agent = site.program(&member.token(&session, "agent").await);
    let spec = json!({"files": [{"path": ".env", "keys": [{"key": KEY}]}]});
    agent.tool("save_env_files", spec).await.expect("saves");
    let seen = agent.http("GET", "/environment", None).await.expect("the environment");
    assert_eq!(seen["files"][0]["keys"][0]["status"], "held");
    let release = json!({"target": format!("session:{session}"), "keys": [KEY]});
    assert!(!agent.raw("POST", "/fn/release_values", &[], release.to_string()).await.status.is_success());
    let document: Value =
        serde_json::from_str(&agent.raw("GET", "/api/v1/openapi.json", &[], "").await.text).expect("a document");
    let operations = document["paths"].as_object().expect("operations");
    assert!(operations.len() > 5 && operations.keys().all(|path| !path.contains("release")), "{operations:?}");
    stays_shut(&site, &member, &session, "a call of an agent").await;
}

/// What the newest receipt says of the key.
fn status(view: &SessionView) -> Option<Status> {
    let keys = view.receipt.iter().flat_map(|receipt| &receipt.files).flat_map(|file| &file.keys);
    keys.filter(|one| one.key.as_str() == KEY).map(|one| one.status).next()
}

/// Names the key in a file of the session and lets its configuration use the value, until it is written.
async fn released(site: &Site, member: &Person, session: &SessionId) {
    let agent = site.program(&member.token(session, "agent").await);
    let spec = json!({"files": [{"path": ".env", "keys": [{"key": KEY}]}]});
    agent.tool("save_env_files", spec).await.expect("saves");
    site.owner().await.release(&format!("session:{session}"), &[KEY]).await.expect("releases");
    member.wait(session, "the value in its file", |view| status(view) == Some(Status::Set)).await;
}

async fn withdrawn(site: &Site, member: &Person, session: &SessionId) {
    let fields = [("target", format!("session:{session}")), ("key", KEY.to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    site.owner().await.call::<Environment>("withdraw_release", &fields).await.expect("withdraws");
    member.wait(session, "the file without the value", |view| status(view) == Some(Status::Held)).await;
}

async fn a_snapshot_brings_no_value_back_that_is_held_now(site: Site) {
    let (member, session, configuration) = stage(&site).await;
    released(&site, &member, &session).await;
    let saved = member.snapshot(&session).await;
    assert!(saved.state == SnapshotState::Ready && saved.current, "{saved:?}");
    withdrawn(&site, &member, &session).await;
    // What was copied while it was released is still sought.
    fs::write(site.workspace(&session).join("copy.txt"), SECRET).expect("a copy");
    let blocked = member.snapshot(&session).await;
    assert_eq!(blocked.state, SnapshotState::Blocked, "the session was given the value once: {blocked:?}");
    site.owner().await.finish(&session, true).await.expect("finishes");
    let work = member.work(&configuration).await.id;
    stays_shut(&site, &member, &work, "a snapshot from when it was released").await;
}

async fn a_value_that_was_handed_to_a_sandbox_elsewhere_alone_is_sought_after_its_release_is_withdrawn(site: Site) {
    let (member, session, _) = stage(&site).await;
    let agent = site.program(&member.token(&session, "agent").await);
    let spec = json!({"files": [{"path": ".env", "keys": [{"key": KEY}]}]});
    agent.tool("save_env_files", spec).await.expect("saves");
    let elsewhere = site.program(&member.token(&session, "sandbox").await);
    let take = json!({"name": "box", "wait": 0}).to_string();
    let target = format!("session:{session}");
    // Another server process has the local sandbox, and is gone: nothing is written here.
    let statement = format!("UPDATE sessions SET host = 'another' WHERE id = '{session}'");
    assert_eq!(run_sql(&site.url, &statement).await, 1);
    site.owner().await.release(&target, &[KEY]).await.expect("releases");
    let given = elsewhere.raw("POST", "/api/v1/sandbox/next", &[], take).await;
    assert!(given.text.contains(SECRET), "{given:?}");
    let fields = [("target", target.as_str()), ("key", KEY)];
    site.owner().await.call::<Environment>("withdraw_release", &fields).await.expect("withdraws");
    let host = Instance::load(&site.keyslot.config().data).expect("its id");
    run_sql(&site.url, &statement.replace("another", host.as_str())).await;
    fs::write(site.workspace(&session).join("copy.txt"), SECRET).expect("a copy");
    let blocked = member.snapshot(&session).await;
    assert_eq!(blocked.state, SnapshotState::Blocked, "{blocked:?}");
    // Nor does it help to replace the value meanwhile.
    let replaced = [("key", KEY), ("value", "sk_live_of_another_day")];
    site.owner().await.call::<Value>("replace_secret", &replaced).await.expect("replaces");
    let blocked = member.snapshot(&session).await;
    assert_eq!(blocked.state, SnapshotState::Blocked, "{blocked:?}");
}

async fn a_value_of_a_repository_that_was_detached_is_sought_while_the_session_lives(site: Site) {
    let owner = site.owner().await;
    let session = owner.connected(&site.repository("first", &[(".env.example", "PLAIN=1\n")])).await;
    let (target, configuration) = (format!("session:{}", session.id), session.configuration.clone());
    let other = site.repository("other", &[("api/.env.example", "OWN_SECRET=\n")]);
    let attach =
        [("configuration", configuration.as_str()), ("place[location]", other.as_str()), ("place[path]", "other")];
    owner.call::<Value>("attach_repository", &attach).await.expect("attaches");
    let spec = json!({"files": [{"workspacePath": "other", "path": ".env", "keys": [{"key": "OWN_SECRET"}]}]});
    let agent = site.program(&owner.token(&session.id, "agent").await);
    agent.tool("save_env_files", spec).await.expect("saves");
    let view = owner.session(&session.id).await.expect("the session");
    let repository = view.repositories.iter().find(|one| one.workspace_path.as_str() == "other").expect("attached");
    let scope = format!("repository:{}", repository.id);
    for (value, copy) in [("the-one-of-the-other", "first.txt"), ("the-next-of-the-other", "second.txt")] {
        owner.save((&target, "other/.env", "OWN_SECRET"), &scope, value).await.expect("saves");
        fs::write(site.workspace(&session.id).join(copy), value).expect("a copy");
    }
    agent
        .tool("save_env_files", json!({"files": [{"path": ".env", "keys": [{"key": "PLAIN"}]}]}))
        .await
        .expect("saves");
    let detach = [("configuration", configuration.as_str()), ("repository", repository.id.as_str())];
    owner.call::<Value>("detach_repository", &detach).await.expect("detaches");
    let blocked = owner.snapshot(&session.id).await;
    let places: Vec<_> = blocked.report.findings.iter().map(|one| one.place.as_str()).collect();
    assert_eq!((blocked.state, places), (SnapshotState::Blocked, vec!["first.txt", "second.txt"]), "{blocked:?}");
}

async fn a_snapshot_tells_nobody_whether_a_guess_at_a_held_value_is_right(site: Site) {
    let (member, session, _) = stage(&site).await;
    fs::write(site.workspace(&session).join("guess.txt"), SECRET).expect("a guess");
    let right = member.snapshot(&session).await;
    fs::write(site.workspace(&session).join("guess.txt"), "another guess").expect("a guess");
    let wrong = member.snapshot(&session).await;
    assert_eq!((right.state, &right.report.findings), (SnapshotState::Ready, &Vec::new()), "{right:?}");
    let told = |saved: &SnapshotView| (saved.state, saved.report.searched_keys, saved.report.not_sought.clone());
    assert_eq!(told(&right), told(&wrong));
}

async fn every_release_and_every_hand_over_is_logged_without_values(site: Site) {
    let (member, session, configuration) = stage(&site).await;
    let agent = site.program(&member.token(&session, "agent").await);
    let spec = json!({"files": [{"path": ".env", "keys": [{"key": KEY}]}]});
    agent.tool("save_env_files", spec).await.expect("saves");
    let (token, owner) = (member.token(&session, "sandbox").await, site.owner().await);
    let server = Running::start(&site, "info", &[]).await;
    let take = async |name: &str| {
        let body = json!({"name": name, "wait": 0});
        let head = format!("authorization: Bearer {token}\r\ncontent-type: application/json");
        server.send(&format!("POST /api/v1/sandbox/next HTTP/1.1\r\n{head}\r\n\r\n{body}")).await
    };
    assert!(!take("before").await.contains(SECRET));
    let form = format!("target=session:{session}&keys[0]={KEY}");
    let head = "accept: application/json\r\nsec-fetch-site: same-origin\r\n\
                content-type: application/x-www-form-urlencoded";
    let release = async |cookie: &str| {
        server.send(&format!("POST /fn/release_values HTTP/1.1\r\n{head}\r\ncookie: {cookie}\r\n\r\n{form}")).await
    };
    let refused = release(member.cookie()).await;
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    let answer = release(owner.cookie()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(take("after").await.contains(SECRET), "it is handed over now");

    let log = server.stop().await;
    let (configuration, session) = (format!("configuration={configuration}"), format!("session={session}"));
    let (keys, released) = (format!("keys=\"{KEY}\""), "values of the organization were released");
    let handed = "values were handed to a sandbox elsewhere";
    for line in [
        vec![released, configuration.as_str(), keys.as_str()],
        vec![handed, session.as_str(), configuration.as_str(), "sandbox=before", "of_organization=0"],
        vec![handed, session.as_str(), configuration.as_str(), "sandbox=after", "of_organization=1"],
    ] {
        assert!(log.lines().any(|logged| line.iter().all(|part| logged.contains(part))), "{line:?}: {log}");
    }
    assert_eq!(log.lines().filter(|line| line.contains(released)).count(), 1, "what was refused was no release");
    assert!(!log.contains(SECRET));
}
