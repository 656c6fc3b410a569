//! Tests of the hub and of a watcher's stream, in one process.

use super::{Events, Fact, Heard, Topic};
use app::api::live::{Change, OrganizationChange};
use axum::body::BodyDataStream;
use axum::response::IntoResponse;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use futures::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A hub with one organization.
struct Stage {
    events: Events,
    organization: OrganizationId,
    closing: CancellationToken,
}

/// What a browser gets.
struct Listening {
    body: BodyDataStream,
    text: String,
}

/// One event as a browser reads it.
#[derive(Debug, PartialEq, Eq)]
struct Got {
    name: String,
    data: String,
    id: String,
}

impl Listening {
    /// The next event; comments, `retry` and signs of life are skipped.
    async fn next(&mut self) -> Option<Got> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                    line.unwrap_or_default().to_owned()
                };
                let got = Got { name: field("event"), data: field("data"), id: field("id") };
                self.text = rest.to_owned();
                if !got.name.is_empty() && got.name != "beat" {
                    return Some(got);
                }
                continue;
            }
            let chunk = timeout(PATIENCE, self.body.next()).await.expect("something comes")?;
            self.text.push_str(&String::from_utf8_lossy(&chunk.expect("a chunk")));
        }
    }

    async fn hears(&mut self, name: &str) -> Got {
        let got = self.next().await.expect("the stream goes on");
        assert_eq!(got.name, name, "{got:?}");
        got
    }

    async fn hears_of(&mut self, change: Change) -> Got {
        let got = self.hears("change").await;
        assert_eq!(got.data, serde_json::to_string(&change).expect("JSON"));
        got
    }
}

impl Stage {
    fn new() -> Self {
        let closing = CancellationToken::new();
        Self { events: Events::new(closing.clone()), organization: OrganizationId::from("o"), closing }
    }

    fn publish(&self, session: &str, change: Change) {
        self.events.publish(&self.organization, &SessionId::from(session), change);
    }

    fn topic(&self, session: &str) -> Topic {
        Topic::session(&self.organization, &SessionId::from(session))
    }

    fn watch_as(&self, topic: Topic, seen: Option<&str>, allowed: Arc<AtomicBool>) -> Listening {
        let configuration = topic.session.is_some().then(|| ConfigurationId::from("c"));
        let still = Box::new(move || {
            let answer = allowed.load(Ordering::Relaxed);
            Box::pin(async move { answer }) as futures::future::BoxFuture<'static, bool>
        });
        let stream = self.events.watch(topic, configuration, seen).stream(still);
        Listening { body: stream.into_response().into_body().into_data_stream(), text: String::new() }
    }

    fn watch(&self, session: &str, seen: Option<&str>) -> Listening {
        self.watch_as(self.topic(session), seen, Arc::new(AtomicBool::new(true)))
    }

    fn watch_organization(&self) -> Listening {
        let topic = Topic::organization(&self.organization);
        self.watch_as(topic, Some(&self.events.mark()), Arc::new(AtomicBool::new(true)))
    }
}

#[tokio::test]
async fn a_watcher_hears_of_its_own_session_and_ends_with_the_server() {
    let stage = Stage::new();
    let mut mine = stage.watch("a", Some(&stage.events.mark()));
    stage.publish("b", Change::Thread);
    stage.publish("a", Change::Environment);
    let other = OrganizationId::from("p");
    stage.events.publish(&other, &SessionId::from("a"), Change::Request);
    stage.publish("a", Change::Token);
    mine.hears("watching").await;
    mine.hears_of(Change::Environment).await;
    mine.hears_of(Change::Token).await;
    stage.closing.cancel();
    assert_eq!(mine.next().await, None, "an open stream does not hold up a shutdown");
}

#[tokio::test]
async fn who_comes_back_is_told_exactly_what_it_missed() {
    let stage = Stage::new();
    let mut first = stage.watch("a", Some(&stage.events.mark()));
    stage.publish("a", Change::Environment);
    first.hears("watching").await;
    let seen = first.hears_of(Change::Environment).await.id;
    drop(first);
    stage.publish("a", Change::Thread);
    stage.publish("b", Change::Session);
    stage.publish("a", Change::Session);
    let mut again = stage.watch("a", Some(&seen));
    again.hears_of(Change::Thread).await;
    again.hears_of(Change::Session).await;
    let here = again.hears("watching").await.id;
    assert_eq!(here, stage.events.mark(), "and goes on from here");
    stage.publish("a", Change::Delivery);
    again.hears_of(Change::Delivery).await;
    let mut up_to_date = stage.watch("a", Some(&stage.events.mark()));
    up_to_date.hears("watching").await;
}

