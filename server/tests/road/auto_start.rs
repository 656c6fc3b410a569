//! Auto-start commands at work: their order, their environment, their output without values, and their end.

use crate::support::{Person, Refusal, Site, json_spec, new_folder, rows_of, until};
use app::api::auto_start::AutoStartCommand;
use app::api::command_runs::{CommandOutput, CommandPlace, CommandRuns, CommandState};
use app::api::thread::ThreadEvent;
use domain::ids::{ConfigurationId, SessionId};
use domain::member::Role;
use serde_json::json;
use std::path::Path;

const SECRET: &str = "postgres://shop:s3cret-of-a-person@db/shop";

/// A configuration with one key that has a value, and these commands; a line that begins with `-` is not enabled.
async fn shop(site: &Site, owner: &Person, commands: &[&str]) -> ConfigurationId {
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}, {"key": "B"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    owner.save((&format!("configuration:{configuration}"), ".env", "A"), "organization", SECRET).await.expect("saved");
    store(owner, &configuration, commands).await.expect("saved");
    configuration
}

async fn store(owner: &Person, of: &ConfigurationId, commands: &[&str]) -> Result<Vec<AutoStartCommand>, Refusal> {
    let mut fields = vec![("configuration".to_owned(), of.to_string())];
    for (at, command) in commands.iter().enumerate() {
        fields.push((format!("commands[{at}][command]"), command.trim_start_matches('-').to_owned()));
        if !command.starts_with('-') {
            fields.push((format!("commands[{at}][enabled]"), "true".to_owned()));
        }
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    owner.call("save_auto_start", &fields).await
}

async fn runs(person: &Person, session: &SessionId) -> CommandRuns {
    person.call("get_command_runs", &[("session", session.as_str())]).await.expect("the commands")
}

/// Waits until the commands stand so.
async fn stand(person: &Person, session: &SessionId, wanted: &[&str]) {
    until(&format!("commands that are {wanted:?}"), || async {
        runs(person, session).await.runs.iter().map(|run| word(run.state)).collect::<Vec<_>>() == wanted
    })
    .await;
}

fn word(state: CommandState) -> &'static str {
    match state {
        CommandState::Waiting => "waiting",
        CommandState::Running { .. } => "running",
        CommandState::Exited { .. } => "exited",
        CommandState::Failed { .. } => "failed",
        CommandState::Stopped { .. } => "stopped",
    }
}

async fn output(person: &Person, session: &SessionId, at: usize) -> String {
    let at = at.to_string();
    let fields = [("session", session.as_str()), ("at", &at), ("after", "0")];
    person.call::<CommandOutput>("get_command_output", &fields).await.expect("the output").text
}

async fn act(person: &Person, what: &str, session: &SessionId, at: usize) -> Result<CommandRuns, Refusal> {
    person.call(what, &[("session", session.as_str()), ("at", &at.to_string())]).await
}

/// Starts a process in the background and writes down a word that it is called with: behind the wall its number is
/// another one.
const CHILD: &str = "w=child-$(cat /proc/sys/kernel/random/uuid); sh -c 'sleep 300; :' $w & echo $w > child";

/// Whether a process that was called with this word is there.
fn lives(word: &str) -> bool {
    let called = |process: std::fs::DirEntry| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(word.trim())
    };
    !word.is_empty() && std::fs::read_dir("/proc").expect("processes").flatten().any(called)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

