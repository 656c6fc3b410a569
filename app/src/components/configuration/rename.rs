//! The configuration's name.

use super::ConfigurationState;
use crate::api::configurations::{RenameConfiguration, rename_configuration};
use crate::components::problem::Problem;
use crate::components::submission::Submission;
use domain::limits;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form. What is typed stays when somebody else renames it meanwhile.
#[component]
pub fn Rename() -> impl IntoView {
    let state = expect_context::<ConfigurationState>();
    let form = Submission::of(RenameConfiguration::PATH);
    let name = NodeRef::<Input>::new();
    let first = state.view.value.with_untracked(|view| view.row.name.clone());
    let rename = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = name.get_untracked() else { return };
        state.change(rename_configuration(state.id(), field.value()), form, "The new name is saved.", || ());
    };
    view! {
        <form class="card stack" method="post" action=RenameConfiguration::url() on:submit=rename>
            <input type="hidden" name="configuration" value=state.id().to_string() />
            <label class="label" for="configuration-name">
                "Name"
            </label>
            <div class="connect-line">
                <input
                    type="text"
                    class="input plain-text"
                    id="configuration-name"
                    name="name"
                    node_ref=name
                    value=first
                    maxlength=limits::NAME_CHARS.to_string()
                    autocomplete="off"
                    aria-describedby="configuration-name-problem"
                    aria-invalid=move || form.error.with(Option::is_some).then_some("true")
                />
                <button type="submit" class="button" aria-busy=move || form.aria_busy()>
                    "Rename"
                </button>
            </div>
            <Problem error=form.error id="configuration-name-problem" />
        </form>
    }
}
