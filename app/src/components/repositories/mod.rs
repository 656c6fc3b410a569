//! The repositories page: the list, or the invitation to connect a first repository.

mod connect;
mod row;
mod session_link;
mod start;

use crate::api::live::{ORGANIZATION_EVENTS, OrganizationChange};
use crate::api::repositories::{ConfigurationRow, list_configurations};
use crate::api::sessions::StartSession;
use crate::components::announce::Announce;
use crate::components::link_notice::LinkNotice;
use crate::components::live::{self, Link, News};
use crate::components::problem::{Problem, form_problem};
use crate::components::words;
use crate::components::workspace::Feed;
use connect::ConnectRepository;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use row::Row;

/// Everything that the page shows. When the first repository is connected elsewhere the invitation becomes the list
/// around the field, so that whoever types into it is not disturbed.
#[component]
pub fn Repositories(
    /// The configurations that the page was rendered from, newest first.
    rows: Vec<ConfigurationRow>,
) -> impl IntoView {
    let first = rows.is_empty();
    let rows = Feed::new(rows);
    let link = RwSignal::new(Link::Opening);
    // Whatever the news is, it is about the list.
    let hear = move |_: News<OrganizationChange>| rows.refetch(list_configurations);
    Effect::new(move || live::follow(ORGANIZATION_EVENTS, link, hear));
    let empty = Memo::new(move |_| rows.value.with(Vec::is_empty));
    let problem = Signal::stored(form_problem(StartSession::PATH));
    let news = RwSignal::new(String::new());
    Effect::new(move |before: Option<Vec<String>>| {
        let now = rows.value.with(|rows| rows.iter().map(spoken).collect::<Vec<_>>());
        let changed = before.map(|before| now.iter().filter(|row| !before.contains(row)).cloned().collect::<Vec<_>>());
        if let Some(changed) = changed.filter(|changed| !changed.is_empty()) {
            news.set(changed.join(" "));
        }
        now
    });
    view! {
        <main class=move || if empty.get() { "front" } else { "page stack" } id="main">
            <section class=move || if empty.get() { "welcome" } else { "stack" }>
                <h1>{move || if empty.get() { "Connect your first repository" } else { "Repositories" }}</h1>
                <Show when=move || empty.get()>
                    <p class="lead">
                        "Keyslot looks for the env files that the project needs, you fill in the values once, \
                         and every session starts with them in place."
                    </p>
                </Show>
                <ConnectRepository first />
            </section>
            <Problem error=problem />
            <Show when=move || !empty.get()>
                <ul class="rows" role="list">
                    <For each=move || rows.value.get() key=|row| row.id.clone() let:row>
                        <Row rows=rows.value row />
                    </For>
                </ul>
            </Show>
            <Announce text=news />
        </main>
        <LinkNotice link />
    }
}

/// How a configuration stands, as a sentence.
fn spoken(row: &ConfigurationRow) -> String {
    format!("{}: {}.", row.name, words::readiness(row.readiness))
}
