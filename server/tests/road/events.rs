//! Everybody who watches hears of every change, in every process, and learns when something may have been missed.

use crate::support::{Event, LISTENERS, Listening, Site, json_spec, on_postgres, on_sqlite, run_sql, until_listening};
use app::api::live::{Change, ORGANIZATION_EVENTS, events_path};
use axum::http::StatusCode;
use domain::ids::{ConfigurationId, SessionId};
use domain::member::Role;
use serde_json::json;
use server::events::{Fact, Heard};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;

const ENVIRONMENT: &str = "\"environment\"";
const THREAD: &str = "\"thread\"";
const ROWS: &str = "\"configurations\"";

/// A configuration with a key `A`, and a work session of it.
async fn session_of(site: &Site) -> (ConfigurationId, SessionId) {
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let session = site.owner().await.work(&configuration).await.id;
    (configuration, session)
}

async fn watch(site: &Site, path: &str) -> Listening {
    Listening::open(site, site.owner().await.cookie(), path, &[]).await.expect("a stream")
}

async fn come_back(site: &Site, path: &str, seen: &str) -> Listening {
    let headers = [("last-event-id", seen)];
    Listening::open(site, site.owner().await.cookie(), path, &headers).await.expect("a stream")
}

fn last_id(heard: &[Event]) -> String {
    heard.last().expect("an event").id.clone()
}

async fn a_change_is_heard_on_the_session_and_on_the_list_and_no_value_is_told(site: Site) {
    let (configuration, session) = session_of(&site).await;
    let (owner, path) = (site.owner().await, events_path(&session));
    let mut page = watch(&site, &path).await;
    let mut list = watch(&site, ORGANIZATION_EVENTS).await;
    assert_eq!(page.next().await.expect("a start").name, "resync");
    assert_eq!(list.next().await.expect("a start").name, "resync");
    // Saved on the repositories page, not in the session.
    let target = format!("configuration:{configuration}");
    owner.save((&target, ".env", "A"), "organization", "canary-value").await.expect("saved");
    let heard = [page.until("change", ENVIRONMENT).await, list.until("change", ROWS).await].concat();
    assert!(!format!("{heard:?}").contains("canary"), "{heard:?}");
    owner.start(&configuration, "work").await.expect("starts");
    list.until("change", ROWS).await;
}

async fn the_page_of_a_session_that_ended_hears_of_values_too(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let setup = owner.start(&configuration, "setup").await.expect("starts");
    owner.wait(&setup, "the setup", |view| view.receipt.is_some()).await;
    owner.finish(&setup, true).await.expect("finishes");
    let mut page = watch(&site, &events_path(&setup)).await;
    assert_eq!(page.next().await.expect("a start").name, "resync");
    owner.save((&format!("configuration:{configuration}"), ".env", "A"), "organization", "v").await.expect("saved");
    page.until("change", ENVIRONMENT).await;
}

async fn who_comes_back_to_the_same_process_gets_what_it_missed(site: Site) {
    let (_, session) = session_of(&site).await;
    let (owner, path) = (site.owner().await, events_path(&session));
    let mut page = watch(&site, &path).await;
    let start = page.next().await.expect("a start");
    drop(page);
    owner.save((&format!("session:{session}"), ".env", "A"), "organization", "v").await.expect("saved");
    for asked in ["header", "address"] {
        let mut again = match asked {
            "header" => come_back(&site, &path, &start.id).await,
            _ => watch(&site, &format!("{path}?since={}", start.id)).await,
        };
        let heard = again.until("watching", "{}").await;
        assert!(heard.iter().all(|event| event.name != "resync"), "{asked}: {heard:?}");
        assert!(heard.iter().any(|event| event.data == ENVIRONMENT), "{asked}: {heard:?}");
        assert_ne!(last_id(&heard), start.id);
    }
}

async fn who_comes_back_after_a_restart_is_told_to_fetch_again(url: String) {
    let folder = crate::support::new_folder();
    let first = Site::start_in(&url, folder.path()).await;
    let (_, session) = session_of(&first).await;
    let path = events_path(&session);
    let seen = watch(&first, &path).await.next().await.expect("a start").id;
    drop(first);
    let second = Site::start_in(&url, folder.path()).await;
    let mut again = come_back(&second, &path, &seen).await;
    assert_eq!(again.next().await.expect("a start").name, "resync");
    second.keyslot.events().publish(&second.organization().await, &session, Change::Thread);
    again.until("change", THREAD).await;
}