async fn commands_run_in_order_after_the_files_are_written_with_a_clean_environment(site: Site) {
    let owner = site.owner().await;
    let commands = [
        "grep -c '^A=' .env && . ./.env && test -n \"$A\" && echo sourced",
        "-echo disabled",
        "env | sed 's/=.*//' | sort | tr '\\n' ' '",
        "echo one >> order; cat order",
        "tr '\\0' ' ' < /proc/self/cmdline; pwd",
    ];
    let configuration = shop(&site, &owner, &commands).await;
    let session = owner.work(&configuration).await.id;
    stand(&owner, &session, &["exited"; 4]).await;
    assert_eq!(output(&owner, &session, 0).await, "1\nsourced\n", "the env file was there before");
    let names = output(&owner, &session, 1).await;
    let allowed = ["HOME", "LANG", "LC_ALL", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHLVL", "TMPDIR", "TZ", "USER", "_"];
    let others: Vec<&str> = names.split_whitespace().filter(|name| !allowed.contains(name)).collect();
    assert!(others.is_empty(), "neither Keyslot's nor anybody's values: {others:?}");
    assert_eq!(output(&owner, &session, 2).await, "one\n");
    assert!(output(&owner, &session, 3).await.ends_with("/workspace\n"), "one place for every session");
    let all = runs(&owner, &session).await;
    assert_eq!((all.place, all.runs.len()), (CommandPlace::Here, 4));
    // A setup runs none.
    let setup = owner.start(&configuration, "setup").await.expect("starts");
    owner.wait(&setup, "the setup", |view| view.receipt.is_some()).await;
    assert_eq!(runs(&owner, &setup).await, CommandRuns::default());
    site.keyslot.finish_work().await;
}

async fn a_service_stays_up_while_the_rest_runs_and_a_failure_stops_the_row_in_words(site: Site) {
    let owner = site.owner().await;
    let configuration = shop(&site, &owner, &["echo up; sleep 300", "exit 7", "echo never", "echo never"]).await;
    let session = owner.work(&configuration).await.id;
    stand(&owner, &session, &["running", "failed", "waiting", "waiting"]).await;
    let state = runs(&owner, &session).await.runs[1].state;
    assert!(matches!(state, CommandState::Failed { status: Some(7), signal: None, .. }), "{state:?}");
    let said = "Auto-start command 2 failed with status 7. The 2 after it were not started.";
    let fails = |event: &ThreadEvent| matches!(event, ThreadEvent::Failure { text } if text == said).then_some(());
    owner.hears(&session, "the failure", fails).await;
    until("it printed", || async { output(&owner, &session, 0).await == "up\n" }).await;
    let page = owner.get(&format!("/sessions/{session}?tab=auto-start")).await.text;
    assert!(page.contains("Failed with status 7") && page.contains("Not started") && page.contains(">up\n"));
    site.keyslot.finish_work().await;
}

async fn commands_are_stopped_and_started_again_with_all_they_started(site: Site) {
    let owner = site.owner().await;
    let service = format!("{CHILD}; echo start >> starts; sleep 300");
    let configuration = shop(&site, &owner, &[&service, "test -e there", "echo last"]).await;
    let session = owner.work(&configuration).await.id;
    let workspace = site.workspace(&session);
    stand(&owner, &session, &["running", "failed", "waiting"]).await;
    let child = read(&workspace.join("child"));
    assert!(lives(&child));
    let viewer = site.member(&site.organization().await, "Vi", Role::Viewer).await;
    assert_eq!(act(&viewer, "stop_command", &session, 0).await.expect_err("a viewer may not").status, 403);
    assert_eq!(act(&owner, "stop_command", &session, 9).await.expect_err("there is none").status, 404);

    let stopped = act(&owner, "stop_command", &session, 0).await.expect("stopped");
    assert_eq!(word(stopped.runs[0].state), "stopped");
    assert!(!lives(&child), "its child is gone with it");
    act(&owner, "restart_command", &session, 0).await.expect("started");
    until("it runs again", || async { read(&workspace.join("starts")).lines().count() == 2 }).await;
    stand(&owner, &session, &["running", "failed", "waiting"]).await;

    // The one that failed, and the rest of the row.
    std::fs::write(workspace.join("there"), "").expect("a file");
    act(&owner, "restart_command", &session, 1).await.expect("started");
    stand(&owner, &session, &["running", "exited", "exited"]).await;

    // All of what is stored now.
    let child = read(&workspace.join("child"));
    store(&owner, &configuration, &["echo other"]).await.expect("saved");
    assert_eq!(runs(&owner, &session).await.runs.len(), 3, "what runs goes on as it is");
    owner.call::<CommandRuns>("restart_commands", &[("session", session.as_str())]).await.expect("started");
    stand(&owner, &session, &["exited"]).await;
    assert!(!lives(&child));
    store(&owner, &configuration, &[]).await.expect("saved");
    let none = owner.call::<CommandRuns>("restart_commands", &[("session", session.as_str())]).await;
    assert_eq!(none.expect_err("there is none").status, 409);
    site.keyslot.finish_work().await;
}

async fn nothing_outlives_the_session_the_server_or_its_crash(site: Site) {
    let owner = site.owner().await;
    let service = format!("trap '' HUP; {CHILD}; sleep 300");
    let configuration = shop(&site, &owner, &[&service]).await;
    let started = || async {
        let session = owner.work(&configuration).await.id;
        let file = site.workspace(&session).join("child");
        until("it runs", || async { read(&file).ends_with('\n') }).await;
        (session, read(&file))
    };
    let ledger = || std::fs::read_dir(site.folder.join("data/commands")).expect("the ledger").count();
    let (session, child) = started().await;
    owner.end(&session).await.expect("ended");
    assert!(!lives(&child), "ended with the session");
    assert!(site.file(&session, ".env").is_none(), "and the values are gone after that");
    assert_eq!(runs(&owner, &session).await.place, CommandPlace::Nowhere);

    let (session, child) = started().await;
    assert_eq!(ledger(), 1);
    // A server that starts while they run can only be one after a crash.
    let again = Site::start_in(&site.url, &site.folder).await;
    assert!(!lives(&child), "ended by the next start");
    assert_eq!(ledger(), 0);
    let owner = again.owner().await;
    assert_eq!(runs(&owner, &session).await.place, CommandPlace::Idle);
    let page = owner.get(&format!("/sessions/{session}?tab=auto-start")).await.text;
    assert!(page.contains("None of the commands runs in this session at the moment."));
    owner.call::<CommandRuns>("restart_commands", &[("session", session.as_str())]).await.expect("started");
    stand(&owner, &session, &["running"]).await;
    let file = again.workspace(&session).join("child");
    until("it runs anew", || async { read(&file) != child && lives(&read(&file)) }).await;
    let child = read(&file);
    again.keyslot.finish_work().await;
    assert!(!lives(&child), "ended with the server");
    site.keyslot.finish_work().await;
}

async fn what_commands_print_is_without_values_also_of_later_ones(site: Site) {
    let owner = site.owner().await;
    let printer = "cat .env; base64 .env; while ! grep -q '^B=' .env; do sleep 0.05; done; cat .env; base64 -w0 .env; \
                   echo; echo the end; exec sleep 300";
    let configuration = shop(&site, &owner, &[printer]).await;
    let session = owner.work(&configuration).await.id;
    stand(&owner, &session, &["running"]).await;
    until("the first half", || async { output(&owner, &session, 0).await.contains("«secret A»") }).await;
    let target = format!("session:{session}");
    let later = "another s3cret that came later";
    owner.save((&target, ".env", "B"), "session", later).await.expect("saved");
    until("the second half", || async { output(&owner, &session, 0).await.contains("«secret B»") }).await;
    until("all of it", || async { output(&owner, &session, 0).await.ends_with("the end\n") }).await;
    let text = output(&owner, &session, 0).await;
    let page = owner.get(&format!("/sessions/{session}?tab=auto-start")).await.text;
    let rows = rows_of(&site.url).await.join("\n");
    // As it is, and in base64 wherever it begins.
    for shape in ["s3cret", "czNjcmV0", "MzY3JldA", "zM2NyZX", "M2NyZX"] {
        for (place, seen) in [("output", &text), ("page", &page), ("database", &rows)] {
            let solid: String = seen.split_whitespace().collect();
            assert!(!solid.contains(shape), "{shape} in the {place}: {seen}");
        }
    }
    assert!(text.contains("A='«secret A»'") || text.contains("A=«secret A»"), "{text}");
    site.keyslot.finish_work().await;
}

async fn whoever_watches_hears_that_commands_changed_and_another_process_says_where_they_run(site: Site) {
    let owner = site.owner().await;
    let configuration =
        shop(&site, &owner, &["while ! test -e there; do sleep 0.05; done; echo done; sleep 300"]).await;
    let session = owner.work(&configuration).await.id;
    stand(&owner, &session, &["running"]).await;
    let mut listening =
        crate::support::Listening::open(&site, owner.cookie(), &format!("/events/sessions/{session}"), &[])
            .await
            .expect("a stream");
    std::fs::write(site.workspace(&session).join("there"), "").expect("a file");
    listening.until("change", "\"command\"").await;
    until("it printed", || async { output(&owner, &session, 0).await == "done\n" }).await;

    let folder = new_folder();
    let other = Site::start_in(&site.url, folder.path()).await;
    let elsewhere = Person::new(other.router.clone(), Some(owner.cookie().to_owned()));
    assert_eq!(runs(&elsewhere, &session).await, CommandRuns { place: CommandPlace::Elsewhere, ..Default::default() });
    let refused = act(&elsewhere, "stop_command", &session, 0).await.expect_err("it runs elsewhere");
    assert!(refused.status == 409 && refused.error.to_string().contains("another server process"), "{refused:?}");
    let page = elsewhere.get(&format!("/sessions/{session}?tab=auto-start")).await.text;
    assert!(page.contains("run in another server process"));
    site.keyslot.finish_work().await;
}

async fn agents_save_and_see_commands_by_both_ways(site: Site) {
    let owner = site.owner().await;
    let configuration = shop(&site, &owner, &[]).await;
    let session = owner.work(&configuration).await.id;
    let agent = site.program(&owner.token(&session, "agent").await);
    let ask = json!({"commands": [{"command": " npm ci "}, {"command": "npm run dev", "enabled": false}]});
    let proposed = agent.http("PUT", "/service-commands", Some(ask.clone())).await.expect("proposed");
    assert_eq!((&proposed["commands"], &proposed["changed"]), (&json!([]), &json!(false)));
    owner.accept_pending(&session, &proposed).await;
    let saved = agent.http("PUT", "/service-commands", Some(ask.clone())).await.expect("saved");
    let stored = json!([{"command": "npm ci", "enabled": true}, {"command": "npm run dev", "enabled": false}]);
    assert_eq!((&saved["commands"], &saved["changed"], &saved["running"]), (&stored, &json!(false), &json!([])));
    let again = agent.tool("save_service_commands", ask).await.expect("saved");
    assert_eq!((&again["commands"], &again["changed"]), (&stored, &json!(false)));
    let shown: Vec<AutoStartCommand> =
        owner.call("get_auto_start", &[("configuration", configuration.as_str())]).await.expect("the commands");
    assert_eq!(shown.iter().map(|line| line.command.as_str()).collect::<Vec<_>>(), ["npm ci", "npm run dev"]);
    let told = owner.thread(&session).await;
    let row = told.iter().find_map(|entry| match &entry.event {
        ThreadEvent::Tool { name, summary, details } if name == "save_service_commands" => {
            Some((summary.clone(), details.clone()))
        }
        _ => None,
    });
    let details = vec!["npm ci".to_owned(), "npm run dev (not enabled)".to_owned()];
    assert_eq!(row, Some(("Nothing changed: the auto-start commands stand".to_owned(), details)));

    let long = json!({"commands": [{"command": "x"}, {"command": "x".repeat(4_001)}]});
    let refused = agent.http("PUT", "/service-commands", Some(long.clone())).await.expect_err("too long");
    assert_eq!((refused.status, refused.fields), (422, vec!["commands[1].command".to_owned()]));
    assert_eq!(agent.tool("save_service_commands", long).await.expect_err("too")["status"], 422);
    let wrong = agent.http("PUT", "/service-commands", Some(json!({"commands": [{"run": "x"}]}))).await;
    assert_eq!(wrong.expect_err("no such field").status, 422);
    let looked = agent.http("GET", "/service-commands", None).await.expect("the commands");
    assert_eq!((&looked["commands"], &looked["changed"]), (&stored, &json!(false)), "a refused list changes nothing");

    let ask = json!({"commands": [{"command": "exit 4"}]});
    let proposed = agent.tool("save_service_commands", ask).await.expect("proposed");
    owner.accept_pending(&session, &proposed).await;
    owner.call::<CommandRuns>("restart_commands", &[("session", session.as_str())]).await.expect("started");
    stand(&owner, &session, &["failed"]).await;
    let looked = agent.tool("get_service_commands", json!({})).await.expect("the commands");
    let running = &looked["running"][0];
    assert_eq!(
        (&running["command"], &running["state"], &running["status"]),
        (&json!("exit 4"), &json!("failed"), &json!(4))
    );
}

async fn plain_forms_rearrange_the_list_and_come_back(site: Site) {
    let owner = site.owner().await;
    let configuration = shop(&site, &owner, &["one", "-two", "three"]).await;
    let rearranged = |act: &'static str| {
        let (owner, configuration) = (owner.clone(), configuration.to_string());
        async move {
            let fields = [
                ("configuration", configuration.as_str()),
                ("commands[0][command]", "one"),
                ("commands[0][enabled]", "true"),
                ("commands[1][command]", "two"),
                ("commands[2][command]", "three"),
                ("commands[2][enabled]", "true"),
                ("act", act),
            ];
            let stored: Vec<AutoStartCommand> = owner.call("save_auto_start", &fields).await.expect("saved");
            stored
                .iter()
                .map(|line| format!("{}{}", line.command, if line.enabled { "" } else { " off" }))
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(rearranged("up:2").await, ["one", "three", "two off"]);
    assert_eq!(rearranged("down:0").await, ["two off", "one", "three"]);
    assert_eq!(rearranged("remove:0").await, ["two off", "three"]);
}

crate::on_both!(
    commands_run_in_order_after_the_files_are_written_with_a_clean_environment,
    a_service_stays_up_while_the_rest_runs_and_a_failure_stops_the_row_in_words,
    commands_are_stopped_and_started_again_with_all_they_started,
    nothing_outlives_the_session_the_server_or_its_crash,
    what_commands_print_is_without_values_also_of_later_ones,
    whoever_watches_hears_that_commands_changed_and_another_process_says_where_they_run,
    agents_save_and_see_commands_by_both_ways,
    plain_forms_rearrange_the_list_and_come_back,
);
