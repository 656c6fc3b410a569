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
mod held;
mod host;
mod interrupted;
mod kept;
pub mod order;
mod progress;
mod promote;
mod provenance;
mod readers;
#[cfg(test)]
pub(super) mod samples;
mod side_words;
mod skip;
mod slot_about;
mod slot_row;
mod unused;
mod value_field;
pub mod wording;

pub use held::HeldAll;
pub use host::{Card, Host};
pub use kept::Typed;
pub use slot_row::SlotRow;

use crate::api::ApiError;
use crate::api::delivery::Delivery;
use crate::api::environment::{DeleteValue, EnvironmentTarget, PromoteValue, SetValue};
use crate::api::import::{Destination, ImportText, Imported, ResolveConflict};
use crate::api::releases::{ReleaseValues, WithdrawRelease};
use crate::components::import::Import;
use crate::components::problem::{Problem, form_problem_at};
use crate::components::reach::WithoutScripts;
use crate::components::view_only::ViewOnly;
use crate::components::{browser, words};
use crate::pages::{Address, Tab, may_edit};
use delivery::DeliveryLine;
use domain::Environment;
use domain::environment::AttachedRepository;
use domain::request::ValueRequest;
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
    /// Whether it stands among other things, in a list: then it is shown compactly and hides what is set.
    pub compact: bool,
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

    /// An id in the document for a part of this panel. Several panels of configurations may stand on one page.
    pub fn id(self, parts: &[&str]) -> String {
        self.target.with_value(|target| match target {
            EnvironmentTarget::Session(_) => words::dom_id(parts),
            EnvironmentTarget::Configuration(id) => words::dom_id(&[&[id.as_str()], parts].concat()),
        })
    }

    /// What the address of its page says when this panel is shown: name and value.
    pub fn query(self) -> (&'static str, String) {
        self.target.with_value(|target| match target {
            EnvironmentTarget::Session(_) => ("tab", Tab::Environment.name().to_owned()),
            EnvironmentTarget::Configuration(id) => ("configuration", id.to_string()),
        })
    }

    /// What a plain form of this panel was answered: an address names the panel that it came from.
    fn plain_problem(self, paths: &[&str]) -> Option<ApiError> {
        let here = |address: &Address| match self.target.get_value() {
            EnvironmentTarget::Session(_) => true,
            EnvironmentTarget::Configuration(id) => address.configuration == Some(id),
        };
        paths.iter().find_map(|path| form_problem_at(path, here))
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
    /// Whether it stands among other things, in a list.
    #[prop(optional)]
    compact: bool,
) -> impl IntoView {
    let typed = RwSignal::new(Typed::new());
    let context = PanelContext {
        environment,
        target: StoredValue::new(target.clone()),
        repositories: StoredValue::new(repositories.clone()),
        changed,
        compact,
        host: Host::Panel,
        requests,
        typed,
    };
    provide_context(context);
    let places =
        Memo::new(move |_| environment.with(|environment| typed.with(|typed| kept::places(&environment.files, typed))));
    // A new spec may move the row that somebody types in.
    ImmediateEffect::new_scoped(move || {
        environment.track();
        browser::hold_focus();
    });
    let problem = context.plain_problem(&[
        SetValue::PATH,
        DeleteValue::PATH,
        PromoteValue::PATH,
        ResolveConflict::PATH,
        ReleaseValues::PATH,
        WithdrawRelease::PATH,
    ]);
    let area = words::dom_id(&["panel", &String::from(target.clone())]);
    let id = area.clone();
    let destination = Destination::Environment(target);
    let imported = Callback::new(move |imported: Imported| {
        if let Some(environment) = imported.environment {
            changed.run(environment);
        }
    });
    let import_problem = context.plain_problem(&[ImportText::PATH]);
    let import = may_edit().then(|| {
        view! { <Import destination environment repositories area imported problem=import_problem /> }
    });
    view! {
        <div class="panel" id=id data-import-area="" data-compact=compact.then_some("")>
            <Progress />
            <ViewOnly what="fill in, replace or delete values" />
            {delivery.map(|delivery| view! { <DeliveryLine delivery /> })}
            <Problem error=Signal::stored(problem) />
            {may_edit().then(|| view! { <WithoutScripts /> })}
            <HeldAll />
            {import}
            <For each=move || places.get() key=|place| place.clone() let:place>
                <FileGroup place />
            </For>
            // In a list, the page of all secrets is nearer than a fold in each panel.
            {(!compact).then(|| view! { <Unused /> })}
        </div>
    }
}