async fn only_who_may_see_a_session_watches_it_and_no_page_of_another_site(site: Site) {
    let (_, session) = session_of(&site).await;
    let owner = site.owner().await;
    let other = site.member(&site.other_organization().await, "mallory", Role::Owner).await;
    for path in [events_path(&session), ORGANIZATION_EVENTS.to_owned()] {
        let open = async |cookie: &str, headers: &[(&str, &str)]| {
            Listening::open(&site, cookie, &path, headers).await.err().map(|status| status.as_u16())
        };
        assert_eq!(open("", &[]).await, Some(401), "{path}");
        let stolen = [("origin", "https://evil.test")];
        assert_eq!(open(owner.cookie(), &stolen).await, Some(403), "{path}");
        assert_eq!(open(owner.cookie(), &[("sec-fetch-site", "cross-site")]).await, Some(403), "{path}");
        assert_eq!(open(owner.cookie(), &[("sec-fetch-site", "same-origin")]).await, None, "{path}");
        assert_eq!(open(owner.cookie(), &[("origin", "http://keyslot.localhost:3000")]).await, None, "{path}");
    }
    for session in [session, SessionId::from("none")] {
        let refused = Listening::open(&site, other.cookie(), &events_path(&session), &[]).await.err();
        assert_eq!(refused, Some(StatusCode::NOT_FOUND));
    }
    let mut theirs = Listening::open(&site, other.cookie(), ORGANIZATION_EVENTS, &[]).await.expect("a stream");
    theirs.until("resync", "{}").await;
    site.keyslot.events().tell(&site.organization().await, Fact::Configurations);
    other.post("/sign-out", &[("sec-fetch-site", "same-origin")], &[]).await;
    assert_eq!(theirs.next().await.expect("the end").name, "signed-out", "and nothing of another organization");
}

async fn signing_out_ends_the_streams_of_that_browser_alone(site: Site) {
    let (_, session) = session_of(&site).await;
    let (leaves, stays, path) = (site.owner().await, site.owner().await, events_path(&session));
    let mut gone = Listening::open(&site, leaves.cookie(), &path, &[]).await.expect("a stream");
    let mut kept = Listening::open(&site, stays.cookie(), &path, &[]).await.expect("a stream");
    leaves.post("/sign-out", &[("sec-fetch-site", "same-origin")], &[]).await;
    gone.until("signed-out", "{}").await;
    assert_eq!(gone.next().await, None);
    let headers = [("accept", "text/event-stream")];
    let mut back =
        Listening::open(&site, leaves.cookie(), &path, &headers).await.expect("an answer for an EventSource");
    back.until("signed-out", "{}").await;
    assert_eq!(back.next().await, None);
    site.keyslot.events().publish(&site.organization().await, &session, Change::Thread);
    kept.until("change", THREAD).await;
}

async fn instances_that_start_together_make_one_organization(url: String) {
    let folder = crate::support::new_folder();
    let starts: Vec<_> = (0..6)
        .map(|number| {
            let (url, folder) = (url.clone(), folder.path().join(number.to_string()));
            tokio::spawn(async move { Site::start_in(&url, &folder).await })
        })
        .collect();
    let mut owners = Vec::new();
    for start in starts {
        let site = start.await.expect("it starts");
        let organizations = site.keyslot.store().organizations().await.expect("organizations");
        assert_eq!(organizations.len(), 1);
        let members = site.keyslot.store().members(&organizations[0].id).await.expect("members");
        assert_eq!(members.len(), 1);
        owners.push(members[0].id.clone());
        site.owner().await;
    }
    owners.dedup();
    assert_eq!(owners.len(), 1);
}

/// Two servers of one database, each with a pool and listener of its own.
struct Pair {
    one: Site,
    other: Site,
    session: SessionId,
    configuration: ConfigurationId,
    _folder: tempfile::TempDir,
}

impl Pair {
    async fn start(url: &str) -> Self {
        let folder = crate::support::new_folder();
        let one = Site::start_in(url, folder.path()).await;
        let other = Site::start_in(url, folder.path()).await;
        until_listening(url, 2).await;
        let (configuration, session) = session_of(&one).await;
        Self { one, other, session, configuration, _folder: folder }
    }

    fn publish(&self, from: &Site, organization: &domain::ids::OrganizationId, change: Change) {
        from.keyslot.events().publish(organization, &self.session, change);
    }
}

