//! The panel: one environment, to be seen and filled in. Its host gives it the environment and takes the changed one.

mod delete;
mod entry;
mod file_group;
pub mod order;
mod progress;
#[cfg(test)]
mod samples;
mod slot_about;
mod slot_row;
mod unused;
mod value_field;
pub mod wording;

use crate::api::environment::{DeleteValue, EnvironmentTarget, SetValue};
use crate::components::problem::{Problem, form_problem};
use crate::domain::Environment;
use crate::domain::environment::AttachedRepository;
use file_group::FileGroup;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use progress::Progress;
use unused::Unused;

/// What every part of a panel knows.
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
) -> impl IntoView {
    provide_context(PanelContext {
        environment,
        target: StoredValue::new(target),
        repositories: StoredValue::new(repositories),
        changed,
        missing_only: RwSignal::new(false),
    });
    let places = Memo::new(move |_| {
        environment.with(|environment| environment.files.iter().map(|file| file.place.clone()).collect::<Vec<_>>())
    });
    let problem = form_problem(SetValue::PATH).or_else(|| form_problem(DeleteValue::PATH));
    view! {
        <div class="panel">
            <Progress />
            <Problem error=Signal::stored(problem) />
            <For each=move || places.get() key=|place| place.clone() let:place>
                <FileGroup place />
            </For>
            <Unused />
        </div>
    }
}
