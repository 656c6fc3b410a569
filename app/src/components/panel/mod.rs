//! The panel: one environment, to be seen and filled in. Its host gives it the environment and takes the changed one.

mod asked;
mod conflict;
mod delete;
mod delivery;
mod doubts;
mod entry;
mod entry_state;
mod file_group;
mod future;
mod host;
mod interrupted;
mod kept;
pub mod order;
mod progress;
mod promote;
mod provenance;
#[cfg(test)]
pub(super) mod samples;
mod side_words;
mod skip;
mod slot_about;
mod slot_row;
mod unused;
mod value_field;
pub mod wording;

pub use entry_state::focus_later;
pub use host::{Card, Host};
pub use kept::Typed;
pub use slot_row::SlotRow;

use crate::api::delivery::Delivery;
use crate::api::environment::{DeleteValue, EnvironmentTarget, PromoteValue, SetValue};
use crate::api::import::{Destination, ImportText, Imported, ResolveConflict};
use crate::components::import::Import;
use crate::components::problem::{Problem, form_problem};
use crate::components::{browser, words};
use crate::domain::Environment;
use crate::domain::environment::AttachedRepository;
use crate::domain::request::ValueRequest;
use delivery::DeliveryLine;
use file_group::FileGroup;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use progress::Progress;
use unused::Unused;

/// What every part of a panel, or of the card of a request, knows.
#[derive(Clone, Copy)]
pub struct PanelContext {
    /// What is shown.
    pub environment: Signal<Environment>,
    /// Whose environment it is.
    pub target: StoredValue<EnvironmentTarget>,
    /// The repositories, for their names.
    pub repositories: StoredValue<Vec<AttachedRepository>>,
    /// Takes the environment that a save or delete answered.
    pub changed: Callback<Environment>,
    /// Whether slots that a boot writes are hidden.
    pub missing_only: RwSignal<bool>,
    /// Which of the two it is.
    pub host: Host,
    /// What agents ask people for.
    pub requests: Signal<Vec<ValueRequest>>,
    /// The slots in whose fields something is typed here.
    pub typed: RwSignal<Typed>,
}

impl PanelContext {
    /// The target as forms send it.
    pub fn target_text(self) -> String {
        self.target.get_value().into()
    }
}

/// The panel.
#[component]
pub fn Panel(
    /// What to show; it may change at any time.
    environment: Signal<Environment>,
    /// Whose environment it is.
    target: EnvironmentTarget,
    /// The attached repositories, for their names.
    repositories: Vec<AttachedRepository>,
    /// Takes the environment that a save or delete answered.
    changed: Callback<Environment>,
    /// How far changes have reached the sandboxes, where that is followed.
    #[prop(optional)]
    delivery: Option<Signal<Delivery>>,
    /// What agents ask people for.
    #[prop(into, optional)]
    requests: Signal<Vec<ValueRequest>>,
) -> impl IntoView {
    let typed = RwSignal::new(Typed::new());
    provide_context(PanelContext {
        environment,
        target: StoredValue::new(target.clone()),
        repositories: StoredValue::new(repositories.clone()),
        changed,
        missing_only: RwSignal::new(false),
        host: Host::Panel,
        requests,
        typed,
    });
    let places =
        Memo::new(move |_| environment.with(|environment| typed.with(|typed| kept::places(&environment.files, typed))));
    // A new spec may move the row that somebody types in.
    ImmediateEffect::new_scoped(move || {
        environment.track();
        browser::hold_focus();
    });
    let problem = [SetValue::PATH, DeleteValue::PATH, PromoteValue::PATH, ResolveConflict::PATH]
        .into_iter()
        .find_map(form_problem);
    let area = words::dom_id(&["panel", &String::from(target.clone())]);
    let id = area.clone();
    let destination = Destination::Environment(target);
    let imported = Callback::new(move |imported: Imported| {
        if let Some(environment) = imported.environment {
            changed.run(environment);
        }
    });
    view! {
        <div class="panel" id=id data-import-area="">
            <Progress />
            {delivery.map(|delivery| view! { <DeliveryLine delivery /> })}
            <Problem error=Signal::stored(problem) />
            <Import destination environment repositories area imported problem=form_problem(ImportText::PATH) />
            <For each=move || places.get() key=|place| place.clone() let:place>
                <FileGroup place />
            </For>
            <Unused />
        </div>
    }
}
