//! The page of one session: header, sidebar and thread.

mod end;
mod feed;
mod finish;
mod gate;
mod header;
mod proposals;
mod state;

pub use feed::Feed;
pub use proposals::proposal_id;
pub use state::{WorkspaceData, WorkspaceState};

use super::announce::Announce;
use super::browser;
use super::link_notice::LinkNotice;
use super::panel::wording;
use super::sidebar::Sidebar;
use super::thread::Thread;
use crate::pages::Tab;
use domain::Environment;
use header::SessionHeader;
use leptos::prelude::*;

/// The whole workspace of a session.
#[component]
pub fn Workspace(
    /// What it is rendered from.
    data: WorkspaceData,
    /// The tab that the address names.
    tab: Option<Tab>,
) -> impl IntoView {
    let state = WorkspaceState::new(data);
    provide_context(state);
    Effect::new(move || {
        let missing = state.environment.value.with(|environment| environment.missing_required());
        let name = state.session.value.with(|session| session.configuration_name.clone());
        browser::set_title(&match missing + state.pending_proposals(None) {
            0 => format!("{name} · Keyslot"),
            waiting => format!("({waiting}) {name} · Keyslot"),
        });
    });
    let counts = Memo::new(move |_| state.environment.value.with(Environment::counts));
    view! {
        <main class="workspace" id="main">
            <SessionHeader />
            <Sidebar tab />
            <Thread />
            <Announce text=Signal::derive(move || wording::spoken(counts.get())) />
        </main>
        <LinkNotice link=state.link />
    }
}
