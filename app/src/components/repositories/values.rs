//! The values of a configuration, folded into its row: the same panel as in a session, as the next session would get it.

use super::ListContext;
use crate::api::ApiError;
use crate::api::configurations::values_path;
use crate::api::environment::{EnvironmentTarget, get_environment};
use crate::api::repositories::ConfigurationRow;
use crate::components::browser;
use crate::components::icon::{Icon, Shape};
use crate::components::panel::Panel;
use crate::components::problem::Problem;
use crate::components::show::Show;
use crate::components::words;
use crate::components::workspace::Feed;
use domain::Environment;
use domain::ids::ConfigurationId;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Whether the values are shown, and what of them is there.
#[derive(Clone, Copy)]
pub struct Fold {
    id: StoredValue<ConfigurationId>,
    open: RwSignal<bool>,
    environment: Feed<Option<Environment>>,
    error: RwSignal<Option<ApiError>>,
    rows: Feed<Vec<ConfigurationRow>>,
}

impl Fold {
    /// Open from the start where the page was rendered with the values.
    pub fn new(id: ConfigurationId, first: Option<Environment>) -> Self {
        let ListContext { news, rows, .. } = expect_context();
        let open = RwSignal::new(first.is_some());
        let (environment, error) = (Feed::new(first), RwSignal::new(None));
        let fold = Self { id: StoredValue::new(id), open, environment, error, rows };
        Effect::new(move |before: Option<u32>| {
            let now = news.get();
            if before.is_some_and(|before| before != now) && open.get_untracked() {
                fold.refresh();
            }
            now
        });
        fold
    }

    /// The id of the button that shows and hides them.
    pub fn button_id(self) -> String {
        self.id.with_value(|id| words::dom_id(&["values-button", id.as_str()]))
    }

    /// Takes the state that a change of this page led to.
    pub fn show(self, environment: Environment) {
        if self.environment.value.with_untracked(Option::is_some) {
            self.environment.put(Some(environment));
        }
    }

    fn target(self) -> EnvironmentTarget {
        EnvironmentTarget::Configuration(self.id.get_value())
    }

    /// Shows or hides them. They are fetched the first time, and looked up anew each time.
    fn toggle(self) {
        let open = !self.open.get_untracked();
        self.open.set(open);
        // A reload shows what was opened last.
        browser::replace_query(&if open { values_path(&self.id.get_value()) } else { "/".to_owned() });
        if !open {
            return;
        }
        match self.environment.value.with_untracked(Option::is_some) {
            true => self.refresh(),
            false => self.load(),
        }
    }

    fn refresh(self) {
        let target = self.target();
        self.environment.refetch(move || {
            let target = target.clone();
            async move { get_environment(target).await.map(Some) }
        });
    }

    fn load(self) {
        self.error.set(None);
        spawn_local(async move {
            let answer = get_environment(self.target()).await;
            if self.open.is_disposed() {
                return;
            }
            match answer {
                Ok(environment) => self.environment.put(Some(environment)),
                Err(problem) => self.error.set(Some(problem)),
            }
        });
    }
}

/// The button that shows and hides them. Without WASM it asks for the page with them.
#[component]
pub fn ValuesButton(fold: Fold, name: Memo<String>) -> impl IntoView {
    let Fold { open, id, .. } = fold;
    let at = id.with_value(|id| words::dom_id(&["configuration", id.as_str()]));
    let controls = id.with_value(|id| words::dom_id(&["values", id.as_str()]));
    view! {
        <form class="row-fold" method="get" action=format!("/#{at}")>
            <button
                type="submit"
                class="button"
                id=fold.button_id()
                name=move || (!open.get()).then_some("configuration")
                value=id.with_value(ToString::to_string)
                aria-expanded=move || open.get().to_string()
                aria-controls=controls
                aria-label=move || format!("Values of {}", name.get())
                on:click=move |event| {
                    event.prevent_default();
                    fold.toggle();
                }
            >
                <Icon shape=Shape::Chevron />
                "Values"
            </button>
        </form>
    }
}

/// The panel, while it is open.
#[component]
pub fn Values(fold: Fold, row: Memo<ConfigurationRow>, label: Memo<String>) -> impl IntoView {
    let Fold { open, environment, error, .. } = fold;
    let there = Memo::new(move |_| environment.value.with(Option::is_some));
    let shown = Memo::new(move |_| environment.value.with(|found| found.clone().unwrap_or_default()));
    let id = fold.id.with_value(|id| words::dom_id(&["values", id.as_str()]));
    let panel = move || {
        if !there.get() {
            return view! { <Loading fold error /> }.into_any();
        }
        let repositories = row.with_untracked(|row| row.repositories.clone());
        view! {
            <Panel
                environment=shown.into()
                target=fold.target()
                repositories
                changed=Callback::new(move |new| saved(fold, new))
                compact=true
            />
        }
        .into_any()
    };
    view! {
        <section
            class="row-values"
            id=id
            aria-label=move || format!("Values of {}", label.get())
            hidden=move || !open.get()
        >
            // Made once and then kept: what is half typed outlives the fold.
            <Show when=move || open.get() || there.get()>{panel}</Show>
        </section>
    }
}

/// What stands there until the values do.
#[component]
fn Loading(fold: Fold, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    view! {
        <div class="panel" aria-busy=move || error.with(Option::is_none).then_some("true")>
            <Show
                when=move || error.with(Option::is_some)
                fallback=|| {
                    view! {
                        <p class="visually-hidden" role="status">
                            "Loading the values"
                        </p>
                        <div class="skeleton"></div>
                        <div class="skeleton"></div>
                        <div class="skeleton"></div>
                    }
                }
            >
                <Problem error />
                <p>
                    <button class="button" type="button" on:click=move |_| fold.load()>
                        "Try again"
                    </button>
                </p>
            </Show>
        </div>
    }
}

/// Takes what a save answered. The row says at once what it means, before the news of it arrives.
fn saved(fold: Fold, environment: Environment) {
    let rows = fold.rows;
    let id = fold.id.get_value();
    let mut list = rows.value.get_untracked();
    if let Some(row) = list.iter_mut().find(|row| row.id == id) {
        row.readiness = environment.readiness();
        row.files = environment.files.iter().map(|file| (file.place.clone(), file.counts())).collect();
    }
    rows.put(list);
    fold.environment.put(Some(environment));
}
