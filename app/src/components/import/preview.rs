//! The preview: what every line is and what saving it would do.

use super::row::PreviewRow;
use super::state::ImportState;
use super::wording;
use crate::components::problem::Problem;
use crate::components::reach::Reach;
use crate::components::reactive::reactive;
use crate::components::words;
use domain::import::Choice;
use leptos::prelude::*;

/// Table, scope for all, and the buttons that save or discard it.
#[component]
pub fn Preview(state: ImportState) -> impl IntoView {
    let lines = move || state.rows.with(|rows| rows.len());
    let count = Memo::new(move |_| state.count());
    let summary = Memo::new(move |_| state.planned.with(|planned| wording::summary(planned)));
    let for_organization = Memo::new(move |_| state.for_organization());
    let target = state.target();
    let (heading, labelled) = (state.id("preview"), state.id("preview"));
    view! {
        <form
            class="preview"
            aria-labelledby=labelled
            method="dialog"
            on:submit=move |event| {
                event.prevent_default();
                state.save();
            }
        >
            <div class="preview-head">
                <h2 id=heading tabindex="-1">
                    {move || format!("Preview of {}", words::count(lines(), "key"))}
                </h2>
                <ScopeForAll state />
            </div>
            <p class="preview-summary" role="status">
                {summary}
            </p>
            <Reach keys=for_organization.into() target id=state.id("reach") />
            <div class="preview-rows">
                <table class="preview-table" role="table" aria-labelledby=state.id("preview")>
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col">"Save"</th>
                            <th role="columnheader" scope="col">"Key"</th>
                            <th role="columnheader" scope="col">"Value"</th>
                            <th role="columnheader" scope="col">"Scope"</th>
                            <th role="columnheader" scope="col">"What happens"</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{move || rows(state)}</tbody>
                </table>
            </div>
            <Problem error=state.form.error id=state.id("problem") />
            <div class="preview-actions">
                <button
                    type="submit"
                    class="button"
                    data-look="primary"
                    disabled=move || count.get() == 0
                    aria-busy=move || state.form.aria_busy()
                >
                    {move || format!("Save {}", words::count(count.get(), "value"))}
                </button>
                <button class="button" data-look="quiet" type="button" on:click=move |_| state.discard()>
                    "Discard"
                </button>
                <span class="hint">"Nothing has been sent yet."</span>
            </div>
        </form>
    }
}

/// The rows of the text that is previewed now; another text makes all of them anew.
fn rows(state: ImportState) -> impl IntoView {
    let rows = state.rows.get();
    (0..rows.len()).map(|index| view! { <PreviewRow state rows=rows.clone() index /> }).collect_view()
}

/// One choice for every line without an exception of its own.
#[component]
fn ScopeForAll(state: ImportState) -> impl IntoView {
    let choices = Memo::new(move |_| state.choices());
    let options = move || {
        let option = |choice: Choice| {
            view! {
                <option value=String::from(choice) selected=move || state.all.get() == choice>
                    {state.name(choice)}
                </option>
            }
        };
        choices.get().into_iter().map(option).collect_view()
    };
    let choose = move |event| {
        if let Ok(choice) = Choice::try_from(event_target_value(&event)) {
            state.all.set(choice);
        }
    };
    reactive(move || {
        (choices.with(Vec::len) > 1).then(|| {
            view! {
                <p class="preview-all">
                    <label for=state.id("all")>"Save for"</label>
                    <select class="input scope" id=state.id("all") on:change=choose>
                        {options}
                    </select>
                </p>
            }
        })
    })
}