#[tokio::test]
async fn a_gap_is_told_once_and_then_the_stream_goes_on() {
    let stage = Stage::new();
    let mut first = stage.watch("a", Some(&stage.events.mark()));
    let early = first.hears("watching").await.id;
    for _ in 0..super::hub::BACKLOG + 1 {
        stage.publish("a", Change::Environment);
    }
    let other_start = Events::new(CancellationToken::new()).mark();
    for seen in [None, Some(&*early), Some(&*other_start), Some("nonsense"), Some("-1"), Some("")] {
        let mut late = stage.watch("a", seen);
        let gap = late.hears("resync").await;
        assert_eq!(gap.id, stage.events.mark(), "{seen:?}");
        stage.publish("a", Change::Thread);
        late.hears_of(Change::Thread).await;
    }
    let ahead = stage.events.mark().replace('-', "-9");
    stage.watch("a", Some(&ahead)).hears("resync").await;
}

#[tokio::test]
async fn who_lags_behind_is_told_to_fetch_again_once() {
    let stage = Stage::new();
    let mut slow = stage.watch("a", Some(&stage.events.mark()));
    for _ in 0..super::hub::BACKLOG * 2 {
        stage.publish("a", Change::Environment);
    }
    slow.hears("watching").await;
    slow.hears("resync").await;
    stage.publish("a", Change::Thread);
    slow.hears_of(Change::Thread).await;
}

#[tokio::test]
async fn a_channel_that_was_dropped_gives_no_number_twice() {
    let stage = Stage::new();
    let mut first = stage.watch("a", Some(&stage.events.mark()));
    stage.publish("a", Change::Environment);
    first.hears("watching").await;
    let seen = first.hears_of(Change::Environment).await.id;
    let rows = stage.watch_organization();
    let hub = &stage.events.0;
    let after = |seconds| Instant::now() + Duration::from_secs(seconds);
    drop(first);
    hub.sweep_at(after(60));
    assert_eq!(hub.channel_count(), 2, "for whoever comes back soon");
    hub.sweep_at(after(3_600));
    assert_eq!(hub.channel_count(), 1, "what is watched stays");
    drop(rows);
    hub.sweep_at(after(7_200));
    assert_eq!(hub.channel_count(), 0);
    stage.publish("a", Change::Thread);
    let mut another = stage.watch("a", None);
    another.hears("resync").await;
    stage.publish("a", Change::Thread);
    stage.publish("a", Change::Session);
    stage.watch("a", Some(&seen)).hears("resync").await;
}

#[tokio::test]
async fn a_configuration_s_environment_reaches_all_its_sessions_and_the_list() {
    let stage = Stage::new();
    let mark = stage.events.mark();
    let (mut one, mut other, mut rows) =
        (stage.watch("a", Some(&mark)), stage.watch("b", Some(&mark)), stage.watch_organization());
    for fact in [
        Fact::Environment(ConfigurationId::from("other")),
        Fact::Environment(ConfigurationId::from("c")),
        Fact::Session(SessionId::from("a"), Change::Thread),
        Fact::Configurations,
    ] {
        stage.events.tell(&stage.organization, fact);
    }
    for session in [&mut one, &mut other, &mut rows] {
        session.hears("watching").await;
    }
    one.hears_of(Change::Environment).await;
    one.hears_of(Change::Thread).await;
    other.hears_of(Change::Environment).await;
    let json = serde_json::to_string(&OrganizationChange::Configurations).expect("JSON");
    for what in ["another configuration", "this one", "the list itself"] {
        assert_eq!(rows.hears("change").await.data, json, "{what}");
    }
    stage.closing.cancel();
    assert_eq!(rows.next().await, None, "a thread entry changes no row");
}

#[tokio::test]
async fn who_lost_access_is_shown_out_and_others_stay() {
    let stage = Stage::new();
    let (mine, theirs) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(true)));
    let mut out = stage.watch_as(stage.topic("a"), None, mine.clone());
    let mut stays = stage.watch_as(stage.topic("a"), None, theirs);
    out.hears("resync").await;
    stays.hears("resync").await;
    mine.store(false, Ordering::Relaxed);
    stage.events.tell(&stage.organization, Fact::Access);
    out.hears("signed-out").await;
    assert_eq!(out.next().await, None);
    stage.publish("a", Change::Thread);
    stays.hears_of(Change::Thread).await;
}

#[tokio::test]
async fn parts_of_this_process_hear_everything_and_learn_what_they_may_have_missed() {
    let stage = Stage::new();
    let mut heard = stage.events.subscribe();
    stage.publish("a", Change::Request);
    let fact = Fact::Session(SessionId::from("a"), Change::Request);
    let told = |local| Heard::Told { organization: stage.organization.clone(), fact: fact.clone(), local };
    assert_eq!(heard.recv().await, Ok(told(true)));
    stage.events.deliver(&stage.organization, &fact, false);
    assert_eq!(heard.recv().await, Ok(told(false)));
    let mut watcher = stage.watch("a", Some(&stage.events.mark()));
    stage.events.resync();
    assert_eq!(heard.recv().await, Ok(Heard::Missed));
    watcher.hears("watching").await;
    let gap = watcher.hears("resync").await.id;
    stage.watch("a", Some(&gap)).hears("watching").await;
}