async fn told_from_elsewhere(heard: &mut Receiver<Heard>, wanted: &Fact) {
    let listen = async {
        loop {
            match heard.recv().await.expect("it goes on") {
                Heard::Told { fact, local: false, .. } if fact == *wanted => return,
                Heard::Told { local: true, .. } => panic!("this process published nothing"),
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), listen).await.expect("heard");
}

async fn two_servers_on_one_database_hear_each_other(url: String) {
    let pair = Pair::start(&url).await;
    let (organization, path) = (pair.one.organization().await, events_path(&pair.session));
    let mut heard = pair.other.keyslot.events().subscribe();
    let mut here = watch(&pair.one, &path).await;
    let mut there = watch(&pair.other, &path).await;
    let mut list = watch(&pair.other, ORGANIZATION_EVENTS).await;
    let owner = pair.one.owner().await;
    owner.save((&format!("session:{}", pair.session), ".env", "A"), "organization", "v").await.expect("saved");
    there.until("change", ENVIRONMENT).await;
    list.until("change", ROWS).await;
    here.until("change", ENVIRONMENT).await;
    told_from_elsewhere(&mut heard, &Fact::Environment(pair.configuration.clone())).await;

    // Back the other way, and each tells its own watchers once.
    pair.publish(&pair.other, &organization, Change::Token);
    here.until("change", "\"token\"").await;
    pair.publish(&pair.one, &organization, Change::Request);
    let heard = there.until("change", "\"request\"").await;
    assert_eq!(heard.iter().filter(|event| event.data == "\"token\"").count(), 1, "{heard:?}");
}

async fn signing_out_at_one_server_ends_the_streams_at_the_other(url: String) {
    let pair = Pair::start(&url).await;
    let leaves = pair.one.owner().await;
    let mut gone = Listening::open(&pair.other, leaves.cookie(), ORGANIZATION_EVENTS, &[]).await.expect("a stream");
    leaves.post("/sign-out", &[("sec-fetch-site", "same-origin")], &[]).await;
    gone.until("signed-out", "{}").await;
}

async fn a_listener_that_was_cut_off_comes_back_and_makes_everybody_fetch_again(url: String) {
    let pair = Pair::start(&url).await;
    let (organization, path) = (pair.one.organization().await, events_path(&pair.session));
    let mut there = watch(&pair.other, &path).await;
    pair.publish(&pair.one, &organization, Change::Thread);
    let seen = last_id(&there.until("change", THREAD).await);

    let cut = run_sql(&url, &format!("SELECT pg_terminate_backend(pid) {LISTENERS}")).await;
    assert_eq!(cut, 2);
    pair.publish(&pair.one, &organization, Change::Delivery);
    there.until("resync", "{}").await;
    let mut away = come_back(&pair.other, &path, &seen).await;
    assert_eq!(away.next().await.expect("a start").name, "resync", "who was away meanwhile learns it too");
    pair.publish(&pair.one, &organization, Change::Token);
    there.until("change", "\"token\"").await;
}

async fn what_is_told_at_the_very_end_is_still_sent(url: String) {
    let pair = Pair::start(&url).await;
    let organization = pair.one.organization().await;
    let mut there = watch(&pair.other, &events_path(&pair.session)).await;
    pair.publish(&pair.one, &organization, Change::Token);
    pair.one.keyslot.finish_work().await;
    pair.one.keyslot.store().close().await;
    there.until("change", "\"token\"").await;
}

crate::on_both!(
    a_change_is_heard_on_the_session_and_on_the_list_and_no_value_is_told,
    the_page_of_a_session_that_ended_hears_of_values_too,
    who_comes_back_to_the_same_process_gets_what_it_missed,
    only_who_may_see_a_session_watches_it_and_no_page_of_another_site,
    signing_out_ends_the_streams_of_that_browser_alone,
);

/// Makes a test of each story `async fn(url)`.
macro_rules! with {
    ($database:ident: $($name:ident = $story:ident),+ $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            $database($story).await;
        })+
    };
}
with!(on_sqlite:
    who_comes_back_after_a_restart_is_told_on_sqlite = who_comes_back_after_a_restart_is_told_to_fetch_again,
    instances_that_start_together_agree_on_sqlite = instances_that_start_together_make_one_organization,
);
with!(on_postgres:
    who_comes_back_after_a_restart_is_told_on_postgres = who_comes_back_after_a_restart_is_told_to_fetch_again,
    instances_that_start_together_agree_on_postgres = instances_that_start_together_make_one_organization,
    servers_hear_each_other = two_servers_on_one_database_hear_each_other,
    signing_out_reaches_every_server = signing_out_at_one_server_ends_the_streams_at_the_other,
    a_lost_listener_heals = a_listener_that_was_cut_off_comes_back_and_makes_everybody_fetch_again,
    nothing_is_lost_at_the_end = what_is_told_at_the_very_end_is_still_sent,
);
