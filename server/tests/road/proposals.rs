//! An agent wants to change something for others; people decide, and the agent hears how.

use crate::support::{HOST, Person, Program, Refusal, Site, json_spec, pending, rows_of, status};
use app::api::auto_start::AutoStartCommand;
use app::api::snapshots::SnapshotView;
use app::api::thread::ThreadEvent;
use domain::environment::Status;
use domain::ids::{ConfigurationId, SessionId};
use domain::member::Role;
use domain::proposal::{Proposal, ProposalKind, ProposalState};
use domain::session::SessionState;
use serde_json::{Value, json};

/// A work session of a configuration with one key, and its agent.
async fn work(site: &Site, owner: &Person) -> (ConfigurationId, SessionId, Program) {
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let session = owner.work(&configuration).await.id;
    let agent = site.program(&owner.token(&session, "agent").await);
    (configuration, session, agent)
}

async fn setup(site: &Site, owner: &Person) -> (SessionId, Program) {
    let setup = owner.connected(&site.repository("shop", &[(".env.example", "OLD=\n")])).await.id;
    let agent = site.program(&owner.token(&setup, "agent").await);
    (setup, agent)
}

fn lines(commands: &[&str]) -> Value {
    json!({"commands": commands.iter().map(|command| json!({"command": command})).collect::<Vec<_>>()})
}

async fn stored(person: &Person, configuration: &ConfigurationId) -> Vec<String> {
    let all: Vec<AutoStartCommand> =
        person.call("get_auto_start", &[("configuration", configuration.as_str())]).await.expect("the commands");
    all.into_iter().map(|line| line.command).collect()
}

async fn store(person: &Person, configuration: &ConfigurationId, command: &str) {
    let fields = [
        ("configuration", configuration.as_str()),
        ("commands[0][command]", command),
        ("commands[0][enabled]", "true"),
    ];
    person.call::<Value>("save_auto_start", &fields).await.expect("saved");
}

async fn decline(person: &Person, session: &SessionId, id: &str, reason: &str) -> Result<Vec<Proposal>, Refusal> {
    let fields = [("session", session.as_str()), ("proposal", id), ("reason", reason)];
    person.call("decline_proposal", &fields).await
}

async fn commands_by_an_agent_are_stored_once_a_person_accepts_them_and_it_hears_so(site: Site) {
    let owner = site.owner().await;
    let (configuration, session, agent) = work(&site, &owner).await;
    let asked = agent.http("PUT", "/service-commands", Some(lines(&["npm ci", "npm start"]))).await.expect("taken");
    let id = pending(&asked);
    assert_eq!((&asked["changed"], &asked["commands"]), (&json!(false), &json!([])));
    assert_eq!(asked["proposal"]["url"], format!("http://{HOST}/sessions/{session}#proposal:{id}"));
    assert_eq!(stored(&owner, &configuration).await, [""; 0], "nothing is changed yet");
    let told = owner.thread(&session).await.into_iter().find_map(|entry| match entry.event {
        ThreadEvent::Proposal { proposal, author, about } => Some((proposal.to_string(), author, about)),
        _ => None,
    });
    assert_eq!(told, Some((id.clone(), "Claude".to_owned(), ProposalKind::Commands)));
    let again = agent.tool("save_service_commands", lines(&["npm ci", "npm start"])).await.expect("taken");
    assert_eq!(pending(&again), id, "the same proposal waits already");

    let path = "/proposals/newest?wait=60";
    let (http, mcp) = (agent.http("GET", path, None), agent.tool("get_proposal", json!({"id": id, "waitSeconds": 60})));
    let (http, mcp, accepted) = tokio::join!(http, mcp, owner.accept(&session, &id));
    let (http, mcp) = (http.expect("decided"), mcp.expect("decided"));
    assert_eq!((&http["state"], &http["decidedBy"]), (&json!("accepted"), &json!("Owner")));
    assert_eq!(http, mcp, "both ways in tell the same");
    let [proposal] = &accepted.expect("accepted")[..] else { panic!("one proposal") };
    assert_eq!((proposal.proposed_by.as_str(), proposal.decided_by.as_deref()), ("Claude", Some("Owner")));
    assert_eq!(stored(&owner, &configuration).await, ["npm ci", "npm start"]);

    let same = agent.http("PUT", "/service-commands", Some(lines(&["npm ci", "npm start"]))).await.expect("taken");
    assert!(same["proposal"].is_null() && same["changed"] == false, "what was accepted stands: {same}");
    assert_eq!(owner.proposals(&session).await.len(), 1);
}

