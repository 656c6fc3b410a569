//! The Auto-start tab: the commands that run in this session, and those that are stored for its configuration.

mod editor;
mod output;
mod run;
mod runs;
mod wording;

use editor::Editor;
use leptos::prelude::*;
use runs::Runs;

/// Both parts.
#[component]
pub fn AutoStart() -> impl IntoView {
    view! {
        <Runs />
        <Editor />
    }
}
