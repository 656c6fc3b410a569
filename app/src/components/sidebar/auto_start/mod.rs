//! The Auto-start tab: the commands that run in this session, and those that are stored for its configuration.

mod editor;
mod output;
mod run;
mod runs;
mod stored;
mod trust;
mod wording;

use crate::components::view_only::ViewOnly;
use crate::pages::may_edit;
use editor::Editor;
use leptos::prelude::*;
use runs::Runs;
use stored::Stored;
use trust::Trust;

/// All parts.
#[component]
pub fn AutoStart() -> impl IntoView {
    view! {
        <ViewOnly what="save, start or stop commands, or read what they print" />
        <Runs />
        {match may_edit() {
            true => view! { <Editor /> }.into_any(),
            false => view! { <Stored /> }.into_any(),
        }}
        <Trust />
    }
}
