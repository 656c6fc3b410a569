//! Whether the commands that agents save apply without asking people.

use crate::api::auto_start::{TrustAgentCommands, trust_agent_commands};
use crate::components::live::News;
use crate::components::problem::Problem;
use crate::components::submission::Submission;
use crate::components::workspace::WorkspaceState;
use crate::pages::may_manage;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// What is in force, and for owners and admins a button that changes it.
#[component]
pub fn Trust() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let trusted = Memo::new(move |_| state.session.value.with(|session| session.trust_agent_commands));
    let words = move || match trusted.get() {
        true => "Commands that an agent saves apply at once, and work sessions of everybody run them.",
        false => "Commands that an agent saves wait in its thread until a member accepts them.",
    };
    view! {
        <section class="trust" aria-labelledby="trust-title">
            <h2 id="trust-title">"Commands by agents"</h2>
            <p class="faint" id="trust-hint">
                {words}
            </p>
            {may_manage().then(|| view! { <Switch trusted /> })}
        </section>
    }
}

#[component]
fn Switch(trusted: Memo<bool>) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let configuration = state.session.value.with_untracked(|session| session.configuration.clone());
    let form = Submission::of(TrustAgentCommands::PATH);
    let hidden = configuration.to_string();
    let change = move |event: SubmitEvent| {
        event.prevent_default();
        let call = trust_agent_commands(configuration.clone(), !trusted.get_untracked(), Some(state.id()));
        form.send_for_page(call, move |()| state.hear(News::Everything));
    };
    view! {
        <form method="post" action=TrustAgentCommands::url() on:submit=change>
            <input type="hidden" name="configuration" value=hidden />
            <input type="hidden" name="session" value=state.id().to_string() />
            <input type="hidden" name="trusted" value=move || (!trusted.get()).to_string() />
            <button type="submit" class="button" aria-describedby="trust-hint" aria-busy=move || form.aria_busy()>
                {move || if trusted.get() { "Ask before commands by agents apply" } else { "Allow without asking" }}
            </button>
            <Problem error=form.error />
        </form>
    }
}
