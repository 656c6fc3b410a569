//! The Info tab: what this session is, how ready it is, what its boot did, and who else is let in.

use super::ShownTab;
use super::policy::Policy;
use super::receipt::Receipt;
use super::tokens::Tokens;
use crate::components::clock::Moment;
use crate::components::show::Show;
use crate::components::words;
use crate::components::workspace::WorkspaceState;
use crate::pages::Tab;
use domain::environment::Readiness;
use leptos::prelude::*;

/// Facts, readiness and the boot receipt.
#[component]
pub fn Info() -> impl IntoView {
    let WorkspaceState { session, environment, .. } = expect_context();
    let shown = expect_context::<ShownTab>();
    let view = session.value.get_untracked();
    let state = Memo::new(move |_| session.value.with(|session| session.state));
    let readiness = Memo::new(move |_| environment.value.with(|environment| environment.readiness()));
    let places = view.repositories.iter().zip(&view.locations).map(|(repository, location)| {
        view! {
            <dd>
                <strong>{repository.name.clone()}</strong>
                " "
                <code>{location.clone()}</code>
            </dd>
        }
    });
    view! {
        <dl class="facts">
            <dt>"Status"</dt>
            <dd>
                {words::kind(view.kind)}
                ", "
                {move || words::state(state.get()).to_lowercase()}
            </dd>
            <dt>{if view.repositories.len() == 1 { "Repository" } else { "Repositories" }}</dt>
            {places.collect_view()}
            <dt>"Started"</dt>
            <dd>
                {format!("by {} on ", view.created_by)}
                <Moment at=view.created_at />
            </dd>
            {view.wall.map(|wall| view! { <dt>"Protection"</dt> <dd>{wall}</dd> })}
            <dt>"Readiness"</dt>
            <dd class="facts-readiness">
                <span class="chip" data-tone=move || words::readiness_tone(readiness.get())>
                    {move || words::readiness(readiness.get())}
                </span>
                <Show when=move || readiness.get() != Readiness::NoSpec>
                    <a href=Tab::Environment.href() on:click=move |event| shown.click(&event, Tab::Environment)>
                        "Manage secrets"
                    </a>
                </Show>
            </dd>
        </dl>
        <Policy />
        <Receipt />
        <Tokens />
    }
}
