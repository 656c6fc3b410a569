//! Finishing a setup: at once when nothing is missing, else after an explicit "finish anyway".

use super::WorkspaceState;
use crate::api::ApiError;
use crate::api::gate::BootPolicy;
use crate::api::sessions::{FinishSetup as FinishSetupCall, finish_setup};
use crate::components::browser;
use crate::components::live::News;
use crate::components::panel::order;
use crate::components::problem::{Problem, form_problem};
use crate::components::submission::Submission;
use crate::components::words;
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The button and its question. A plain form asks the server first, whose refusal opens the question.
#[component]
pub fn FinishSetup() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let refused = form_problem(FinishSetupCall::PATH);
    let asked = matches!(refused, Some(ApiError::Conflict { .. }));
    let form = Submission::new(refused.filter(|error| !matches!(error, ApiError::Conflict { .. })));
    let dialog = NodeRef::<Dialog>::new();
    let missing = Memo::new(move |_| state.environment.value.with(|environment| environment.lacking_next()));
    let finish = move |anyway: bool| {
        let call = async move {
            match finish_setup(state.id(), anyway).await {
                Ok(()) => Ok(close as fn(_)),
                // Something went missing meanwhile: ask.
                Err(ApiError::Conflict { .. }) if !anyway => Ok(open as fn(_)),
                Err(other) => Err(other),
            }
        };
        form.send(call, move |then| {
            then(dialog);
            state.hear(News::Everything);
        });
    };
    let id = state.id().to_string();
    view! {
        <Problem error=form.error />
        <form
            method="post"
            action=FinishSetupCall::url()
            on:submit=move |event| {
                event.prevent_default();
                if missing.with_untracked(Vec::is_empty) { finish(false) } else { open(dialog) }
            }
        >
            <input type="hidden" name="session" value=id.clone() />
            <button type="submit" class="button" data-look="primary" aria-busy=move || form.aria_busy()>
                "Finish setup"
            </button>
        </form>
        <dialog class="dialog" node_ref=dialog open=asked aria-labelledby="finish-question">
            <h2 id="finish-question">
                {move || match missing.with(Vec::len) {
                    0 => "Finish the setup?".to_owned(),
                    1 => "1 required value is missing for the next session".to_owned(),
                    more => format!("{more} required values are missing for the next session"),
                }}
            </h2>
            <p>
                {move || match state.session.value.with(|session| session.boot_policy) {
                    BootPolicy::Warn => "Work sessions start without them: the keys are left out of their files. ",
                    BootPolicy::Block => "Work sessions wait for them before they start. ",
                }}
                "Values for this session only end with it. That you finished anyway is recorded."
            </p>
            <ul class="key-list">
                <For each=move || missing.get() key=|key| key.clone() let:key>
                    <li>
                        <code>{key.to_string()}</code>
                    </li>
                </For>
            </ul>
            <div class="dialog-actions">
                <form method="dialog">
                    <button type="submit" class="button" data-look="primary" on:click=move |_| keep_filling(state)>
                        "Keep filling in"
                    </button>
                </form>
                <form
                    method="post"
                    action=FinishSetupCall::url()
                    on:submit=move |event| {
                        event.prevent_default();
                        finish(true);
                    }
                >
                    <input type="hidden" name="session" value=id />
                    <input type="hidden" name="anyway" value="true" />
                    <button type="submit" class="button" aria-busy=move || form.aria_busy()>
                        "Finish anyway"
                    </button>
                </form>
            </div>
        </dialog>
    }
}

/// Leads to the first missing value once the dialog has given the keyboard back.
fn keep_filling(state: WorkspaceState) {
    let first = state.environment.value.with_untracked(order::first_missing);
    if let Some(first) = first {
        browser::focus_later(words::dom_id(&["value", first.file.as_str(), first.key.as_str()]));
    }
}

fn open(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        dialog.close();
        // Fails only for a dialog that is open already.
        let _ = dialog.show_modal();
    }
}

fn close(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        dialog.close();
    }
}
