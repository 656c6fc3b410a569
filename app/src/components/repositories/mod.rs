//! The repositories page: the list, or the invitation to connect a first repository.

mod connect;
mod held;
mod new_configuration;
pub mod place;
pub mod release;
mod row;
mod session_link;
mod start;
mod values;

use crate::api::ApiError;
use crate::api::configurations::{ConnectedRepository, list_repositories};
use crate::api::environment::{EnvironmentTarget, get_environment};
use crate::api::live::{ORGANIZATION_EVENTS, OrganizationChange};
use crate::api::releases::get_default_release_mode;
use crate::api::repositories::{ConfigurationRow, list_configurations};
use crate::api::sessions::StartSession;
use crate::components::announce::Announce;
use crate::components::link_notice::LinkNotice;
use crate::components::live::{self, Link, News};
use crate::components::problem::{Problem, form_problem};
use crate::components::show::Show;
use crate::components::view_only::ViewOnly;
use crate::components::words;
use crate::components::workspace::Feed;
use crate::pages::may_edit;
use connect::ConnectRepository;
use domain::Environment;
use domain::ids::ConfigurationId;
use domain::release::ReleaseMode;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use new_configuration::NewConfiguration;
use row::Row;
use serde::{Deserialize, Serialize};

pub use row::SessionLinks;

/// Everything that the page is rendered from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepositoriesData {
    /// The configurations, newest first.
    rows: Vec<ConfigurationRow>,
    connected: Vec<ConnectedRepository>,
    /// How new configurations come to the organization's values.
    release_mode: ReleaseMode,
    /// The values that the address asks to show.
    opened: Option<(ConfigurationId, Environment)>,
}

impl RepositoriesData {
    /// Fetches all of it. A configuration that is gone is shown as none.
    pub async fn load(opened: Option<ConfigurationId>) -> Result<Self, ApiError> {
        let rows = list_configurations().await?;
        let connected = list_repositories().await?;
        let release_mode = get_default_release_mode().await?;
        let known = opened.filter(|id| rows.iter().any(|row| row.id == *id));
        let opened = match known {
            Some(id) => Some((id.clone(), get_environment(EnvironmentTarget::Configuration(id)).await?)),
            None => None,
        };
        Ok(Self { rows, connected, release_mode, opened })
    }
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct ListContext {
    /// The configurations.
    pub rows: Feed<Vec<ConfigurationRow>>,
    /// The repositories that are connected.
    pub connected: Feed<Vec<ConnectedRepository>>,
    /// How new configurations come to the organization's values, until somebody says otherwise.
    pub release_mode: StoredValue<ReleaseMode>,
    /// Counts what was heard, so that open values follow.
    pub news: RwSignal<u32>,
}

impl ListContext {
    fn hear(self, news: News<OrganizationChange>) {
        // A secret of the organization changes rows only where their environment changes, which is told as well.
        if news != News::Changed(OrganizationChange::Secrets) {
            self.rows.refetch(list_configurations);
            self.connected.refetch(list_repositories);
        }
        self.news.update(|count| *count = count.wrapping_add(1));
    }
}

/// Everything that the page shows. When the first repository is connected elsewhere the invitation becomes the list
/// around the field, so that whoever types into it is not disturbed.
#[component]
pub fn Repositories(
    /// What it is rendered from.
    data: RepositoriesData,
) -> impl IntoView {
    let RepositoriesData { rows, connected, release_mode, opened } = data;
    let list = ListContext {
        rows: Feed::new(rows),
        connected: Feed::new(connected),
        release_mode: StoredValue::new(release_mode),
        news: RwSignal::new(0),
    };
    provide_context(list);
    let link = RwSignal::new(Link::Opening);
    Effect::new(move || live::follow(ORGANIZATION_EVENTS, link, move |news| list.hear(news)));
    let rows = list.rows.value;
    let empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let problem = Signal::stored(form_problem(StartSession::PATH));
    let opened = StoredValue::new(opened);
    let first = move |id: &ConfigurationId| {
        opened
            .with_value(|opened| opened.as_ref().filter(|(of, _)| of == id).map(|(_, environment)| environment.clone()))
    };
    let editable = may_edit();
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
                <ViewOnly what="connect repositories, start sessions or change values" />
                {editable.then(|| view! { <ConnectRepository first=empty.get_untracked() /> })}
                <Show when=move || editable && !empty.get()>
                    <NewConfiguration />
                </Show>
            </section>
            <Problem error=problem />
            <Show when=move || !empty.get()>
                <ul class="rows" role="list">
                    <For each=move || rows.get() key=|row| row.id.clone() let:row>
                        <Row first=first(&row.id) row />
                    </For>
                </ul>
            </Show>
            <Announce text=spoken_changes(rows) />
        </main>
        <LinkNotice link />
    }
}

/// What is read out when rows change.
fn spoken_changes(rows: RwSignal<Vec<ConfigurationRow>>) -> RwSignal<String> {
    let said = RwSignal::new(String::new());
    Effect::new(move |before: Option<Vec<String>>| {
        let now = rows.with(|rows| rows.iter().map(spoken).collect::<Vec<_>>());
        let changed = before.map(|before| now.iter().filter(|row| !before.contains(row)).cloned().collect::<Vec<_>>());
        if let Some(changed) = changed.filter(|changed| !changed.is_empty()) {
            said.set(changed.join(" "));
        }
        now
    });
    said
}

/// How a configuration stands, as a sentence.
fn spoken(row: &ConfigurationRow) -> String {
    format!("{}: {}.", row.name, words::readiness(row.readiness))
}
