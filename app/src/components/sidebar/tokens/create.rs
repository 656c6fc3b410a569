//! The form that makes a token. Without WASM it leads to a page that shows the token once.

use crate::api::tokens::{FreshToken, create_token, get_tokens, plain_path};
use crate::components::browser;
use crate::components::problem::Problem;
use crate::components::submission::Submission;
use crate::components::words;
use crate::components::workspace::WorkspaceState;
use domain::token::{DAYS, DEFAULT_DAYS, NAME_CHARS, TokenPurpose};
use leptos::ev::SubmitEvent;
use leptos::html::{Input, Select};
use leptos::prelude::*;

/// Name, purpose and lifetime; the token that comes of it goes to `fresh`.
#[component]
pub fn CreateToken(fresh: RwSignal<Option<FreshToken>>) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let name = NodeRef::<Input>::new();
    let (purpose, days) = (NodeRef::<Select>::new(), NodeRef::<Select>::new());
    let form = Submission::new(None);
    let create = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(field), Some(purpose), Some(days)) =
            (name.get_untracked(), purpose.get_untracked(), days.get_untracked())
        else {
            return;
        };
        let chosen = TokenPurpose::try_from(purpose.value()).unwrap_or_default();
        let days = days.value().parse().unwrap_or(DEFAULT_DAYS);
        form.send(create_token(state.id(), field.value(), chosen, days), move |token| {
            field.set_value("");
            fresh.set(Some(token));
            state.tokens.refetch(move || get_tokens(state.id()));
            browser::focus_later("fresh-token".to_owned());
        });
    };
    let purposes = [TokenPurpose::Agent, TokenPurpose::Sandbox].map(|one| {
        view! { <option value=one.as_str() selected=one == TokenPurpose::default()>{words::purpose(one)}</option> }
    });
    let lifetimes = DAYS.map(|one| {
        let label = words::count(one as usize, "day");
        view! { <option value=one.to_string() selected=one == DEFAULT_DAYS>{label}</option> }
    });
    view! {
        <form class="token-form" method="post" action=plain_path(&state.id()) on:submit=create>
            <label>
                <span class="label">"Token for"</span>
                <select class="input" name="purpose" node_ref=purpose>
                    {purposes.collect_view()}
                </select>
            </label>
            <label>
                <span class="label">"In force for"</span>
                <select class="input" name="days" node_ref=days>
                    {lifetimes.collect_view()}
                </select>
            </label>
            <div class="token-name">
                <label>
                    <span class="label">"Name"</span>
                    <input
                        type="text"
                        class="input"
                        name="name"
                        node_ref=name
                        maxlength=NAME_CHARS.to_string()
                        placeholder="such as Claude Code"
                        autocomplete="off"
                        aria-describedby="token-name-hint"
                    />
                </label>
                <span class="hint" id="token-name-hint">
                    "Shown in the thread beside what the agent does."
                </span>
            </div>
            <button type="submit" class="button" aria-busy=move || form.aria_busy()>
                "Make a token"
            </button>
            <Problem error=form.error />
        </form>
    }
}
