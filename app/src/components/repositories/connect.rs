//! Connecting a repository by git URL or local path.

use super::ListContext;
use super::release::{ReleaseChoice, asked_release};
use crate::api::ApiError;
use crate::api::repositories::{ConnectRepository as ConnectCall, connect_repository};
use crate::components::problem::Problem;
use crate::components::submission::Submission;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// One field and a button. What was typed stays when the repository cannot be reached.
#[component]
pub fn ConnectRepository(
    /// Whether it is the first one: then the field has the keyboard from the start.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let ListContext { release_mode, .. } = expect_context();
    let release = RwSignal::new(release_mode.get_value());
    let field = NodeRef::<Input>::new();
    let form = Submission::of(ConnectCall::PATH);
    let connect = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = field.get_untracked() else { return };
        let location = field.value().trim().to_owned();
        if location.is_empty() {
            form.error.set(Some(ApiError::invalid("location", "Type a git URL or the path of a local checkout.")));
            let _ = field.focus();
            return;
        }
        form.send_and_go(async move {
            connect_repository(location, asked_release(release)).await.inspect_err(|_| {
                let _ = field.focus();
            })
        });
    };
    view! {
        <form class="connect" method="post" action=ConnectCall::url() on:submit=connect>
            <label class="label" for="location">
                "Git URL or local path"
            </label>
            <div class="connect-line">
                <input
                    class="input"
                    id="location"
                    name="location"
                    node_ref=field
                    type="text"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    autofocus=first
                    placeholder="https://github.com/acme/web.git"
                    aria-describedby="location-status location-problem"
                    aria-invalid=move || form.error.with(Option::is_some).then_some("true")
                />
                <button type="submit" class="button" data-look="primary" aria-busy=move || form.aria_busy()>
                    "Connect"
                </button>
            </div>
            <ReleaseChoice chosen=release form="connect" />
            <p class="hint" id="location-status" role="status">
                {move || match form.busy.get() {
                    true => "Asking git whether the repository can be read…",
                    false => "An https, http, ssh or git address without a password or token, or a folder of the server where its administrator allows that.",
                }}
            </p>
            <Problem error=form.error id="location-problem" />
        </form>
    }
}
