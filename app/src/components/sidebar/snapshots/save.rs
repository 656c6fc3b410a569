//! The form that saves a snapshot.

use crate::api::snapshots::{SaveSnapshot as SaveCall, save_snapshot};
use crate::components::browser;
use crate::components::problem::Problem;
use crate::components::submission::Submission;
use crate::components::workspace::WorkspaceState;
use domain::limits;
use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Name, what it is for, and the button.
#[component]
pub fn SaveSnapshot(
    /// Whether it would be the first one.
    first: Memo<bool>,
) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let (name, current) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let form = Submission::of(SaveCall::PATH);
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(name), Some(current)) = (name.get_untracked(), current.get_untracked()) else { return };
        // This form makes room for the one that is being saved.
        form.send_for_page(save_snapshot(state.id(), name.value(), current.checked()), move |snapshots| {
            state.snapshots.put(snapshots);
            browser::focus(super::TITLE_ID);
        });
    };
    view! {
        <form class="snapshot-form" method="post" action=SaveCall::url() on:submit=save aria-labelledby="save-snapshot">
            <h2 id="save-snapshot">"Save a snapshot"</h2>
            <input type="hidden" name="session" value=state.id().to_string() />
            <label>
                <span class="label">"Snapshot name (optional)"</span>
                <input
                    type="text"
                    class="input"
                    name="name"
                    node_ref=name
                    maxlength=limits::SNAPSHOT_NAME_CHARS.to_string()
                    placeholder="such as: dependencies installed"
                    autocomplete="off"
                    aria-invalid=move || form.error.with(Option::is_some).then_some("true")
                    aria-describedby="save-snapshot-hint save-snapshot-problem"
                />
            </label>
            <label class="toggle">
                <input type="checkbox" name="make_current" value="true" checked=true node_ref=current />
                <span>"Start the next sessions from it"</span>
            </label>
            <p class="hint" id="save-snapshot-hint">
                "Keyslot takes its values out of the env files, searches every file and git object for them, archives \
                 the workspace and writes the values back. The env files are away meanwhile; what runs keeps what it \
                 has read."
            </p>
            <button
                type="submit"
                class="button"
                data-look=move || first.get().then_some("primary")
                aria-busy=move || form.aria_busy()
            >
                "Save snapshot"
            </button>
            <Problem error=form.error id="save-snapshot-problem" />
        </form>
    }
}
