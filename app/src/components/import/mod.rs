//! Importing the text of an env file: pasted, dropped, chosen or typed, previewed, and saved in one piece.
//!
//! To host it: give an element around everything that belongs to it an id and the attribute `data-import-area`, and put
//! [`Import`] into it with that id as `area`. Pastes and drops that reach the area then open the preview. For an
//! organization as such the `environment` has no files.
//! Nothing is sent before the person confirms but digests, see [`crate::api::import::digest`].

mod form;
mod incoming;
mod preview;
mod row;
mod state;
mod wording;

use crate::api::ApiError;
use crate::api::import::{Destination, Imported};
use crate::components::browser;
use crate::components::problem::Problem;
use domain::Environment;
use domain::environment::AttachedRepository;
use form::ImportForm;
use leptos::prelude::*;
use preview::Preview;
use state::ImportState;

/// The fold "Import .env", and the preview in its place while there is something to look at.
#[component]
pub fn Import(
    /// Where the values go.
    destination: Destination,
    /// What is stored now; it may change at any time.
    #[prop(into)]
    environment: Signal<Environment>,
    /// The attached repositories, for their names.
    #[prop(optional)]
    repositories: Vec<AttachedRepository>,
    /// Id of the element that takes pastes and drops.
    area: String,
    /// Takes what an import came to.
    imported: Callback<Imported>,
    /// What the plain form of this very import was answered, if that led to this page.
    #[prop(optional_no_strip)]
    problem: Option<ApiError>,
) -> impl IntoView {
    let state = ImportState::new(destination, environment, repositories, imported, area);
    state.listen();
    let failed = problem.is_some();
    view! {
        <section class="import" id=state.id("import") aria-label="Import" data-hover=move || state.hover.get().then_some("")>
            <details
                class="import-fold"
                open=failed
                hidden=move || state.is_previewing()
                on:toggle=move |_| state.open.set(browser::is_open(&state.id("fold")))
                id=state.id("fold")
            >
                <summary id=state.id("summary")>
                    "Import .env" <span class="import-hint">"or paste or drop one anywhere here"</span>
                </summary>
                <Problem error=Signal::stored(problem) />
                <ImportForm state />
            </details>
            <p class="import-drop" hidden=move || !state.hover.get()>
                "Drop the file to preview it"
            </p>
            <Problem error=state.refused />
            <p
                class="import-done"
                role="status"
                id=state.id("done")
                tabindex="-1"
                data-said=move || state.done.with(|done| (!done.is_empty()).then_some(""))
            >
                {move || state.done.get()}
            </p>
            {move || state.is_previewing().then(|| view! { <Preview state /> })}
        </section>
    }
}
