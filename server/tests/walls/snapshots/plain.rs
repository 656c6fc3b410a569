//! Plain settings: they stop nothing, and only people say what they are.

use super::{PATIENCE, ended, saved, write};
use crate::support::{Person, Refusal, Site, json_spec};
use app::api::auto_start::AutoStartCommand;
use app::api::command_runs::{CommandOutput, CommandRuns};
use app::api::snapshots::SnapshotView;
use domain::Environment;
use domain::ids::SessionId;
use domain::member::Role;
use domain::snapshot::SnapshotState;
use serde_json::json;
use std::time::{Duration, Instant};

const TITLE: &str = "the-shop-of-everybody";

/// A work session with settings and one secret.
async fn session(site: &Site, owner: &Person, commands: &[&str]) -> (SessionId, String) {
    let keys: Vec<_> = ["NODE_ENV", "REGION", "TITLE"].iter().map(|key| json!({"key": key})).collect();
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": keys}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let target = format!("configuration:{configuration}");
    for (key, value) in [("NODE_ENV", "production"), ("REGION", "us-east-1"), ("TITLE", TITLE)] {
        owner.save((&target, ".env", key), "organization", value).await.expect("saved");
    }
    let line = |command: &&str| AutoStartCommand { command: (*command).to_owned(), enabled: true };
    let commands: Vec<_> = commands.iter().map(line).collect();
    let organization = site.organization().await;
    site.keyslot.store().save_auto_start(&organization, &configuration, &commands).await.expect("saved");
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    (session, target)
}

async fn call_plain(who: &Person, target: &str, key: &str, plain: &str) -> Result<Environment, Refusal> {
    who.call("set_plain_key", &[("target", target), ("key", key), ("plain", plain)]).await
}

