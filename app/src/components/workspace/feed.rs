//! One thing that is shown live: its newest state, and the rules by which answers become it.

use crate::api::ApiError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

/// How long after a fetch that failed another one is tried.
const RETRY_AFTER: Duration = Duration::from_secs(2);

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

    /// Fetches the newest state. Calls while one is under way become one more fetch after it. A fetch that fails for
    /// want of a connection is tried again.
    pub fn refetch<F>(self, fetch: impl Fn() -> F + 'static)
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        self.run(Rc::new(fetch));
    }

    fn run<F>(self, fetch: Rc<impl Fn() -> F + 'static>)
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        if !self.fetching.try_update_value(Fetching::start).unwrap_or(false) {
            return;
        }
        spawn_local(async move {
            loop {
                let answer = fetch().await;
                let may_pass =
                    matches!(answer, Err(ApiError::Connection | ApiError::DiskFull | ApiError::Internal { .. }));
                let arrived = self.fetching.try_update_value(|fetching| fetching.arrive(may_pass));
                let arrived = arrived.unwrap_or_default();
                // After an error the newest state stays.
                if let (Ok(value), true) = (answer, arrived.counts) {
                    self.show(value);
                }
                if arrived.later {
                    let fetch = fetch.clone();
                    set_timeout(move || self.retry(fetch), RETRY_AFTER);
                }
                if !arrived.again {
                    return;
                }
            }
        });
    }

    fn retry<F>(self, fetch: Rc<impl Fn() -> F + 'static>)
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        if self.fetching.try_update_value(Fetching::still_owes).unwrap_or(false) {
            self.run(fetch);
        }
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
    /// Whether a fetch failed and none worked since.
    owes: bool,
}

/// What to do with an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Arrived {
    counts: bool,
    /// Fetch again at once.
    again: bool,
    /// Fetch again after a pause.
    later: bool,
}

impl Fetching {
    /// Whether a fetch may start now; if one runs, another follows it.
    fn start(&mut self) -> bool {
        if self.running {
            self.again = true;
            return false;
        }
        *self = Self { running: true, owes: self.owes, ..Self::default() };
        true
    }

    /// Something newer arrived by another way.
    fn overtake(&mut self) {
        (self.overtaken, self.again) = (self.running, self.again || self.running);
    }

    fn arrive(&mut self, failed: bool) -> Arrived {
        // One retry waits at a time, however many fetches fail.
        let later = failed && !self.owes && !self.again;
        let arrived = Arrived { counts: !self.overtaken, again: self.again, later };
        *self = Self { running: arrived.again, owes: later || (failed && self.owes), ..Self::default() };
        arrived
    }

    /// When the pause is over: whether the fetch is still owed.
    fn still_owes(&mut self) -> bool {
        std::mem::take(&mut self.owes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_fetch_counts_and_is_done() {
        let mut fetching = Fetching::default();
        assert!(fetching.start());
        assert_eq!(fetching.arrive(false), Arrived { counts: true, again: false, later: false });
        assert!(fetching.start(), "the next one may start");
    }

    #[test]
    fn many_calls_during_a_fetch_become_one_more() {
        let mut fetching = Fetching::default();
        assert!(fetching.start());
        assert!(!fetching.start() && !fetching.start());
        assert_eq!(fetching.arrive(false), Arrived { counts: true, again: true, later: false });
        assert!(!fetching.start(), "the one more is under way");
        assert!(fetching.arrive(false).again);
        assert!(!fetching.arrive(false).again);
    }

    #[test]
    fn an_answer_older_than_what_the_page_did_is_dropped_and_fetched_anew() {
        let mut fetching = Fetching::default();
        fetching.start();
        fetching.overtake();
        assert_eq!(fetching.arrive(false), Arrived { counts: false, again: true, later: false });
        assert_eq!(fetching.arrive(false), Arrived { counts: true, again: false, later: false });
    }

    #[test]
    fn what_the_page_does_between_fetches_fetches_nothing() {
        let mut fetching = Fetching::default();
        fetching.overtake();
        assert_eq!(fetching, Fetching::default());
    }

    #[test]
    fn a_fetch_that_fails_is_tried_again_after_a_pause_unless_another_one_worked() {
        let mut fetching = Fetching::default();
        fetching.start();
        assert!(fetching.arrive(true).later);
        fetching.start();
        assert!(!fetching.arrive(true).later, "one retry waits already");
        assert!(fetching.still_owes());
        fetching.start();
        assert!(fetching.arrive(true).later, "and again");
        fetching.start();
        assert!(!fetching.arrive(false).later);
        assert!(!fetching.still_owes(), "what was missed is there");
    }

    #[test]
    fn a_fetch_that_fails_while_another_is_wanted_needs_no_retry_of_its_own() {
        let mut fetching = Fetching::default();
        fetching.start();
        fetching.start();
        let arrived = fetching.arrive(true);
        assert!(arrived.again && !arrived.later);
    }
}
