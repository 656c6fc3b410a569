//! The hub: who watches what in this process, and what they may have missed.

use super::across::Outbox;
use super::stream::{Item, News, Topic, Watcher};
use super::{Fact, Heard};
use app::api::live::{Change, OrganizationChange};
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// How many events a watcher may lag behind, or miss while it is away, before it must fetch everything again.
pub(super) const BACKLOG: usize = 64;
/// How many events a part of this process may lag behind.
const SUBSCRIBER_BACKLOG: usize = 1024;
/// How long the events of a channel are kept for watchers that come back.
const KEEP: Duration = Duration::from_secs(120);
/// Shortest time between two looks for channels that nobody needs any more.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// Carries changes from those who make them to those who watch. Cheap to clone.
#[derive(Clone)]
pub struct Events(pub(super) Arc<Hub>);

pub(super) struct Hub {
    /// Random for each start, so that an id of another process or an earlier start is told from ours.
    pub epoch: String,
    state: Mutex<State>,
    heard: broadcast::Sender<Heard>,
    pub outbox: Outbox,
    pub closing: CancellationToken,
    /// The tasks that keep in touch with other processes, and their end.
    pub tasks: TaskTracker,
    pub finished: CancellationToken,
}

struct State {
    /// The number of the newest event. One row of numbers for all channels: a channel that was dropped and made again
    /// must not give a number twice.
    last: u64,
    channels: HashMap<Topic, Channel>,
    swept: Instant,
}

/// What is told to the watchers of one topic.
struct Channel {
    sender: broadcast::Sender<Item>,
    /// The newest events, oldest first.
    kept: VecDeque<(u64, News)>,
    /// Every event after this number is among those kept.
    since: u64,
    /// The configuration of a session's channel.
    configuration: Option<ConfigurationId>,
    /// When the last watcher left.
    left: Instant,
}

impl Events {
    /// Events that end when `closing` is cancelled, so that open streams do not hold up a shutdown.
    pub fn new(closing: CancellationToken) -> Self {
        let state = State { last: 0, channels: HashMap::new(), swept: Instant::now() };
        Self(Arc::new(Hub {
            epoch: Uuid::new_v4().simple().to_string(),
            state: Mutex::new(state),
            heard: broadcast::channel(SUBSCRIBER_BACKLOG).0,
            outbox: Outbox::default(),
            closing,
            tasks: TaskTracker::new(),
            finished: CancellationToken::new(),
        }))
    }

    /// Tells whoever watches the session. Publish only what is committed. Cheap when nobody watches.
    pub fn publish(&self, organization: &OrganizationId, session: &SessionId, change: Change) {
        self.tell(organization, Fact::Session(session.clone(), change));
    }

    /// Tells whoever watches, in every process. Publish only what is committed. Cheap when nobody watches.
    pub fn tell(&self, organization: &OrganizationId, fact: Fact) {
        self.deliver(organization, &fact, true);
        self.0.outbox.put(organization, fact);
    }

    /// Tells whoever watches the session in this process alone: for what others could not show anyway.
    pub fn publish_here(&self, organization: &OrganizationId, session: &SessionId, change: Change) {
        self.deliver(organization, &Fact::Session(session.clone(), change), true);
    }

    /// Cancelled when the server closes.
    pub fn closing(&self) -> CancellationToken {
        self.0.closing.clone()
    }

    /// What happens from now on, for other parts of this process. A subscriber that lags (`RecvError::Lagged`) must
    /// look at everything again, as after [`Heard::Missed`].
    pub fn subscribe(&self) -> broadcast::Receiver<Heard> {
        self.0.heard.subscribe()
    }

    /// The id of the newest event. Whoever fetches something after taking it, and then watches from it, misses nothing
    /// and fetches nothing twice.
    pub fn mark(&self) -> String {
        self.0.id(self.0.state().last)
    }

    /// Starts watching. `seen` is the id of the last event that the watcher knows of; what came after it is told again
    /// if it is still kept, else the watcher is told to fetch everything again.
    pub fn watch(&self, topic: Topic, configuration: Option<ConfigurationId>, seen: Option<&str>) -> Watcher {
        Watcher::new(self.clone(), topic, configuration, seen)
    }