async fn settings_that_stand_everywhere_stop_no_snapshot(site: Site) {
    let owner = site.owner().await;
    let (session, _) = session(&site, &owner, &[]).await;
    write(&site.workspace(&session), "package.json", r#"{"scripts": {"start": "NODE_ENV=production node ."}}"#);
    write(&site.workspace(&session), "infra/main.tf", "region = \"us-east-1\"\n");
    let done = saved(&owner, &session).await;
    assert_eq!(done.state, SnapshotState::Ready, "{done:?}");
    assert_eq!(done.report.searched_keys, 1);
    let named: Vec<_> = done.report.not_sought.iter().map(ToString::to_string).collect();
    assert_eq!(named, ["NODE_ENV", "REGION"]);
}

async fn a_person_calls_a_key_plain_and_takes_it_back(site: Site) {
    let owner = site.owner().await;
    let (session, target) = session(&site, &owner, &[]).await;
    write(&site.workspace(&session), "index.html", format!("<title>{TITLE}</title>"));
    let blocked = saved(&owner, &session).await;
    assert_eq!(blocked.state, SnapshotState::Blocked, "{blocked:?}");
    let page = owner.get(&format!("/sessions/{session}?tab=snapshots")).await.text;
    assert!(page.contains("This is not a secret") && page.contains("/fn/set_plain_key"), "a finding offers it");

    let organization = site.organization().await;
    let viewer = site.member(&organization, "Vera", Role::Viewer).await;
    assert_eq!(call_plain(&viewer, &target, "TITLE", "true").await.expect_err("refused").status, 403);
    let agent = site.program(&owner.token(&session, "agent").await);
    let form = format!("target={target}&key=TITLE&plain=true");
    let form_type = "application/x-www-form-urlencoded";
    let headers = [("host", "keyslot.localhost:3000"), ("content-type", form_type), ("sec-fetch-site", "same-origin")];
    let refused = agent.raw("POST", "/fn/set_plain_key", &headers, form).await;
    assert!(!refused.status.is_success(), "agents have no word in it: {}", refused.text);
    assert_eq!(call_plain(&site.stranger(), &target, "TITLE", "true").await.expect_err("refused").status, 401);

    assert!(owner.environment(&target).await.plain.is_empty());

    let member = site.member(&organization, "Ada", Role::Member).await;
    let environment = call_plain(&member, &target, "TITLE", "true").await.expect("called plain");
    let marks: Vec<_> = environment.plain.iter().map(|mark| (mark.key.as_str(), mark.by.as_str())).collect();
    assert_eq!(marks, [("TITLE", "Ada")]);
    let page = owner.get(&format!("/sessions/{session}?tab=environment")).await.text;
    assert!(page.contains("Not a secret, according to "), "the row's details tell it");
    let again = [("session", session.as_str()), ("snapshot", blocked.id.as_str())];
    owner.call::<Vec<SnapshotView>>("repeat_snapshot", &again).await.expect("it begins again");
    let done = ended(&owner, &session, blocked.id.as_str()).await;
    assert_eq!(done.state, SnapshotState::Ready, "{done:?}");

    let environment = call_plain(&owner, &target, "TITLE", "false").await.expect("taken back");
    assert!(environment.plain.is_empty());
    assert_eq!(saved(&owner, &session).await.state, SnapshotState::Blocked);
}

/// The first line that a session's command prints.
async fn printed(owner: &Person, session: &SessionId) -> String {
    let since = Instant::now();
    loop {
        let runs: CommandRuns = owner.call("get_command_runs", &[("session", session.as_str())]).await.expect("runs");
        if !runs.runs.is_empty() {
            let fields = [("session", session.as_str()), ("at", "0"), ("after", "0")];
            let output: CommandOutput = owner.call("get_command_output", &fields).await.expect("the output");
            if let Some((line, _)) = output.text.split_once('\n') {
                return line.to_owned();
            }
        }
        assert!(since.elapsed() < PATIENCE, "it prints nothing");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

async fn what_commands_print_keeps_its_plain_settings(site: Site) {
    let owner = site.owner().await;
    let (first, target) = session(&site, &owner, &[&format!("echo in us-east-1 for production: {TITLE}")]).await;
    assert_eq!(printed(&owner, &first).await, "in us-east-1 for production: «secret TITLE»");
    call_plain(&owner, &target, "TITLE", "true").await.expect("called plain");
    let configuration = owner.session(&first).await.expect("the session").configuration;
    let next = owner.work(&configuration).await.id;
    assert_eq!(printed(&owner, &next).await, format!("in us-east-1 for production: {TITLE}"));
}

/// Everything that the session's first command printed, once it holds so many lines.
async fn lines(owner: &Person, session: &SessionId, count: usize) -> Vec<String> {
    let since = Instant::now();
    loop {
        let fields = [("session", session.as_str()), ("at", "0"), ("after", "0")];
        let output: Result<CommandOutput, _> = owner.call("get_command_output", &fields).await;
        let lines: Vec<_> = output.map(|one| one.text.lines().map(str::to_owned).collect()).unwrap_or_default();
        if lines.len() >= count {
            return lines;
        }
        assert!(since.elapsed() < PATIENCE, "it prints too little: {lines:?}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

async fn what_a_running_command_prints_follows_what_people_say_at_once(site: Site) {
    let owner = site.owner().await;
    // Prints the title whenever it is asked to, by a file that a test makes.
    let script =
        format!("n=1; while :; do while ! [ -e $n ]; do sleep 0.02; done; echo $n {TITLE}; n=$((n + 1)); done");
    let (session, target) = session(&site, &owner, &[&script]).await;
    let print = |number: usize| write(&site.workspace(&session), &number.to_string(), "");
    let (masked, shown) = ("«secret TITLE»", TITLE);
    for (number, plain, seen) in [(1, None, masked), (2, Some("true"), shown), (3, Some("false"), masked)] {
        if let Some(plain) = plain {
            call_plain(&owner, &target, "TITLE", plain).await.expect("said");
        }
        print(number);
        let lines = lines(&owner, &session, number).await;
        assert_eq!(lines.last().map(String::as_str), Some(&*format!("{number} {seen}")));
    }
}

crate::on_both!(
    what_a_running_command_prints_follows_what_people_say_at_once,
    a_person_calls_a_key_plain_and_takes_it_back,
    settings_that_stand_everywhere_stop_no_snapshot,
    what_commands_print_keeps_its_plain_settings,
);
