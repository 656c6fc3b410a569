//! What can be done with a snapshot, each as a form that works without WASM too.

use crate::api::ApiError;
use crate::api::environment::SetPlainKey;
use crate::api::snapshots::{
    CancelSnapshot, DeleteSnapshot, RepeatSnapshot, SnapshotView, UseSnapshot, cancel_snapshot, delete_snapshot,
    repeat_snapshot, use_snapshot,
};
use crate::components::submission::Submission;
use crate::components::workspace::WorkspaceState;
use crate::components::{browser, problem};
use domain::ids::{SessionId, SnapshotId};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Cancel,
    Delete,
    /// Save again what was not saved.
    Repeat,
    Use,
    /// Start the next sessions with a fresh clone.
    UseNone,
}

impl Act {
    fn url(self) -> &'static str {
        match self {
            Self::Cancel => CancelSnapshot::url(),
            Self::Delete => DeleteSnapshot::url(),
            Self::Repeat => RepeatSnapshot::url(),
            Self::Use | Self::UseNone => UseSnapshot::url(),
        }
    }

    async fn run(self, session: SessionId, snapshot: SnapshotId) -> Result<Vec<SnapshotView>, ApiError> {
        match self {
            Self::Cancel => cancel_snapshot(session, snapshot).await,
            Self::Delete => delete_snapshot(session, snapshot).await,
            Self::Repeat => repeat_snapshot(session, snapshot).await,
            Self::Use => use_snapshot(session, snapshot.0).await,
            Self::UseNone => use_snapshot(session, String::new()).await,
        }
    }
}

/// What a plain form of any of these was answered, if that led to this page.
pub fn form_problem() -> Option<ApiError> {
    let paths =
        [CancelSnapshot::PATH, DeleteSnapshot::PATH, RepeatSnapshot::PATH, UseSnapshot::PATH, SetPlainKey::PATH];
    paths.into_iter().find_map(problem::form_problem)
}

/// A form of one button.
#[component]
pub fn ActForm(
    act: Act,
    snapshot: SnapshotId,
    /// What stands on the button.
    label: &'static str,
    /// The same for those who hear it without seeing its row.
    #[prop(into)]
    name: String,
    #[prop(default = "quiet")] look: &'static str,
    /// What is asked before, as in a question.
    #[prop(optional, into)]
    question: String,
    error: RwSignal<Option<ApiError>>,
) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let form = Submission::telling(error);
    let value = if act == Act::UseNone { String::new() } else { snapshot.to_string() };
    let go = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.send_for_page(act.run(state.id(), snapshot.clone()), move |snapshots| {
            state.snapshots.put(snapshots);
            browser::focus(super::TITLE_ID);
        });
    };
    let asked = !question.is_empty();
    view! {
        <form
            class=if asked { "question" } else { "snapshot-act" }
            method="post"
            action=act.url()
            on:submit=go
        >
            <input type="hidden" name="session" value=state.id().to_string() />
            <input type="hidden" name="snapshot" value=value />
            {asked.then(|| view! { <p>{question}</p> })}
            <button
                type="submit"
                class="button"
                data-look=(!look.is_empty()).then_some(look)
                aria-label=name
                aria-busy=move || form.aria_busy()
            >
                {label}
            </button>
        </form>
    }
}
