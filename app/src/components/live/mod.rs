//! The one connection over which the server tells a page what changed.

use crate::api::live::Change;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How the connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Not opened yet.
    #[default]
    Opening,
    /// Changes arrive.
    Live,
    /// Dropped; it is being opened again.
    Lost,
    /// The server tells this browser nothing any more: whoever used it signed out.
    SignedOut,
}

/// What arrives over the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News<C = Change> {
    /// One thing changed.
    Changed(C),
    /// Changes may have been missed: everything must be fetched again.
    Everything,
}

/// Id of the newest event when the page was rendered; the server provides it. Whoever follows from it misses nothing
/// that happened meanwhile, and need not fetch again what the page shows already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark(pub String);

/// Milliseconds to wait before the connection is opened again, after so many attempts in a row that failed.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
fn pause(failures: u32) -> u64 {
    1_000 << failures.min(5)
}

/// Milliseconds of silence after which a connection counts as dead: the server gives a sign of life every 15 seconds.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
const SILENCE: f64 = 40_000.0;

/// Follows an event stream for as long as the page is open. A dropped connection heals by itself. A page that nobody
/// looks at gives its connection back after a while, since browsers allow few to one server, and catches up later.
#[cfg(feature = "hydrate")]
pub fn follow<C: DeserializeOwned + 'static>(path: &str, link: RwSignal<Link>, hear: impl Fn(News<C>) + 'static) {
    let seen = use_context::<Option<Mark>>().flatten().map(|mark| mark.0);
    let hear = move |data: Option<String>| {
        let change = data.and_then(|json| serde_json::from_str(&json).ok());
        hear(change.map_or(News::Everything, News::Changed));
    };
    following::Follower::start(path.to_owned(), seen, link, Box::new(hear));
}

/// The server renders once and follows nothing.
#[cfg(not(feature = "hydrate"))]
pub fn follow<C: DeserializeOwned + 'static>(_: &str, _: RwSignal<Link>, _: impl Fn(News<C>) + 'static) {}

#[cfg(feature = "hydrate")]
mod following;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_tried_less_and_less_often_but_for_ever() {
        assert_eq!([0, 1, 2, 5, 6, 60].map(pause), [1_000, 2_000, 4_000, 32_000, 32_000, 32_000]);
    }
}
