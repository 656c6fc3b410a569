//! Which revision a session wants, and which one its sandboxes have.

use crate::support::{Desk, at_once, key, spec_of};
use domain::ids::{OrganizationId, SessionId};
use server::store::{Expected, Reach, SandboxKind, SandboxRow, SessionUpdate};
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
        let within = store.sessions_within(organization, Reach::Value(&scope)).await.unwrap();
        let within: Vec<_> = within.into_iter().map(|(session, _)| session).collect();
        let expected: Vec<_> =
            all.iter().zip(reached).filter(|(_, so)| *so == 1).map(|(id, _)| (*id).clone()).collect();
        assert_eq!(within, expected, "{scope:?}");
    }
    let spec = spec_of(&["A"]);
    let save = async || {
        desk.store.save_spec(&desk.organization, &both, &spec, "Agent", None).await.unwrap();
    };
    assert_eq!(desk.wanted_by(&all, save).await, [1, 0, 0]);
    assert_eq!(desk.wanted_by(&all, save).await, [0, 0, 0], "an identical spec changes nothing");
    let again = async || desk.store.want_again(&desk.organization, &one).await.unwrap();
    assert_eq!(desk.wanted_by(&all, again).await, [1, 0, 0]);
}

async fn changes_at_once_are_all_counted(desk: Desk) {
    let session = desk.session(&desk.configuration("web", &[]).await).await;
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
    every_change_is_wanted_by_those_whose_files_it_may_alter,
    changes_at_once_are_all_counted,
    what_is_acknowledged_never_goes_back,
    a_host_sees_what_is_behind_on_its_own_disk,
    a_sandbox_elsewhere_is_one_by_its_name,
    another_organization_neither_sees_nor_changes_sandboxes,
);
