//! The head of a session's page: what it is, how it stands and what can be done next.

use super::WorkspaceState;
use super::end::EndSession;
use super::finish::FinishSetup;
use super::gate::Gate;
use super::proposals::PendingProposals;
use crate::api::sessions::{SessionKind, SessionState, StartSession};
use crate::components::icon::{Icon, Shape};
use crate::components::problem::{Problem, form_problem};
use crate::components::words;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Name, kind, state with progress, and the next step.
#[component]
pub fn SessionHeader() -> impl IntoView {
    let WorkspaceState { session, .. } = expect_context();
    let name = Memo::new(move |_| session.value.with(|session| session.configuration_name.clone()));
    let kind = Memo::new(move |_| session.value.with(|session| session.kind));
    let state = Memo::new(move |_| session.value.with(|session| session.state));
    let progress =
        Memo::new(move |_| session.value.with(|session| session.progress.clone().filter(|_| session.state.is_busy())));
    let failure = Memo::new(move |_| session.value.with(|session| session.error.clone()));
    view! {
        <header class="session-head">
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href="/">"Repositories"</a>
                <span aria-hidden="true">"/"</span>
            </nav>
            <h1>{name}</h1>
            <span class="session-kind">{move || words::kind(kind.get())}</span>
            <span class="chip" data-tone=move || words::state_tone(state.get())>
                <span class="chip-dot" aria-hidden="true"></span>
                {move || words::state(state.get())}
            </span>
            <span class="session-progress" role="status">
                {progress}
            </span>
            <div class="session-next">
                {move || match (kind.get(), state.get()) {
                    (SessionKind::Setup, SessionState::Open) => view! { <FinishSetup /> }.into_any(),
                    (SessionKind::Setup, SessionState::Finished) => view! { <StartWork /> }.into_any(),
                    (SessionKind::Work, SessionState::Waiting | SessionState::Running) => {
                        view! { <EndSession /> }.into_any()
                    }
                    _ => ().into_any(),
                }}
            </div>
            <Gate />
            <PendingProposals />
            {move || {
                failure
                    .get()
                    .map(|text| {
                        view! {
                            <p class="notice session-failure" data-tone="bad" role="alert">
                                <Icon shape=Shape::Alert />
                                <span>{text}</span>
                            </p>
                        }
                    })
            }}
        </header>
    }
}

/// The step after a finished setup.
#[component]
fn StartWork() -> impl IntoView {
    let WorkspaceState { session, .. } = expect_context();
    let configuration = session.value.with_untracked(|session| session.configuration.to_string());
    let left = session.value.with_untracked(|session| session.finished_missing.unwrap_or(0));
    let problem = Signal::stored(form_problem(StartSession::PATH));
    view! {
        <Problem error=problem />
        {(left > 0)
            .then(|| {
                view! { <span class="session-left">{format!("{} left open", words::count(left, "value"))}</span> }
            })}
        <form method="post" action=StartSession::url()>
            <input type="hidden" name="configuration" value=configuration />
            <input type="hidden" name="kind" value="work" />
            <button type="submit" class="button" data-look="primary" id="start-work">
                "Start work session"
            </button>
        </form>
    }
}