async fn an_agent_hears_why_a_person_declines_and_may_propose_something_else(site: Site) {
    let owner = site.owner().await;
    let (configuration, session, agent) = work(&site, &owner).await;
    let id = pending(&agent.tool("save_service_commands", lines(&["npm start"])).await.expect("taken"));
    let waiting = agent.tool("get_proposal", json!({"waitSeconds": 60}));
    let (heard, declined) = tokio::join!(waiting, decline(&owner, &session, &id, " Use pnpm. "));
    let heard = heard.expect("decided");
    assert_eq!(
        (&heard["state"], &heard["decidedBy"], &heard["reason"]),
        (&json!("declined"), &json!("Owner"), &json!("Use pnpm."))
    );
    assert_eq!(declined.expect("declined")[0].state, ProposalState::Declined);
    assert_eq!(owner.accept(&session, &id).await.expect_err("it is closed").status, 409);
    assert_eq!(stored(&owner, &configuration).await, [""; 0]);

    let second = pending(&agent.tool("save_service_commands", lines(&["pnpm i"])).await.expect("taken"));
    let third = pending(&agent.tool("save_service_commands", lines(&["pnpm i", "pnpm dev"])).await.expect("taken"));
    let states: Vec<_> = owner.proposals(&session).await.iter().map(|proposal| proposal.state).collect();
    assert_eq!(states, [ProposalState::Declined, ProposalState::Superseded, ProposalState::Pending]);
    assert_eq!(owner.accept(&session, &second).await.expect_err("it gave way").status, 409);
    // The agent wants what is stored already: nothing is left to decide.
    agent.tool("save_service_commands", lines(&[])).await.expect("taken");
    assert_eq!(agent.tool("get_proposal", json!({"id": third})).await.expect("it")["state"], "superseded");
    let long = decline(&owner, &session, &third, &"x".repeat(1_001)).await.expect_err("too long");
    assert!(long.status == 422 && long.error.to_string().contains("1000"), "{long:?}");
}

async fn a_difference_is_accepted_only_to_the_commands_that_were_looked_at(site: Site) {
    let owner = site.owner().await;
    let (configuration, session, agent) = work(&site, &owner).await;
    let id = pending(&agent.tool("save_service_commands", lines(&["npm start"])).await.expect("taken"));
    store(&owner, &configuration, "make test").await;
    let refused = owner.accept(&session, &id).await.expect_err("others were saved meanwhile");
    assert!(
        refused.status == 409 && refused.error.to_string().contains("Look at what it would change now"),
        "{refused:?}"
    );
    assert_eq!(stored(&owner, &configuration).await, ["make test"], "what a person saved stands");
    let page = owner.get(&format!("/sessions/{session}")).await.text;
    assert!(page.contains("data-line=\"removed\"") && page.contains("data-line=\"added\""), "the card tells both");
    let all = owner.accept(&session, &id).await.expect("looked at");
    assert_eq!((all.len(), all[0].state), (1, ProposalState::Accepted));
    assert_eq!(stored(&owner, &configuration).await, ["npm start"]);
}

