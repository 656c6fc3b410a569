//! The line between two days of a thread.

use crate::components::clock::Clock;
use crate::components::reactive::reactive;
use crate::components::workspace::WorkspaceState;
use leptos::prelude::*;

/// The day of an entry, where it is another one than that of the entry before; for the first entry, where the thread
/// goes on after that day.
#[component]
pub fn Day(
    /// When the entry before was made, in milliseconds since 1970 UTC.
    before: Option<i64>,
    /// When the entry was made.
    at: i64,
) -> impl IntoView {
    let WorkspaceState { thread, .. } = expect_context();
    let clock = expect_context::<Clock>();
    let last = Memo::new(move |_| thread.value.with(|entries| entries.last().map_or(at, |entry| entry.at)));
    let shown = Memo::new(move |_| {
        let day = clock.date(at);
        let other = clock.date(before.unwrap_or_else(|| last.get()));
        (day != other).then_some(day)
    });
    reactive(move || shown.get().map(|day| view! { <li class="thread-day">{day}</li> }))
}
