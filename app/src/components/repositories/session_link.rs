//! A session of a configuration, as a link.

use crate::api::repositories::SessionRow;
use crate::api::sessions::path_of;
use crate::components::clock::Moment;
use crate::components::words;
use leptos::prelude::*;

/// The link. The session's state may change under it.
#[component]
pub fn SessionLink(
    /// The session as it was first seen.
    session: SessionRow,
    /// The sessions of its configuration as they stand.
    sessions: Memo<Vec<SessionRow>>,
) -> impl IntoView {
    let (id, first) = (session.id.clone(), session.state);
    let state = Memo::new(move |before: Option<&_>| {
        let found = sessions.with(|sessions| sessions.iter().find(|row| row.id == id).map(|row| row.state));
        found.or(before.copied()).unwrap_or(first)
    });
    view! {
        <li>
            <a class="session-link" href=path_of(&session.id)>
                <span class="chip-dot" data-tone=move || words::state_tone(state.get()) aria-hidden="true"></span>
                <span>{words::kind(session.kind)}</span>
                <span class="faint">{move || words::state(state.get())}</span>
                <Moment at=session.created_at />
            </a>
        </li>
    }
}
