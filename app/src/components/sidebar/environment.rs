//! The Environment tab: the panel, or what is going on before there is a spec.

use crate::api::environment::EnvironmentTarget;
use crate::api::sessions::{SessionKind, SessionState};
use crate::components::panel::Panel;
use crate::components::reactive::reactive;
use crate::components::show::Show;
use crate::components::words;
use crate::components::workspace::WorkspaceState;
use domain::Environment;
use leptos::prelude::*;

/// The panel of this session.
#[component]
pub fn EnvironmentTab() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let environment = state.environment;
    // An agent may ask for values before there is a spec.
    let has_slots = |environment: &Environment| environment.spec_version > 0 || !environment.files.is_empty();
    let shown = Memo::new(move |_| environment.value.with(has_slots));
    reactive(move || {
        if !shown.get() {
            return view! { <NoSpec /> }.into_any();
        }
        let repositories = state.session.value.with_untracked(|session| session.repositories.clone());
        view! {
            <Panel
                environment=environment.value.into()
                target=EnvironmentTarget::Session(state.id())
                repositories
                requests=state.requests.value
                delivery=state.delivery.value.into()
                changed=Callback::new(move |new| state.saved(new))
            />
        }
        .into_any()
    })
}

/// What happens before there is a spec, and what will appear.
#[component]
fn NoSpec() -> impl IntoView {
    let WorkspaceState { session, .. } = expect_context();
    let now = Memo::new(move |_| session.value.with(|session| what_happens(session.kind, session.state)));
    let progress = Memo::new(move |_| session.value.with(|session| session.progress.clone()));
    let percent =
        move || progress.with(|progress| progress.as_deref().and_then(words::percent).map(|it| it.to_string()));
    let busy = Memo::new(move |_| session.value.with(|session| session.state.is_busy()));
    view! {
        <div class="empty">
            <h2>{now}</h2>
            <p class="figures" role="status">
                {move || progress.get().filter(|_| busy.get())}
            </p>
            <Show when=move || busy.get()>
                <progress class="meter" aria-label="Under way" max="100" value=percent></progress>
            </Show>
            <p class="faint">
                "Here you will see each env file that the project needs, with every key in it: \
                 what it is for, where the code uses it, whether it is set, and a field to fill it in."
            </p>
        </div>
    }
}

fn what_happens(kind: SessionKind, state: SessionState) -> &'static str {
    match (kind, state) {
        (_, SessionState::Cloning) => "The repository is being cloned",
        (_, SessionState::Scanning) => "The setup agent is looking for env files",
        (_, SessionState::Waiting) => "This session waits for values",
        (_, SessionState::Failed) => "This session failed before it found any env files",
        (SessionKind::Setup, _) => "No env files were found",
        (SessionKind::Work, _) => "This configuration has no env files yet",
    }
}
