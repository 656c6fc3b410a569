//! The page of the organization's secrets: search, add, replace, describe, delete.

mod add;
mod default_release;
mod delete;
mod describe;
mod entry;
mod releasers;
mod replace;
mod row;
#[cfg(test)]
mod samples;
mod search;
mod wording;

use crate::api::ApiError;
use crate::api::import::{Destination, ImportText, Imported};
use crate::api::live::{ORGANIZATION_EVENTS, OrganizationChange};
use crate::api::secrets::{DeleteSecret, DescribeSecret, ReplaceSecret, SECRETS_PATH, SecretView, list_secrets};
use crate::components::icon::{Icon, Shape};
use crate::components::import::Import;
use crate::components::link_notice::LinkNotice;
use crate::components::live::{self, Link, News};
use crate::components::problem::{Problem, form_problem};
use crate::components::show::Show;
use crate::components::view_only::ViewOnly;
use crate::components::workspace::Feed;
use crate::pages::{Address, may_edit};
use add::Add;
use default_release::DefaultRelease;
use domain::{Environment, KeyName};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use row::Row;
use std::collections::BTreeSet;
use std::future::Future;

/// Id of the line that tells how many secrets are shown; the keyboard goes there when a row is gone.
const FOUND: &str = "secrets-found";

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct SecretsContext {
    /// The secrets as they stand.
    pub secrets: Feed<Vec<SecretView>>,
    /// What is searched for.
    pub search: RwSignal<String>,
    /// Keys whose rows somebody works in: they stay, whatever is searched for and whoever deletes them.
    pub at_work: RwSignal<BTreeSet<KeyName>>,
    /// What was done last, for the status line.
    pub said: RwSignal<String>,
}

impl SecretsContext {
    /// Takes the list that a change answered. What others did meanwhile may be missing in it.
    fn changed(self, secrets: Vec<SecretView>, said: String) {
        self.secrets.put(secrets);
        self.said.set(said);
        self.secrets.refetch(list_secrets);
    }

    /// Looks the list up.
    fn look_again(self) {
        self.secrets.refetch(list_secrets);
    }

    /// Makes a change, and looks the list up if it is refused: that may be because of another one.
    async fn or_look_again<T>(self, change: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
        change.await.inspect_err(|_| self.look_again())
    }

    /// A secret as it stands now.
    fn find(self, key: &KeyName) -> Option<SecretView> {
        self.secrets.value.with_untracked(|all| all.iter().find(|one| one.key == *key).cloned())
    }
}

/// Everything that the page shows.
#[component]
pub fn Secrets(
    /// The secrets that the page was rendered from, by key.
    secrets: Vec<SecretView>,
) -> impl IntoView {
    let search = expect_context::<Address>().search;
    let context = SecretsContext {
        secrets: Feed::new(secrets),
        search: RwSignal::new(search),
        at_work: RwSignal::new(BTreeSet::new()),
        said: RwSignal::new(String::new()),
    };
    provide_context(context);
    let link = RwSignal::new(Link::Opening);
    // A spec that changes changes what is used, so any news is news.
    let hear = move |_: News<OrganizationChange>| context.secrets.refetch(list_secrets);
    Effect::new(move || live::follow(ORGANIZATION_EVENTS, link, hear));
    let none = Memo::new(move |_| context.secrets.value.with(Vec::is_empty));
    let problem = [ReplaceSecret::PATH, DescribeSecret::PATH, DeleteSecret::PATH].into_iter().find_map(form_problem);
    let editable = may_edit();
    view! {
        <main class="page stack" id="main" data-import-area="">
            <header class="secrets-head">
                <p class="crumbs">"Settings"</p>
                <h1>"Secrets"</h1>
                <p class="lead">
                    "Values for the whole organization. Each configuration uses one only once somebody lets it, and a \
                     repository or session value takes precedence. They are write-only: nobody can read one back, here or anywhere else."
                </p>
            </header>
            <ViewOnly what="add, replace or delete secrets" />
            {editable
                .then(|| {
                    view! {
                        <Add none />
                        <ImportSecrets />
                    }
                })}
            <p class="visually-hidden" role="status">
                {move || context.said.get()}
            </p>
            <Problem error=Signal::stored(problem) />
            <Show when=move || !none.get() fallback=Nothing>
                <Search />
                <List />
            </Show>
            <DefaultRelease />
        </main>
        <LinkNotice link />
    }
}

/// Many at once, from the text of an env file.
#[component]
fn ImportSecrets() -> impl IntoView {
    let context = expect_context::<SecretsContext>();
    // No slots; but the preview compares again whenever a secret changed.
    let environment = Signal::derive(move || {
        context.secrets.value.track();
        Environment::default()
    });
    let imported = Callback::new(move |_: Imported| context.look_again());
    let problem = form_problem(ImportText::PATH);
    view! {
        <Import
            destination=Destination::Organization
            environment
            area="main".to_owned()
            imported
            problem
        />
    }
}

/// What stands there before there is a secret.
#[component]
fn Nothing() -> impl IntoView {
    view! {
        <section class="empty">
            <h2>"No secrets yet"</h2>
            <p class="faint">
                "What you add here is offered to every configuration that asks for the key. \
                 Values saved \"for the organization\" in a session's panel stand here too, with who set them and what uses them."
            </p>
        </section>
    }
}

/// The search. Without WASM it asks for the page with what is found.
#[component]
fn Search() -> impl IntoView {
    let SecretsContext { search, .. } = expect_context();
    let first = search.get_untracked();
    view! {
        <form class="secrets-search" method="get" action=SECRETS_PATH role="search" on:submit=|event| event.prevent_default()>
            <label class="visually-hidden" for="secrets-search">
                "Search secrets"
            </label>
            <div class="search-field">
                <Icon shape=Shape::Search />
                <input
                    class="input"
                    id="secrets-search"
                    type="search"
                    name="q"
                    value=first
                    placeholder="Search by key, description, configuration, or \"unused\""
                    autocomplete="off"
                    spellcheck="false"
                    on:input=move |event| search.set(event_target_value(&event))
                />
            </div>
            <noscript>
                <button type="submit" class="button">"Search"</button>
            </noscript>
        </form>
    }
}

/// The rows that are found.
#[component]
fn List() -> impl IntoView {
    let SecretsContext { secrets, search, at_work, .. } = expect_context();
    let keys = Memo::new(move |_| {
        let words = search.with(|text| search::words(text));
        let found = |one: &&SecretView| search::finds(&words, one);
        let shown =
            |all: &Vec<SecretView>| all.iter().filter(found).map(|one| one.key.clone()).collect::<BTreeSet<_>>();
        secrets.value.with(shown)
    });
    let rows =
        Memo::new(move |_| keys.with(|keys| at_work.with(|at_work| keys.union(at_work).cloned().collect::<Vec<_>>())));
    let found = Memo::new(move |_| wording::found(keys.with(BTreeSet::len), secrets.value.with(Vec::len)));
    view! {
        <p class="secrets-found figures" id=FOUND tabindex="-1" role="status">
            {found}
        </p>
        <Show when=move || rows.with(Vec::is_empty)>
            <p class="faint">"No secret is found by these words. Each of them must stand in the key, the description or the name of a configuration."</p>
        </Show>
        <ul class="secrets" role="list">
            <For each=move || rows.get() key=|key| key.clone() let:key>
                <Row key />
            </For>
        </ul>
    }
}