async fn of_all_who_decide_at_once_one_does_and_viewers_only_look(site: Site) {
    let owner = site.owner().await;
    let (configuration, session, agent) = work(&site, &owner).await;
    let organization = site.organization().await;
    let viewer = site.member(&organization, "Vi", Role::Viewer).await;
    let ada = site.member(&organization, "Ada", Role::Member).await;
    let eve = site.member(&site.other_organization().await, "Eve", Role::Owner).await;
    let id = pending(&agent.tool("save_service_commands", lines(&["npm start"])).await.expect("taken"));
    let before = rows_of(&site.url).await;
    assert_eq!(viewer.accept(&session, &id).await.expect_err("a viewer may not").status, 403);
    assert_eq!(decline(&viewer, &session, &id, "").await.expect_err("a viewer may not").status, 403);
    assert_eq!(eve.accept(&session, &id).await.expect_err("another organization").status, 404);
    assert_eq!(decline(&eve, &session, &id, "").await.expect_err("another organization").status, 404);
    assert_eq!(rows_of(&site.url).await, before, "nothing was changed");
    let other = owner.work(&configuration).await.id;
    let stranger = site.program(&owner.token(&other, "agent").await);
    let refused = stranger.http("GET", &format!("/proposals/{id}"), None).await.expect_err("another session");
    assert_eq!(refused.status, 404);
    assert_eq!(viewer.proposals(&session).await.len(), 1, "it sees it");
    let path = format!("/sessions/{session}");
    let (page, mine) = (viewer.get(&path).await.text, owner.get(&path).await.text);
    assert!(page.contains("Members accept or decline it.") && !page.contains("/fn/accept_proposal"), "without buttons");
    assert!(mine.contains("/fn/accept_proposal") && mine.contains("/fn/decline_proposal"));
    let (one, other) = tokio::join!(ada.accept(&session, &id), decline(&owner, &session, &id, "no"));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert_eq!(one.err().or(other.err()).map(|refused| refused.status), Some(409));
    let accepted = owner.proposals(&session).await[0].state == ProposalState::Accepted;
    assert_eq!(stored(&owner, &configuration).await.is_empty(), !accepted);
}

async fn an_admin_lets_agents_change_commands_without_asking_which_is_told(site: Site) {
    let owner = site.owner().await;
    let (configuration, session, agent) = work(&site, &owner).await;
    let ada = site.member(&site.organization().await, "Ada", Role::Member).await;
    let fields = |trusted: &'static str| {
        [
            ("configuration", configuration.to_string()),
            ("session", session.to_string()),
            ("trusted", trusted.to_owned()),
        ]
    };
    let trust = |person: Person, trusted: &'static str| {
        let fields = fields(trusted);
        async move {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            person.call::<()>("trust_agent_commands", &fields).await
        }
    };
    let waiting = pending(&agent.tool("save_service_commands", lines(&["npm ci"])).await.expect("taken"));
    assert_eq!(trust(ada, "true").await.expect_err("it takes an admin").status, 403);
    trust(owner.clone(), "true").await.expect("changed");
    assert!(owner.session(&session).await.expect("the session").trust_agent_commands);
    let saved = agent.http("PUT", "/service-commands", Some(lines(&["npm start"]))).await.expect("saved");
    assert!(saved["changed"] == true && saved["proposal"].is_null(), "{saved}");
    assert_eq!(stored(&owner, &configuration).await, ["npm start"]);
    assert_eq!(agent.tool("get_proposal", json!({"id": waiting})).await.expect("it")["state"], "superseded");
    let thread = owner.thread(&session).await;
    let told = |wanted: &dyn Fn(&ThreadEvent) -> bool| thread.iter().any(|entry| wanted(&entry.event));
    assert!(told(&|event| matches!(event, ThreadEvent::AgentCommands { by, trusted: true } if by == "Owner")));
    assert!(told(
        &|event| matches!(event, ThreadEvent::Tool { summary, .. } if summary == "Saved 1 auto-start command")
    ));
    trust(owner.clone(), "false").await.expect("changed");
    pending(&agent.tool("save_service_commands", lines(&["npm ci"])).await.expect("taken"));
    assert_eq!(stored(&owner, &configuration).await, ["npm start"]);
}

