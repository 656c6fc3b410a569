//! Ending a work session, after one question.

use super::WorkspaceState;
use crate::api::sessions::{EndSession as EndSessionCall, end_session};
use crate::components::live::News;
use crate::components::problem::Problem;
use crate::components::reactive::reactive;
use crate::components::submission::Submission;
use domain::environment::{Scope, SlotView};
use domain::{Environment, KeyName};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use std::collections::BTreeSet;

/// The keys whose value ends with the session, each once.
fn ending(environment: &Environment) -> Vec<KeyName> {
    let own = |slot: &SlotView| slot.winner.as_ref().is_some_and(|winner| winner.scope == Scope::Session);
    let keys: BTreeSet<_> =
        environment.slots().filter(|(_, slot)| own(slot)).map(|(_, slot)| slot.key.clone()).collect();
    keys.into_iter().collect()
}

/// A fold with the question in it, which names what ends; it asks without WASM too.
#[component]
pub fn EndSession() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let form = Submission::of(EndSessionCall::PATH);
    let keys = Memo::new(move |_| state.environment.value.with(ending));
    let end = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.send(end_session(state.id()), move |()| state.hear(News::Everything));
    };
    let own = reactive(move || {
        let keys = keys.get();
        (!keys.is_empty()).then(|| {
            let list = keys.into_iter().map(|key| view! { <li><code>{key.to_string()}</code></li> }).collect_view();
            view! {
                <p>
                    "These values are for this session only and are deleted. \
                     Promote those that you want to keep, in the Environment tab."
                </p>
                <ul class="key-list">{list}</ul>
            }
        })
    });
    view! {
        <details class="ask ask-over">
            <summary class="button">"End session"</summary>
            <form class="question" method="post" action=EndSessionCall::url() on:submit=end>
                <input type="hidden" name="session" value=state.id().to_string() />
                <p>
                    "Keyslot takes every value out of this session's files and stops following changes. \
                     The agent is no longer served. This cannot be undone; the thread stays."
                </p>
                {own}
                <div class="question-actions">
                    <button type="submit" class="button" data-look="danger" aria-busy=move || form.aria_busy()>
                        "Yes, end it"
                    </button>
                </div>
            </form>
        </details>
        <Problem error=form.error />
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::panel::samples::{environment, file, slot, stored};
    use domain::environment::Status;

    #[test]
    fn only_values_of_the_session_itself_end_with_it() {
        let with = |key: &str, scope| SlotView { winner: Some(stored(scope, "x")), ..slot(key, true, Status::Set) };
        let sample = environment([
            file("a", [with("B", Scope::Session), with("C", Scope::Organization)]),
            file("b", [with("B", Scope::Session), with("A", Scope::Session), slot("D", true, Status::Missing)]),
        ]);
        assert_eq!(ending(&sample).iter().map(KeyName::as_str).collect::<Vec<_>>(), ["A", "B"]);
    }
}
