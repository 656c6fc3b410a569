//! The page of one configuration: its name, its repositories at their places, and its end.

mod attach;
mod delete;
mod places;
mod release;
mod rename;

use crate::api::ApiError;
use crate::api::configurations::{ConfigurationView, get_configuration, values_path};
use crate::api::live::{ORGANIZATION_EVENTS, OrganizationChange};
use crate::components::link_notice::LinkNotice;
use crate::components::live::{self, Link, News};
use crate::components::repositories::SessionLinks;
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::components::view_only::ViewOnly;
use crate::components::words;
use crate::components::workspace::Feed;
use crate::components::{browser, repositories};
use crate::pages::may_edit;
use attach::Attach;
use delete::Delete;
use domain::ids::ConfigurationId;
use leptos::prelude::*;
use places::Places;
use release::Release;
use rename::Rename;
use std::future::Future;

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct ConfigurationState {
    /// The configuration as it stands.
    pub view: Feed<ConfigurationView>,
    /// What was done last, for the status line.
    pub said: RwSignal<&'static str>,
}

impl ConfigurationState {
    /// The configuration's id.
    pub fn id(self) -> ConfigurationId {
        self.view.value.with_untracked(|view| view.row.id.clone())
    }

    /// Makes a change and shows what came of it: the page as it is then, or the error at the form. `then` runs after a
    /// change that worked.
    pub fn change(
        self,
        change: impl Future<Output = Result<ConfigurationView, ApiError>> + 'static,
        form: Submission,
        said: &'static str,
        then: impl FnOnce() + 'static,
    ) {
        // The news may be faster, and the form gone with what it was about.
        form.send_for_page(change, move |view| {
            self.said.set(said);
            self.view.put(view);
            then();
        });
    }
}

/// The page's content.
#[component]
pub fn Configuration(
    /// The configuration that the page was rendered from.
    view: ConfigurationView,
) -> impl IntoView {
    let id = view.row.id.clone();
    let state = ConfigurationState { view: Feed::new(view), said: RwSignal::new("") };
    provide_context(state);
    let link = RwSignal::new(Link::Opening);
    let hear = move |_: News<OrganizationChange>| {
        let id = state.id();
        state.view.refetch(move || get_configuration(id.clone()));
    };
    Effect::new(move || live::follow(ORGANIZATION_EVENTS, link, hear));
    let name = Memo::new(move |_| state.view.value.with(|view| view.row.name.clone()));
    Effect::new(move || browser::set_title(&format!("{} · Keyslot", name.get())));
    let readiness = Memo::new(move |_| state.view.value.with(|view| view.row.readiness));
    let sessions = Memo::new(move |_| state.view.value.with(|view| view.row.sessions.clone()));
    let editable = may_edit();
    view! {
        <main class="page stack" id="main">
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href="/">"Repositories"</a>
                <span aria-hidden="true">"/"</span>
            </nav>
            <div class="row-head">
                <h1 class="long">{name}</h1>
                <span class="chip" data-tone=move || words::readiness_tone(readiness.get())>
                    {move || words::readiness(readiness.get())}
                </span>
                <a href=values_path(&id)>"Values"</a>
            </div>
            <p class="visually-hidden" role="status">
                {move || state.said.get()}
            </p>
            <ViewOnly what="change this configuration" />
            {editable.then(|| view! { <Rename /> })}
            <section class="card stack" aria-labelledby="repositories-title">
                <h2 id="repositories-title">"Repositories"</h2>
                <p class="hint">{repositories::place::PATH_RULES}</p>
                <Places />
                {editable.then(|| view! { <Attach /> })}
            </section>
            <section class="card stack" aria-labelledby="sessions-title">
                <h2 id="sessions-title">"Sessions"</h2>
                <Show
                    when=move || !sessions.with(Vec::is_empty)
                    fallback=|| view! { <p class="faint">"None yet. Start one from the repositories page."</p> }
                >
                    <SessionLinks sessions />
                </Show>
            </section>
            <Release />
            {editable.then(|| view! { <Delete /> })}
        </main>
        <LinkNotice link />
    }
}
