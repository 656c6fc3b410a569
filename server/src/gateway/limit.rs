//! How much one session token may ask for, the same over MCP and HTTP.

use super::Problem;
use crate::quotas::{Place, Places};
use axum::http::StatusCode;
use domain::ids::SessionTokenId;
use domain::limits;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

/// How many tokens are kept in mind before those that have been quiet are let go.
const TOKENS: usize = 1_000;

/// Counts the calls of each token, within this process.
pub struct Limits {
    rates: DefaultKeyedRateLimiter<SessionTokenId>,
    waiting: Places<SessionTokenId>,
}

impl Limits {
    /// Nobody has called yet.
    pub fn new() -> Self {
        let calls = NonZeroU32::new(limits::CALLS_PER_MINUTE).unwrap_or(NonZeroU32::MIN);
        Self { rates: RateLimiter::keyed(Quota::per_minute(calls)), waiting: Places::default() }
    }

    /// Counts one call; refuses it when there were too many.
    pub(super) fn count(&self, token: &SessionTokenId) -> Result<(), Problem> {
        if self.rates.len() > TOKENS {
            self.rates.retain_recent();
        }
        let Err(early) = self.rates.check_key(token) else { return Ok(()) };
        let seconds = early.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        let detail = format!(
            "A token may make {} calls a minute. Try again in {seconds} seconds, and wait for answers with one call \
             instead of asking again and again.",
            limits::CALLS_PER_MINUTE
        );
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-calls", "Too many calls", detail);
        Err(Problem { retry_after: Some(seconds), ..problem })
    }

    /// Lets one more call of the token wait, unless enough of them do.
    pub(super) fn wait(&self, token: &SessionTokenId) -> Option<Place<SessionTokenId>> {
        self.waiting.take(token, limits::WAITING_CALLS)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_stopped_when_it_calls_too_often_and_others_are_not() {
        let limits = Limits::new();
        let (busy, other) = (SessionTokenId::from("busy"), SessionTokenId::from("other"));
        let refused = (0..=2 * limits::CALLS_PER_MINUTE).find_map(|_| limits.count(&busy).err());
        let refused = refused.expect("it is stopped at last");
        assert_eq!(refused.status, 429);
        assert!(refused.retry_after.is_some_and(|seconds| (1..=60).contains(&seconds)), "{refused:?}");
        assert_eq!(limits.count(&other), Ok(()));
    }
}
