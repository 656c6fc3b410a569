//! Which revision a session wants, and which one its sandboxes have.

use crate::support::{Desk, at_once, key, spec_of};
use domain::ids::{OrganizationId, SessionId};
use domain::request::Ask;
use domain::{EnvSpec, KeyName};
use serde_json::json;
use server::store::{Expected, NewRequest, Reach, SandboxKind, SandboxRow, SessionUpdate};
use std::collections::BTreeSet;
use std::sync::Arc;
use vault::SecretScope;

const HOST: &str = "this server";

impl Desk {
    async fn local(&self, session: &SessionId) -> SandboxRow {
        self.store.local_sandbox(&self.organization, session).await.unwrap().expect("its sandbox")
    }

    /// What each of these sessions wants more than before `change`.
    async fn wanted_by(&self, sessions: &[&SessionId], change: impl AsyncFnOnce()) -> Vec<i64> {
        let mut before = Vec::new();
        for session in sessions {
            before.push(self.local(session).await.wanted_revision);
        }
        change().await;
        let mut more = Vec::new();
        for (session, before) in sessions.iter().zip(before) {
            more.push(self.local(session).await.wanted_revision - before);
        }
        more
    }

    async fn end(&self, session: &SessionId) {
        let over = SessionUpdate { state: "finished", progress: None, error: None, ended: true };
        self.store.set_session_state(&self.organization, session, over).await.unwrap();
    }
}

async fn every_change_is_wanted_by_those_whose_files_it_may_alter(desk: Desk) {
    let (web, api) = (desk.repository("web").await, desk.repository("api").await);
    let (both, alone) = (desk.configuration("both", &[&web, &api]).await, desk.configuration("one", &[&api]).await);
    let (one, two, over) = (desk.session(&both).await, desk.session(&alone).await, desk.session(&both).await);
    desk.end(&over).await;
    let all = [&one, &two, &over];
    let name = key("A");
    for configuration in [&both, &alone] {
        let (spec, store) = (spec_of(&["A"]), &desk.store);
        store.save_spec(&desk.organization, configuration, &spec, "Agent", None).await.unwrap();
    }
    for (scope, reached) in [
        (SecretScope::Organization, [1, 1, 0]),
        (SecretScope::Repository(web), [1, 0, 0]),
        (SecretScope::Repository(api), [1, 1, 0]),
        (SecretScope::Session(two.clone()), [0, 1, 0]),
    ] {
        let saved = desk.wanted_by(&all, async || assert!(desk.put(&scope, &name, "a").await.unwrap() > 0)).await;
        assert_eq!(saved, reached, "{scope:?} saved");
        let (store, organization) = (&desk.store, &desk.organization);
        let delete = async || {
            store.delete_value(organization, &scope, &name, Expected::Any).await.unwrap();
        };
        assert_eq!(desk.wanted_by(&all, delete).await, reached, "{scope:?} deleted");
        assert_eq!(desk.wanted_by(&all, delete).await, [0, 0, 0], "there was nothing to delete");
        let keys = BTreeSet::from([name.clone()]);
        let within = store.sessions_within(organization, Reach::Values(&scope, &keys)).await.unwrap();
        let within: Vec<_> = within.into_iter().map(|(session, _)| session).collect();
        let expected: Vec<_> =
            all.iter().zip(reached).filter(|(_, so)| *so == 1).map(|(id, _)| (*id).clone()).collect();
        assert_eq!(within, expected, "{scope:?}");
    }
    let spec = spec_of(&["B"]);
    let save = async || {
        desk.store.save_spec(&desk.organization, &both, &spec, "Agent", None).await.unwrap();
    };
    assert_eq!(desk.wanted_by(&all, save).await, [1, 0, 0]);
    assert_eq!(desk.wanted_by(&all, save).await, [0, 0, 0], "an identical spec changes nothing");
    let again = async || desk.store.want_again(&desk.organization, &one).await.unwrap();
    assert_eq!(desk.wanted_by(&all, again).await, [1, 0, 0]);
}

async fn a_value_that_no_session_asks_for_is_wanted_by_none(desk: Desk) {
    let web = desk.repository("web").await;
    let configuration = desk.configuration("web", &[&web]).await;
    let spec = spec_of(&["A"]);
    desk.store.save_spec(&desk.organization, &configuration, &spec, "Agent", None).await.unwrap();
    let (quiet, asking) = (desk.session(&configuration).await, desk.session(&configuration).await);
    let other = desk.session(&desk.configuration("other", &[&web]).await).await;
    let (all, elsewhere) = ([&quiet, &asking, &other], key("ELSEWHERE"));
    for scope in [SecretScope::Organization, SecretScope::Repository(web)] {
        let put = async |name: &KeyName| assert!(desk.put(&scope, name, "x").await.unwrap() > 0);
        assert_eq!(desk.wanted_by(&all, async || put(&elsewhere).await).await, [0, 0, 0], "{scope:?}");
        assert_eq!(desk.wanted_by(&all, async || put(&key("A")).await).await, [1, 1, 0], "{scope:?}");
    }
    let ask: Ask = serde_json::from_value(json!({ "keys": [{ "key": "ELSEWHERE" }] })).unwrap();
    let (keys, expires_at) = (ask.checked(&EnvSpec::default()).unwrap(), desk.store.now() + 60_000);
    let new = NewRequest { session: &asking, asked_by: "Agent", message: None, keys, expires_at };
    desk.store.add_request(&desk.organization, new).await.unwrap();
    let put = async || assert!(desk.put(&SecretScope::Organization, &elsewhere, "y").await.unwrap() > 0);
    assert_eq!(desk.wanted_by(&all, put).await, [0, 1, 0], "what a request asks for may be that key");
    let own = SecretScope::Session(quiet.clone());
    let put = async || assert!(desk.put(&own, &elsewhere, "z").await.unwrap() > 0);
    assert_eq!(desk.wanted_by(&all, put).await, [1, 0, 0], "a session's own value is its own");
}

