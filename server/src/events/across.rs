//! Several server processes on one PostgreSQL: what one publishes, all hear.
//!
//! Facts wait in the [`Outbox`] until a task sends them with NOTIFY, many at a time; another task listens. What a
//! process publishes itself it delivered already, so it skips its own notices. When a listener was away (its
//! connection broke, or it started after others), it cannot know what it missed: then everybody fetches again.
//!
//! Every notice is signed with a key that only servers with the root key have, and numbered: whoever else speaks on the
//! channel, or repeats what it heard there, makes nobody do anything.

use super::{Events, Fact};
use crate::store::{Notices, Store, StoreError};
use domain::ids::OrganizationId;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;
use vault::NoticeKey;

/// PostgreSQL's name for where the processes meet.
const CHANNEL: &str = "keyslot_events";
/// Longest payload in bytes, its signature aside; PostgreSQL refuses 8000.
const PAYLOAD_LIMIT: usize = 7_800;
/// Facts that may wait. Beyond that (the database does not answer, yet work goes on) one "fetch everything" stands for
/// all of them.
const WAITING_LIMIT: usize = 4_096;
/// Processes whose numbers are kept in mind.
const PROCESSES: usize = 1_024;
/// How often a process listens for its own voice. A connection can be dead without a word.
const BEAT_EVERY: Duration = Duration::from_secs(20);
/// First and longest pause before something that failed is tried again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// A fact on its way.
type Entry = (OrganizationId, Fact);

/// What is sent from process to process.
#[derive(Debug, Serialize, Deserialize)]
struct Notice<F> {
    /// The epoch of the process that sends.
    from: String,
    /// Each of its notices has a higher one than those before.
    number: u64,
    /// What changed. Nothing in a notice that only proves that notices arrive.
    facts: F,
    /// Whether the sender had to drop facts.
    #[serde(default)]
    missed: bool,
}

/// Facts that wait to be sent.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    filled: Notify,
    /// Whether there is anybody to send to; else nothing waits.
    open: AtomicBool,
    /// Whether the last beat came back.
    beat_heard: AtomicBool,
    /// Notices that were sent.
    sent: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    /// In the order in which they were published, each once.
    facts: Vec<Entry>,
    known: HashSet<Entry>,
    missed: bool,
    beat: bool,
}

impl Outbox {
    /// Queues a fact for the other processes. One that waits already is not queued again: it is sent after both.
    pub fn put(&self, organization: &OrganizationId, fact: Fact) {
        if self.open.load(Ordering::Relaxed) {
            self.waiting().put((organization.clone(), fact));
            self.filled.notify_one();
        }
    }

    fn put_beat(&self) {
        self.waiting().beat = true;
        self.filled.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Waiting> {
        Some(std::mem::take(&mut *self.waiting())).filter(Waiting::is_worth_sending)
    }

    /// Puts back what could not be sent, before what came since.
    fn put_back(&self, mut failed: Waiting) {
        let mut waiting = self.waiting();
        let since = std::mem::take(&mut *waiting);
        failed.missed |= since.missed;
        failed.beat |= since.beat;
        since.facts.into_iter().for_each(|entry| failed.put(entry));
        *waiting = failed;
    }
}

impl Waiting {
    fn put(&mut self, entry: Entry) {
        if self.missed || self.known.contains(&entry) {
            return;
        }
        if self.facts.len() == WAITING_LIMIT {
            *self = Self { missed: true, beat: self.beat, ..Self::default() };
            return;
        }
        self.known.insert(entry.clone());
        self.facts.push(entry);
    }

    fn is_worth_sending(&self) -> bool {
        self.missed || self.beat || !self.facts.is_empty()
    }

    /// The payloads that carry it, each short enough.
    fn payloads(&self, from: &str, sent: &AtomicU64) -> Result<Vec<String>, serde_json::Error> {
        let text = |facts: &[&Entry], missed| {
            let number = sent.fetch_add(1, Ordering::Relaxed);
            serde_json::to_string(&Notice { from: from.to_owned(), number, facts, missed })
        };
        let mut payloads = Vec::new();
        let mut facts: Vec<&Entry> = Vec::new();
        let frame = text(&[], true)?.len();
        let mut length = frame;
        for entry in &self.facts {
            let more = serde_json::to_string(entry)?.len() + 1;
            if length + more > PAYLOAD_LIMIT {
                payloads.push(text(&facts, false)?);
                facts.clear();
                length = frame;
            }
            length += more;
            facts.push(entry);
        }
        payloads.push(text(&facts, self.missed)?);
        Ok(payloads)
    }
}

impl Events {
    /// Keeps in touch with other processes on the same database, until [`Events::finish`]. Nothing to do on SQLite,
    /// which one process has to itself.
    pub fn connect(&self, store: &Store, key: NoticeKey) {
        if !store.is_shared() || self.0.outbox.open.swap(true, Ordering::Relaxed) {
            return;
        }
        let (sender, listener) = (self.clone(), self.clone());
        let (to, from, signing) = (store.clone(), store.clone(), key.clone());
        self.0.tasks.spawn(async move { sender.send_on(&to, &signing).await });
        self.0.tasks.spawn(async move {
            tokio::select! {
                () = listener.listen_on(&from, &key) => {}
                () = listener.0.finished.cancelled() => {}
            }
        });
    }