    /// Tells the watchers of this process.
    pub(super) fn deliver(&self, organization: &OrganizationId, fact: &Fact, local: bool) {
        let mut state = self.0.state();
        // Counted even if nobody watches, so that whoever comes later knows that there was something.
        state.last += 1;
        match fact {
            Fact::Session(session, change) => {
                state.tell(&Topic::session(organization, session), News::Session(*change));
            }
            Fact::Environment(configuration) | Fact::Delivery(configuration) | Fact::Snapshots(configuration) => {
                let change = match fact {
                    Fact::Delivery(_) => Change::Delivery,
                    Fact::Snapshots(_) => Change::Snapshot,
                    _ => Change::Environment,
                };
                let of = |(topic, channel): (&Topic, &Channel)| {
                    let mine = topic.organization == *organization;
                    (mine && channel.configuration.as_ref() == Some(configuration)).then(|| topic.clone())
                };
                let topics: Vec<Topic> = state.channels.iter().filter_map(of).collect();
                for topic in topics {
                    state.tell(&topic, News::Session(change));
                }
            }
            Fact::Configurations => {}
            Fact::Secrets => {
                state.tell(&Topic::organization(organization), News::Organization(OrganizationChange::Secrets));
            }
            Fact::Access => state.ask_again(organization),
        }
        if fact.changes_rows() {
            let rows = News::Organization(OrganizationChange::Configurations);
            state.tell(&Topic::organization(organization), rows);
        }
        state.sweep(Instant::now());
        drop(state);
        // Fails when nobody subscribed.
        let _ = self.0.heard.send(Heard::Told { organization: organization.clone(), fact: fact.clone(), local });
    }

    /// Makes everybody fetch everything again: what others told may have been missed.
    pub(super) fn resync(&self) {
        let mut state = self.0.state();
        state.last += 1;
        let last = state.last;
        for channel in state.channels.values_mut() {
            channel.kept.clear();
            channel.since = last;
            let _ = channel.sender.send(Item::Resync(last));
        }
        drop(state);
        let _ = self.0.heard.send(Heard::Missed);
    }
}

/// How a watcher starts.
pub(super) struct Joined {
    pub receiver: broadcast::Receiver<Item>,
    /// What to tell first, oldest first; nothing if everything must be fetched again.
    pub missed: Option<Vec<(u64, News)>>,
    /// The number of the newest event.
    pub last: u64,
}

impl Hub {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of an event, as browsers send it back.
    pub fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.epoch)
    }

    /// The number in an id of this process since its start.
    fn number(&self, id: &str) -> Option<u64> {
        let (epoch, number) = id.rsplit_once('-')?;
        number.parse().ok().filter(|_| epoch == self.epoch)
    }

    /// Takes part in a channel from the next event on, without a gap to what it kept.
    pub fn join(&self, topic: &Topic, configuration: Option<&ConfigurationId>, seen: Option<&str>) -> Joined {
        let mut state = self.state();
        state.sweep(Instant::now());
        let last = state.last;
        let channel = state.channels.entry(topic.clone()).or_insert_with(|| Channel::new(last, configuration.cloned()));
        let seen = seen.and_then(|id| self.number(id)).filter(|seen| (channel.since..=last).contains(seen));
        let after = |seen| channel.kept.iter().filter(move |(number, _)| *number > seen).copied();
        Joined { receiver: channel.sender.subscribe(), missed: seen.map(|seen| after(seen).collect()), last }
    }

    /// A watcher left.
    pub fn leave(&self, topic: &Topic) {
        if let Some(channel) = self.state().channels.get_mut(topic) {
            channel.left = Instant::now();
        }
    }

    #[cfg(test)]
    pub fn channel_count(&self) -> usize {
        self.state().channels.len()
    }

    #[cfg(test)]
    pub fn sweep_at(&self, now: Instant) {
        self.state().sweep(now);
    }
}

impl State {
    /// Tells the newest event to the watchers of a topic, if there are any or were lately.
    fn tell(&mut self, topic: &Topic, news: News) {
        let last = self.last;
        if let Some(channel) = self.channels.get_mut(topic) {
            channel.tell(last, news);
        }
    }

    fn ask_again(&self, organization: &OrganizationId) {
        for (_, channel) in self.channels.iter().filter(|(topic, _)| topic.organization == *organization) {
            let _ = channel.sender.send(Item::Access);
        }
    }

    /// Drops channels that nobody watched for long, so that memory is bounded by who watches.
    fn sweep(&mut self, now: Instant) {
        if now.saturating_duration_since(self.swept) < SWEEP_EVERY {
            return;
        }
        self.swept = now;
        self.channels.retain(|_, channel| {
            channel.sender.receiver_count() > 0 || now.saturating_duration_since(channel.left) < KEEP
        });
    }
}

impl Channel {
    fn new(since: u64, configuration: Option<ConfigurationId>) -> Self {
        let sender = broadcast::channel(BACKLOG).0;
        Self { sender, kept: VecDeque::new(), since, configuration, left: Instant::now() }
    }

    fn tell(&mut self, number: u64, news: News) {
        if self.kept.len() == BACKLOG
            && let Some((dropped, _)) = self.kept.pop_front()
        {
            self.since = dropped;
        }
        self.kept.push_back((number, news));
        // Fails when nobody is there just now.
        let _ = self.sender.send(Item::News(number, news));
    }
}