async fn changes_at_once_are_all_counted(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let spec = spec_of(&["KEY_0", "KEY_1", "KEY_2"]);
    desk.store.save_spec(&desk.organization, &configuration, &spec, "Agent", None).await.unwrap();
    let session = desk.session(&configuration).await;
    let before = desk.local(&session).await.wanted_revision;
    let desk = Arc::new(desk);
    let tasks = (0..12).map(|number| {
        let (desk, session) = (desk.clone(), session.clone());
        async move {
            let scope = if number % 2 == 0 { SecretScope::Organization } else { SecretScope::Session(session) };
            desk.put(&scope, &key(&format!("KEY_{}", number % 3)), "x").await.unwrap();
        }
    });
    at_once(tasks).await;
    assert_eq!(desk.local(&session).await.wanted_revision, before + 12);
}

async fn what_is_acknowledged_never_goes_back(desk: Desk) {
    let session = desk.session(&desk.configuration("web", &[]).await).await;
    let (store, organization) = (&desk.store, &desk.organization);
    let id = desk.local(&session).await.id;
    store.fail_sandbox(organization, &id, 1, "no room").await.unwrap();
    store.fail_sandbox(organization, &id, 1, "no room").await.unwrap();
    let failed = desk.local(&session).await;
    assert_eq!((failed.attempts, failed.error.as_deref(), failed.applied_revision), (2, Some("no room"), 0));
    store.acknowledge(organization, &id, 3, "three").await.unwrap();
    store.acknowledge(organization, &id, 2, "two").await.unwrap();
    store.fail_sandbox(organization, &id, 2, "late").await.unwrap();
    let row = desk.local(&session).await;
    assert_eq!((row.applied_revision, row.applied_state.as_deref()), (3, Some("three")));
    assert_eq!((row.attempts, row.error, row.failed_at), (0, None, None));
    store.fail_sandbox(organization, &id, 4, "full").await.unwrap();
    assert_eq!(desk.local(&session).await.applied_state, None, "nobody knows what stands in the files");
}

async fn a_host_sees_what_is_behind_on_its_own_disk(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let (fresh, done, over) =
        (desk.session(&configuration).await, desk.session(&configuration).await, desk.session(&configuration).await);
    for session in [&done, &over] {
        let row = desk.local(session).await;
        desk.store.acknowledge(&desk.organization, &row.id, row.wanted_revision, "x").await.unwrap();
    }
    desk.end(&over).await;
    let behind = async |host: &str| {
        let rows = desk.store.sandboxes_behind(&desk.organization, host).await.unwrap();
        rows.into_iter().map(|row| row.session).collect::<Vec<_>>()
    };
    assert_eq!(behind(HOST).await, [fresh, over.clone()]);
    assert_eq!(behind("another").await, []);
    desk.store.sandbox_scrubbed(&desk.organization, &desk.local(&over).await.id).await.unwrap();
    assert!(!behind(HOST).await.contains(&over), "nothing is left to take out");
}

async fn a_sandbox_elsewhere_is_one_by_its_name(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let ask = async |name: &str| desk.store.remote_sandbox(&desk.organization, &session, name, 2).await.unwrap();
    let laptop = ask("laptop").await.expect("there is room");
    assert_eq!((laptop.kind, laptop.name.as_str(), laptop.applied_revision), (SandboxKind::Remote, "laptop", 0));
    assert!(laptop.last_seen_at.is_some());
    assert_eq!(ask("laptop").await.expect("it is known").id, laptop.id);
    assert!(ask("it's $1 -- \"odd\"").await.is_some());
    assert!(ask("one too many").await.is_none());
    assert!(ask("laptop").await.is_some(), "who is known may come back");
    let rows = desk.store.sandboxes_of(&desk.organization, &configuration).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.kind).collect::<Vec<_>>(), {
        [SandboxKind::Local, SandboxKind::Remote, SandboxKind::Remote]
    });
}

async fn another_organization_neither_sees_nor_changes_sandboxes(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let before = desk.local(&session).await;
    let other = desk.other_organization().await;
    let (store, me): (_, &OrganizationId) = (&other.store, &other.organization);
    assert_eq!(store.local_sandbox(me, &session).await.unwrap(), None);
    assert_eq!(store.sandboxes_of(me, &configuration).await.unwrap(), []);
    assert_eq!(store.sandboxes_behind(me, HOST).await.unwrap(), []);
    assert!(store.remote_sandbox(me, &session, "x", 9).await.is_err());
    store.acknowledge(me, &before.id, 9, "x").await.unwrap();
    store.fail_sandbox(me, &before.id, 9, "x").await.unwrap();
    store.sandbox_scrubbed(me, &before.id).await.unwrap();
    store.want_again(me, &session).await.unwrap();
    other.put(&SecretScope::Organization, &key("A"), "theirs").await.unwrap();
    assert_eq!(desk.local(&session).await, before);
}

crate::on_both!(
    a_value_that_no_session_asks_for_is_wanted_by_none,
    every_change_is_wanted_by_those_whose_files_it_may_alter,
    changes_at_once_are_all_counted,
    what_is_acknowledged_never_goes_back,
    a_host_sees_what_is_behind_on_its_own_disk,
    a_sandbox_elsewhere_is_one_by_its_name,
    another_organization_neither_sees_nor_changes_sandboxes,
);
