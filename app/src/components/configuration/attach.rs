//! Attaching another repository.

use super::ConfigurationState;
use crate::api::configurations::{AttachRepository, ConnectedRepository, attach_repository};
use crate::components::problem::{Problem, form_problem};
use crate::components::repositories::place::{PlaceFields, PlaceInputs};
use crate::components::submission::Submission;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Id of the words about what is wrong.
const PROBLEM: &str = "attach-problem";

/// A fold with the form.
#[component]
pub fn Attach() -> impl IntoView {
    let state = expect_context::<ConfigurationState>();
    let refused = form_problem(AttachRepository::PATH);
    let open = refused.is_some();
    let form = Submission::new(refused);
    let fields = PlaceFields::new();
    let others = Memo::new(move |_| state.view.value.with(others));
    let attach = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let change = attach_repository(state.id(), fields.read());
        state.change(change, form, "The repository is attached.", move || fields.clear());
    };
    view! {
        <details class="fold" open=open>
            <summary class="button">"Attach a repository"</summary>
            <form class="stack" method="post" action=AttachRepository::url() on:submit=attach>
                <input type="hidden" name="configuration" value=state.id().to_string() />
                <PlaceInputs
                    fields
                    prefix="place"
                    id="attach"
                    connected=others.into()
                    error=form.error
                    described_by=PROBLEM
                />
                <div class="form-actions">
                    <button type="submit" class="button" data-look="primary" aria-busy=move || form.aria_busy()>
                        "Attach"
                    </button>
                </div>
                <Problem error=form.error id=PROBLEM />
            </form>
        </details>
    }
}

/// The connected repositories that are not attached.
fn others(view: &crate::api::configurations::ConfigurationView) -> Vec<ConnectedRepository> {
    let attached = |one: &&ConnectedRepository| view.row.repositories.iter().all(|known| known.id != one.id);
    view.connected.iter().filter(attached).cloned().collect()
}
