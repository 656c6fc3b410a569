//! The tokens that were made, and revoking one.

use crate::api::ApiError;
use crate::api::tokens::{RevokeToken, Standing, TokenView, revoke_token};
use crate::components::browser;
use crate::components::clock::Moment;
use crate::components::problem::{Problem, form_problem};
use crate::components::reactive::reactive;
use crate::components::submission::Submission;
use crate::components::words;
use crate::components::workspace::WorkspaceState;
use domain::token::TokenPurpose;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Every token of the session, newest first.
#[component]
pub fn TokenList() -> impl IntoView {
    let WorkspaceState { tokens, .. } = expect_context();
    let error = RwSignal::new(form_problem(RevokeToken::PATH));
    let rows = move || tokens.value.with(|tokens| tokens.tokens.clone());
    view! {
        <ul class="token-list" role="list" aria-label="Tokens">
            <For each=rows key=|token| (token.id.clone(), token.standing) let:token>
                <TokenRow token error />
            </For>
        </ul>
        <Problem error=error />
    }
}

#[component]
fn TokenRow(token: TokenView, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let in_force = token.standing == Standing::InForce;
    let WorkspaceState { tokens, .. } = expect_context();
    let id = token.id.clone();
    // A token in use changes this each minute; the rest of the row stays, also a question that is open.
    let used_at = Memo::new(move |_| {
        tokens.value.with(|all| all.tokens.iter().find(|one| one.id == id).and_then(|one| one.last_used_at))
    });
    let used = reactive(move || match used_at.get() {
        Some(at) => view! { "last used " <Moment at /> }.into_any(),
        None => view! { "never used" }.into_any(),
    });
    let until = if token.standing == Standing::Expired { "expired " } else { "expires " };
    view! {
        <li class="token" data-standing=if in_force { "in-force" } else { "over" }>
            <strong>{token.name.clone()}</strong>
            <span class="chip" data-tone=if in_force { "good" } else { "plain" }>
                {standing(token.standing)}
            </span>
            <span class="token-facts">
                {words::purpose(token.purpose)} ", made by " {token.created_by.clone()} ", " {until}
                <Moment at=token.expires_at /> ", " {used}
            </span>
            {in_force.then(|| view! { <Revoke token error /> })}
        </li>
    }
}

/// The question before a token is revoked; it unfolds without WASM too.
#[component]
fn Revoke(token: TokenView, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let form = Submission::telling(error);
    let what = match token.purpose {
        TokenPurpose::Agent => "The agent that uses it is cut off at once, also from calls that wait.",
        TokenPurpose::Sandbox => "The sandbox that uses it gets no more changes; what is in its files stays there.",
    };
    let id = token.id.clone();
    let revoke = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.send_for_page(revoke_token(state.id(), id.clone()), move |tokens| {
            state.tokens.put(tokens);
            browser::focus("tokens");
        });
    };
    view! {
        <details class="token-revoke">
            <summary class="button" data-look="quiet" aria-label=format!("Revoke {}", token.name)>
                "Revoke"
            </summary>
            <form class="question" method="post" action=RevokeToken::url() on:submit=revoke>
                <input type="hidden" name="session" value=state.id().to_string() />
                <input type="hidden" name="token" value=token.id.to_string() />
                <p>{format!("Revoke {}? {what} It cannot be undone.", token.name)}</p>
                <button
                    type="submit"
                    class="button"
                    data-look="danger"
                    aria-label=format!("Yes, revoke {}", token.name)
                    aria-busy=move || form.aria_busy()
                >
                    "Yes, revoke"
                </button>
            </form>
        </details>
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::InForce => "In force",
        Standing::Expired => "Expired",
        Standing::Revoked => "Revoked",
    }
}
