//! Pushing facts about changes to whoever watches a session.

use app::api::live::Change;
use app::domain::ids::{OrganizationId, SessionId};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt, stream};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_util::sync::CancellationToken;

/// How many events a slow watcher may lag behind before it is told to fetch everything again.
const BACKLOG: usize = 256;

/// Carries changes from those who make them to those who watch, within this process.
#[derive(Clone)]
pub struct Events {
    heard: broadcast::Sender<Heard>,
    sessions: Arc<Mutex<HashMap<SessionId, Channel>>>,
    closing: CancellationToken,
}

/// A change, for other parts of the server.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Whose.
    pub organization: OrganizationId,
    /// Which session.
    pub session: SessionId,
    /// What.
    pub change: Change,
}

#[derive(Clone)]
struct Channel {
    sender: broadcast::Sender<(u64, Change)>,
    last: u64,
}

impl Events {
    /// Events that end when `closing` is cancelled, so that open streams do not hold up a shutdown.
    pub fn new(closing: CancellationToken) -> Self {
        Self { heard: broadcast::channel(BACKLOG).0, sessions: Arc::default(), closing }
    }

    /// Tells whoever watches the session. Cheap when nobody does.
    pub fn publish(&self, organization: &OrganizationId, session: &SessionId, change: Change) {
        let _ = self.heard.send(Heard { organization: organization.clone(), session: session.clone(), change });
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = sessions.get_mut(session) {
            channel.last += 1;
            // Fails only when the last watcher is gone; then the channel is of no more use.
            if channel.sender.send((channel.last, change)).is_err() {
                sessions.remove(session);
            }
        }
    }

    /// Every change, for other parts of the server.
    pub fn subscribe(&self) -> broadcast::Receiver<Heard> {
        self.heard.subscribe()
    }

    /// The stream of one watcher. `seen` is the last event id that the watcher got before the connection broke.
    pub fn watch(
        &self,
        session: &SessionId,
        seen: Option<u64>,
    ) -> Sse<impl Stream<Item = Result<Event, Infallible>> + Send + 'static> {
        let (receiver, last) = {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = || Channel { sender: broadcast::channel(BACKLOG).0, last: 0 };
            let channel = sessions.entry(session.clone()).or_insert_with(fresh);
            (channel.sender.subscribe(), channel.last)
        };
        // Whoever comes back may have missed something; who comes for the first time has just fetched the page.
        let opening =
            if seen.is_some_and(|seen| seen != last) { resync() } else { Event::default().comment("watching") };
        let changes = BroadcastStream::new(receiver).map(|item| match item {
            Ok((id, change)) => change_event(id, change),
            Err(BroadcastStreamRecvError::Lagged(_)) => resync(),
        });
        let events = stream::once(async { opening }).chain(changes).map(Ok);
        let until = self.closing.clone().cancelled_owned();
        Sse::new(events.take_until(until)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
    }
}

fn change_event(id: u64, change: Change) -> Event {
    let data = match change {
        Change::Environment => "\"environment\"",
        Change::Thread => "\"thread\"",
        Change::Session => "\"session\"",
        Change::Request => "\"request\"",
        Change::Delivery => "\"delivery\"",
        Change::Token => "\"token\"",
    };
    Event::default().event("change").id(id.to_string()).data(data)
}

fn resync() -> Event {
    Event::default().event("resync").data("{}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::BodyDataStream;
    use axum::response::IntoResponse;

    #[test]
    fn the_data_of_a_change_is_its_json() {
        for change in [Change::Environment, Change::Thread, Change::Session] {
            let json = serde_json::to_string(&change).expect("it serializes");
            assert!(format!("{:?}", change_event(1, change)).contains(&json.replace('"', "\\\"")), "{change:?}");
        }
    }

    /// What arrives until `text` is among it.
    async fn heard(body: &mut BodyDataStream, text: &str) -> String {
        let mut heard = String::new();
        while !heard.contains(text) {
            let chunk = body.next().await.expect("the stream goes on").expect("a chunk");
            heard.push_str(&String::from_utf8_lossy(&chunk));
        }
        heard
    }

    #[tokio::test]
    async fn a_watcher_hears_of_its_own_session_and_ends_with_the_server() {
        let closing = CancellationToken::new();
        let events = Events::new(closing.clone());
        let (mine, other) = (SessionId::from("a"), SessionId::from("b"));
        let mut body = events.watch(&mine, None).into_response().into_body().into_data_stream();
        let organization = OrganizationId::from("o");
        events.publish(&organization, &other, Change::Thread);
        events.publish(&organization, &mine, Change::Environment);
        let text = heard(&mut body, "data: \"environment\"").await;
        assert!(text.contains("event: change") && !text.contains("thread"), "{text}");
        closing.cancel();
        assert!(body.next().await.is_none(), "an open stream does not hold up a shutdown");
    }

    #[tokio::test]
    async fn who_comes_back_after_a_gap_is_told_to_fetch_again() {
        let events = Events::new(CancellationToken::new());
        let mut body = events.watch(&SessionId::from("a"), Some(7)).into_response().into_body().into_data_stream();
        heard(&mut body, "event: resync").await;
    }
}
