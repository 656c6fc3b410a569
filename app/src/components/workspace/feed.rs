//! One thing that is shown live: its newest state, and the rules by which answers become it.

use crate::api::ApiError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;

/// A live thing.
pub struct Feed<T: Send + Sync + 'static> {
    /// Its newest state. Change it through [`Feed::put`].
    pub value: RwSignal<T>,
    fetching: StoredValue<Fetching>,
}

impl<T: Send + Sync + 'static> Clone for Feed<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Feed<T> {}

impl<T: Send + Sync + PartialEq + 'static> Feed<T> {
    /// Starts with what the page was rendered from.
    pub fn new(value: T) -> Self {
        Self { value: RwSignal::new(value), fetching: StoredValue::new(Fetching::default()) }
    }

    /// Takes the answer of something that this page did; an older fetch that is still under way is then ignored.
    pub fn put(self, value: T) {
        self.fetching.update_value(Fetching::overtake);
        self.show(value);
    }

    /// Fetches the newest state. Calls while one is under way become one more fetch after it.
    pub fn refetch<F>(self, fetch: impl Fn() -> F + 'static)
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        if !self.fetching.try_update_value(Fetching::start).unwrap_or(false) {
            return;
        }
        spawn_local(async move {
            loop {
                let answer = fetch().await;
                let arrived = self.fetching.try_update_value(Fetching::arrive).unwrap_or_default();
                // After an error the newest state stays; the connection's return fetches again.
                if let (Ok(value), true) = (answer, arrived.counts) {
                    self.show(value);
                }
                if !arrived.again {
                    return;
                }
            }
        });
    }

    fn show(self, value: T) {
        if self.value.try_with_untracked(|old| *old != value).unwrap_or(false) {
            self.value.set(value);
        }
    }
}

/// Which answer of a fetch counts, and when to fetch again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fetching {
    running: bool,
    overtaken: bool,
    again: bool,
}

/// What to do with an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Arrived {
    counts: bool,
    again: bool,
}

impl Fetching {
    /// Whether a fetch may start now; if one runs, another follows it.
    fn start(&mut self) -> bool {
        if self.running {
            self.again = true;
            return false;
        }
        *self = Self { running: true, ..Self::default() };
        true
    }

    /// Something newer arrived by another way.
    fn overtake(&mut self) {
        (self.overtaken, self.again) = (self.running, self.again || self.running);
    }

    fn arrive(&mut self) -> Arrived {
        let arrived = Arrived { counts: !self.overtaken, again: self.again };
        *self = Self { running: arrived.again, ..Self::default() };
        arrived
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_fetch_counts_and_is_done() {
        let mut fetching = Fetching::default();
        assert!(fetching.start());
        assert_eq!(fetching.arrive(), Arrived { counts: true, again: false });
        assert!(fetching.start(), "the next one may start");
    }

    #[test]
    fn many_calls_during_a_fetch_become_one_more() {
        let mut fetching = Fetching::default();
        assert!(fetching.start());
        assert!(!fetching.start() && !fetching.start());
        assert_eq!(fetching.arrive(), Arrived { counts: true, again: true });
        assert!(!fetching.start(), "the one more is under way");
        assert!(fetching.arrive().again);
        assert!(!fetching.arrive().again);
    }

    #[test]
    fn an_answer_older_than_what_the_page_did_is_dropped_and_fetched_anew() {
        let mut fetching = Fetching::default();
        fetching.start();
        fetching.overtake();
        assert_eq!(fetching.arrive(), Arrived { counts: false, again: true });
        assert_eq!(fetching.arrive(), Arrived { counts: true, again: false });
    }

    #[test]
    fn what_the_page_does_between_fetches_fetches_nothing() {
        let mut fetching = Fetching::default();
        fetching.overtake();
        assert_eq!(fetching, Fetching::default());
    }
}