async fn files_that_are_no_env_files_by_name_wait_while_the_others_are_saved(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = setup(&site, &owner).await;
    let (target, configuration) =
        (format!("session:{session}"), owner.session(&session).await.expect("the session").configuration);
    let spec = json!({"files": [
        {"path": ".env", "keys": [{"key": "OLD"}, {"key": "NEW"}]},
        {"path": ".npmrc", "mode": "shared", "keys": [{"key": "registry", "default": "https://npm.test"}]}]});
    let bad = json!({"files": [spec["files"][1], {"path": "../x", "keys": []}]});
    assert_eq!(agent.http("PUT", "/env-files", Some(bad)).await.expect_err("refused whole").fields, ["files[1].path"]);
    assert!(owner.proposals(&session).await.is_empty(), "a bad spec proposes nothing");

    let saved = agent.http("PUT", "/env-files", Some(spec.clone())).await.expect("saved");
    let id = pending(&saved);
    let keys =
        |list: &Value| list.as_array().expect("slots").iter().map(|slot| slot["key"].clone()).collect::<Vec<_>>();
    assert_eq!((&saved["changed"], keys(&saved["added"])), (&json!(true), vec![json!("NEW")]));
    let ask = json!({"keys": [{"key": "registry", "file": ".npmrc"}]});
    assert_eq!(agent.http("POST", "/requests", Some(ask)).await.expect_err("no way round").fields, ["keys[0].file"]);
    let places = |environment: &domain::Environment| {
        environment.files.iter().map(|file| file.place.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(places(&owner.environment(&target).await), [".env"]);
    owner.accept(&session, &id).await.expect("accepted");
    let environment = owner.environment(&target).await;
    assert_eq!(places(&environment), [".env", ".npmrc"]);
    assert_eq!(status(&environment, ".npmrc", "registry"), Status::Default);
    let organization = site.organization().await;
    let row = site.keyslot.store().spec(&organization, &configuration).await.unwrap().unwrap();
    assert_eq!(row.saved_by, "Claude, accepted by Owner");

    let again = agent.http("PUT", "/env-files", Some(spec.clone())).await.expect("saved");
    assert!(again["changed"] == false && again["proposal"].is_null(), "it was accepted just so: {again}");
    let mut other = spec.clone();
    other["files"][1]["keys"][0]["default"] = json!("https://evil.test");
    pending(&agent.http("PUT", "/env-files", Some(other)).await.expect("taken"));
    let text = site.file(&session, ".npmrc").expect("the file");
    assert!(text.contains("npm.test") && !text.contains("evil"), "until it is accepted the old one stays: {text}");
    let without = json!({"files": [spec["files"][0]]});
    let saved = agent.http("PUT", "/env-files", Some(without)).await.expect("saved");
    assert!(saved["proposal"].is_null() && keys(&saved["removed"]) == [json!("registry")], "{saved}");
    assert_eq!(owner.proposals(&session).await.last().map(|last| last.state), Some(ProposalState::Superseded));
}

async fn a_snapshot_by_an_agent_becomes_current_once_it_is_accepted(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = setup(&site, &owner).await;
    let done = agent.http("POST", "/snapshots?wait=60", Some(json!({"name": "built"}))).await.expect("saved");
    let id = pending(&done);
    assert_eq!((&done["state"], &done["current"]), (&json!("ready"), &json!(false)));
    let kept = json!({"name": "only kept", "makeCurrent": false, "waitSeconds": 60});
    let kept = agent.tool("save_snapshot", kept).await.expect("saved");
    assert!(kept["state"] == "ready" && kept["proposal"].is_null(), "{kept}");
    let page = owner.get(&format!("/sessions/{session}")).await.text;
    assert!(page.contains("“built”") && page.contains("1 proposal from the agent needs a decision"));
    owner.accept(&session, &id).await.expect("accepted");
    let all: Vec<SnapshotView> = owner.call("get_snapshots", &[("session", session.as_str())]).await.expect("them");
    let current: Vec<_> = all.iter().filter(|one| one.current).map(|one| one.name.as_str()).collect();
    assert_eq!(current, ["built"]);
    let look = json!({"id": done["id"]});
    let looked = agent.tool("get_snapshot", look).await.expect("it");
    assert_eq!((&looked["current"], &looked["proposal"]["state"]), (&json!(true), &json!("accepted")));

    let by_hand = agent.http("POST", "/snapshots?wait=60", Some(json!({"name": "by hand"}))).await.expect("saved");
    let id = pending(&by_hand);
    let fields = [("session", session.as_str()), ("snapshot", by_hand["id"].as_str().expect("an id"))];
    owner.call::<Value>("use_snapshot", &fields).await.expect("chosen");
    let decided = agent.tool("get_proposal", json!({"id": id})).await.expect("it");
    assert_eq!(
        (&decided["state"], &decided["decidedBy"]),
        (&json!("accepted"), &json!("Owner")),
        "nothing is left to ask"
    );
}

async fn a_setup_is_finished_without_values_once_a_person_accepts_that(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = setup(&site, &owner).await;
    let asked = agent.tool("finish_setup", json!({"anyway": true})).await.expect("taken");
    let id = pending(&asked);
    assert_eq!((&asked["finished"], &asked["missing"]), (&json!(false), &json!(["OLD"])));
    assert_eq!(owner.session(&session).await.expect("the session").state, SessionState::Open);
    // What is missing beyond what the card said must be looked at first.
    let more = json!({"files": [{"path": ".env", "keys": [{"key": "OLD"}, {"key": "MORE"}]}]});
    agent.http("PUT", "/env-files", Some(more)).await.expect("saved");
    assert_eq!(owner.accept(&session, &id).await.expect_err("MORE is missing too").status, 409);
    let page = owner.get(&format!("/sessions/{session}")).await.text;
    let (_, card) = page.split_once(&format!("id=\"proposal:{id}\"")).expect("the card");
    let (card, _) = card.split_once("</ul>").expect("what it names");
    assert!(card.contains("<code>MORE"), "the card tells it now: {card}");
    // What else waits ends with the session.
    let other = pending(&agent.tool("save_service_commands", lines(&["true"])).await.expect("taken"));
    let waiting = agent.tool("get_proposal", json!({"id": id, "waitSeconds": 60}));
    let (heard, accepted) = tokio::join!(waiting, owner.accept(&session, &id));
    assert_eq!(heard.expect("it hears it although its access ends")["state"], "accepted");
    let states: Vec<_> = accepted.expect("accepted").iter().map(|one| (one.id.to_string(), one.state)).collect();
    assert_eq!(states, [(id, ProposalState::Accepted), (other, ProposalState::Expired)]);
    let view = owner.session(&session).await.expect("the session");
    assert_eq!((view.state, view.finished_missing), (SessionState::Finished, Some(2)));
    let by = owner.thread(&session).await.into_iter().find_map(|entry| match entry.event {
        ThreadEvent::Finished { by, missing } => Some((by, missing.len())),
        _ => None,
    });
    assert_eq!(by, Some(("Owner (proposed by Claude)".to_owned(), 2)), "both names are recorded");
}

async fn a_proposal_survives_a_restart_and_one_that_cannot_be_carried_out_waits_again(site: Site) {
    let owner = site.owner().await;
    let (session, agent) = setup(&site, &owner).await;
    let done = agent.http("POST", "/snapshots?wait=60", Some(json!({}))).await.expect("saved");
    let id = pending(&done);
    let again = Site::start_in(&site.url, &site.folder).await;
    let owner = Person::new(again.router.clone(), Some(owner.cookie().to_owned()));
    let gone = [("session", session.as_str()), ("snapshot", done["id"].as_str().expect("an id"))];
    owner.call::<Value>("delete_snapshot", &gone).await.expect("deleted");
    assert_eq!(owner.accept(&session, &id).await.expect_err("it is gone").status, 404);
    assert_eq!(owner.proposals(&session).await[0].state, ProposalState::Pending);
    decline(&owner, &session, &id, "").await.expect("declined");
    assert_eq!(owner.proposals(&session).await[0].reason, None);
}

crate::on_both!(
    commands_by_an_agent_are_stored_once_a_person_accepts_them_and_it_hears_so,
    an_agent_hears_why_a_person_declines_and_may_propose_something_else,
    a_difference_is_accepted_only_to_the_commands_that_were_looked_at,
    of_all_who_decide_at_once_one_does_and_viewers_only_look,
    an_admin_lets_agents_change_commands_without_asking_which_is_told,
    files_that_are_no_env_files_by_name_wait_while_the_others_are_saved,
    a_snapshot_by_an_agent_becomes_current_once_it_is_accepted,
    a_setup_is_finished_without_values_once_a_person_accepts_that,
    a_proposal_survives_a_restart_and_one_that_cannot_be_carried_out_waits_again,
);
