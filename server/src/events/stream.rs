//! One watcher, and its stream of server-sent events.

use super::Events;
use super::hub::Joined;
use app::api::live::{Change, OrganizationChange};
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use futures::future::BoxFuture;
use futures::{Stream, StreamExt, stream};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// Proxies cut connections on which nothing happens, and a browser cannot tell a dead one from a silent one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often it is looked whether the watcher still may watch.
const ASK_EVERY: Duration = Duration::from_secs(60);
/// How long a browser waits before it comes back after a drop.
const COME_BACK_AFTER: Duration = Duration::from_secs(1);

/// What can be watched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Topic {
    /// Whose it is.
    pub organization: OrganizationId,
    /// One session, or what concerns the organization as a whole.
    pub session: Option<SessionId>,
}

impl Topic {
    /// One session.
    pub fn session(organization: &OrganizationId, session: &SessionId) -> Self {
        Self { organization: organization.clone(), session: Some(session.clone()) }
    }

    /// What concerns the organization as a whole: see [`OrganizationChange`].
    pub fn organization(organization: &OrganizationId) -> Self {
        Self { organization: organization.clone(), session: None }
    }
}

/// News of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    Session(Change),
    Organization(OrganizationChange),
}

/// What passes through a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// The news with this number.
    News(u64, News),
    /// News up to this number may have been missed.
    Resync(u64),
    /// Whoever watches must prove anew that they may.
    Access,
}

/// Asks whether whoever watches still may.
pub type StillAllowed = Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// One watcher of a topic.
pub struct Watcher {
    events: Events,
    topic: Topic,
    configuration: Option<ConfigurationId>,
    receiver: broadcast::Receiver<Item>,
    /// Events to be sent before anything is awaited.
    ready: VecDeque<Event>,
}

impl Watcher {
    pub(super) fn new(
        events: Events,
        topic: Topic,
        configuration: Option<ConfigurationId>,
        seen: Option<&str>,
    ) -> Self {
        let Joined { receiver, missed, last } = events.0.join(&topic, configuration.as_ref(), seen);
        let mut watcher = Self { events, topic, configuration, receiver, ready: VecDeque::new() };
        match missed {
            Some(missed) => {
                let changes: Vec<_> = missed.into_iter().map(|(number, news)| watcher.change(number, news)).collect();
                watcher.ready.extend(changes);
                // Gives the browser an id to come back with even if nothing happens.
                let here = Event::default().event("watching").id(watcher.events.0.id(last)).data("{}");
                watcher.ready.push_back(here.retry(COME_BACK_AFTER));
            }
            None => watcher.ready.push_back(watcher.resync(last).retry(COME_BACK_AFTER)),
        }
        watcher
    }

    /// The stream of somebody who is not signed in: it says so and ends.
    pub fn signed_out() -> Sse<impl Stream<Item = Result<Event, Infallible>> + Send + 'static> {
        Sse::new(stream::once(async { Ok(signed_out()) }))
    }

    /// The events for a browser. The stream ends with the server, and when `allowed` says no: it is asked now and then,
    /// and whenever somebody of the organization signed out or lost a right.
    pub fn stream(self, allowed: StillAllowed) -> Sse<impl Stream<Item = Result<Event, Infallible>> + Send + 'static> {
        let closing = self.events.0.closing.clone().cancelled_owned();
        let mut asking = interval_at(Instant::now() + ASK_EVERY, ASK_EVERY);
        asking.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let streaming = Streaming { watcher: self, allowed, asking, over: false };
        let events = stream::unfold(streaming, |mut streaming| async move {
            let event = streaming.next().await?;
            Some((Ok(event), streaming))
        });
        let beat = Event::default().event("beat").data("{}");
        Sse::new(events.take_until(closing)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).event(beat))
    }

    /// Starts anew from now on, because the channel went on without this watcher.
    fn rejoin(&mut self) -> Event {
        let Joined { receiver, last, .. } = self.events.0.join(&self.topic, self.configuration.as_ref(), None);
        self.receiver = receiver;
        self.resync(last)
    }

    fn change(&self, number: u64, news: News) -> Event {
        let data = match news {
            News::Session(change) => serde_json::to_string(&change),
            News::Organization(change) => serde_json::to_string(&change),
        };
        // The names of a field-less enum cannot fail to be JSON.
        Event::default().event("change").id(self.events.0.id(number)).data(data.unwrap_or_default())
    }

    fn resync(&self, number: u64) -> Event {
        Event::default().event("resync").id(self.events.0.id(number)).data("{}")
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.events.0.leave(&self.topic);
    }
}

fn signed_out() -> Event {
    Event::default().event("signed-out").data("{}")
}

struct Streaming {
    watcher: Watcher,
    allowed: StillAllowed,
    asking: Interval,
    over: bool,
}

impl Streaming {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.watcher.ready.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            let item = tokio::select! {
                item = self.watcher.receiver.recv() => item,
                _ = self.asking.tick() => Ok(Item::Access),
            };
            match item {
                Ok(Item::News(number, news)) => return Some(self.watcher.change(number, news)),
                Ok(Item::Resync(number)) => return Some(self.watcher.resync(number)),
                Ok(Item::Access) if (self.allowed)().await => {}
                Ok(Item::Access) => {
                    self.over = true;
                    return Some(signed_out());
                }
                Err(RecvError::Lagged(_)) => return Some(self.watcher.rejoin()),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