    /// Sends what still waits and ends the tasks. Call it when nothing is published any more.
    pub async fn finish(&self) {
        self.0.finished.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    async fn send_on(&self, store: &Store, key: &NoticeKey) {
        let mut pause = PAUSES.0;
        loop {
            let finishing = self.0.finished.is_cancelled();
            let Some(waiting) = self.0.outbox.take() else {
                if finishing {
                    return;
                }
                tokio::select! {
                    () = self.0.outbox.filled.notified() => {}
                    () = self.0.finished.cancelled() => {}
                }
                continue;
            };
            match self.send(store, key, &waiting).await {
                Ok(()) => pause = PAUSES.0,
                Err(error) if finishing => {
                    tracing::warn!(%error, "the last changes could not be told to other processes");
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, "changes could not be told to other processes yet");
                    self.0.outbox.put_back(waiting);
                    wait(&mut pause, self.0.finished.cancelled()).await;
                }
            }
        }
    }

    async fn send(&self, store: &Store, key: &NoticeKey, waiting: &Waiting) -> Result<(), StoreError> {
        let payloads = waiting.payloads(&self.0.epoch, &self.0.outbox.sent);
        let payloads = payloads.map_err(|source| StoreError::Json { what: "a notice", source })?;
        for payload in payloads {
            store.notify(CHANNEL, &key.sign(&payload)).await?;
        }
        Ok(())
    }

    async fn listen_on(&self, store: &Store, key: &NoticeKey) {
        let mut pause = PAUSES.0;
        loop {
            match store.listen(CHANNEL).await {
                Ok(notices) => {
                    pause = PAUSES.0;
                    // Between the last notice that was heard and this moment others may have told something.
                    self.resync();
                    let lost = tokio::select! {
                        lost = self.take_in(notices, key) => lost,
                        () = self.miss_a_beat() => Ok(()),
                    };
                    let error = lost.err().map(|error| error.to_string());
                    tracing::warn!(error, "the connection that listens to other processes was lost");
                }
                Err(error) => tracing::warn!(%error, "other processes cannot be listened to yet"),
            }
            wait(&mut pause, std::future::pending()).await;
        }
    }

    async fn take_in(&self, mut notices: Notices, key: &NoticeKey) -> Result<(), StoreError> {
        let mut numbers = Numbers::default();
        while let Some(text) = notices.next().await? {
            let Some(text) = key.verified(&text) else {
                tracing::warn!("somebody who is no server of this database spoke on the servers' channel");
                continue;
            };
            match serde_json::from_str::<Notice<Vec<Entry>>>(text) {
                Ok(notice) if !numbers.is_new(&notice.from, notice.number) => {}
                Ok(notice) if notice.from == self.0.epoch => self.0.outbox.beat_heard.store(true, Ordering::Relaxed),
                Ok(notice) => {
                    notice.facts.iter().for_each(|(organization, fact)| self.deliver(organization, fact, false));
                    if notice.missed {
                        self.resync();
                    }
                }
                // A newer version may tell what this one does not know.
                Err(_) => self.resync(),
            }
        }
        Ok(())
    }

    /// Ends when this process no longer hears itself.
    async fn miss_a_beat(&self) {
        loop {
            self.0.outbox.beat_heard.store(false, Ordering::Relaxed);
            self.0.outbox.put_beat();
            sleep(BEAT_EVERY).await;
            if !self.0.outbox.beat_heard.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

/// The newest number that was heard from each process.
#[derive(Default)]
struct Numbers(HashMap<String, u64>);

impl Numbers {
    fn is_new(&mut self, from: &str, number: u64) -> bool {
        if self.0.get(from).is_some_and(|newest| number <= *newest) {
            return false;
        }
        if self.0.len() >= PROCESSES && !self.0.contains_key(from) {
            self.0.clear();
        }
        self.0.insert(from.to_owned(), number);
        true
    }
}

/// Waits, each time longer, or until something happens.
async fn wait(pause: &mut Duration, until: impl Future<Output = ()>) {
    tokio::select! {
        () = sleep(*pause) => {}
        () = until => {}
    }
    *pause = (*pause * 2).min(PAUSES.1);
}

#[cfg(test)]
mod tests;
