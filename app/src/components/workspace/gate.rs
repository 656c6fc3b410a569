//! The banner of a work session that waits for required values.

use super::WorkspaceState;
use crate::api::gate::{StartAnyway, start_anyway};
use crate::api::sessions::SessionState;
use crate::components::announce::Announce;
use crate::components::icon::{Icon, Shape};
use crate::components::live::News;
use crate::components::problem::Problem;
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::components::words;
use domain::KeyName;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Keys that the banner names before the rest is only counted.
const KEYS: usize = 4;

/// Says what the session waits for, and lets a person start it without. Nothing while it does not wait.
#[component]
pub fn Gate() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let waits = Memo::new(move |_| state.session.value.with(|session| session.state == SessionState::Waiting));
    let missing = Memo::new(move |_| {
        let found = state.environment.value.with(|environment| (environment.missing_required(), environment.lacking()));
        waits.get().then_some(found)
    });
    let what = move || missing.with(|missing| missing.as_ref().map(|(count, keys)| waits_for(*count, keys)));
    let spoken = move || match state.session.value.with(|session| session.state) {
        SessionState::Waiting => what().unwrap_or_default(),
        SessionState::Running => "The session runs.".to_owned(),
        _ => String::new(),
    };
    view! {
        <Announce text=Signal::derive(spoken) />
        <Show when=move || waits.get()>
            <div class="notice session-gate" data-tone="warn" data-gate="">
                <Icon shape=Shape::Pause />
                <p>
                    <strong>{what}</strong>
                    " Nothing is written until then. It goes on by itself when the last one is there."
                </p>
                <Anyway />
            </div>
        </Show>
    }
}

#[component]
fn Anyway() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let form = Submission::of(StartAnyway::PATH);
    let start = move |event: SubmitEvent| {
        event.prevent_default();
        form.send(start_anyway(state.id()), move |()| state.hear(News::Everything));
    };
    view! {
        <form method="post" action=StartAnyway::url() on:submit=start>
            <input type="hidden" name="session" value=state.id().to_string() />
            <button type="submit" class="button" aria-busy=move || form.aria_busy()>
                "Start anyway"
            </button>
        </form>
        <Problem error=form.error />
    }
}

/// What a session waits for, as a sentence.
fn waits_for(count: usize, keys: &[KeyName]) -> String {
    match count {
        0 => "This session is about to start.".to_owned(),
        count => {
            format!("This session waits for {}: {}.", words::count(count, "required value"), words::list(keys, KEYS))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_counts_and_names_what_is_lacking() {
        let keys: Vec<KeyName> = ["A", "B"].into_iter().filter_map(|key| KeyName::new(key).ok()).collect();
        assert_eq!(waits_for(1, &keys[..1]), "This session waits for 1 required value: A.");
        assert_eq!(waits_for(2, &keys), "This session waits for 2 required values: A and B.");
        assert_eq!(waits_for(0, &[]), "This session is about to start.");
    }
}
