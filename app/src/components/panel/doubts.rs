//! What looks wrong with a value, before it is saved and after. It never stands in the way for good.

use super::entry_state::EntryState;
use super::slot_row::RowContext;
use crate::components::icon::{Icon, Shape};
use crate::components::reactive::reactive;
use crate::components::words;
use domain::warnings::Warning;
use leptos::prelude::*;

/// What looks wrong with what is typed; a second "save" saves it all the same.
#[component]
pub fn Doubts(state: EntryState) -> impl IntoView {
    let row = state.row;
    view! {
        <div class="doubts" role="status" id=row.id("doubts")>
            {move || (!row.gone.get()).then(|| list(row, state.warnings.get()))}
            {move || {
                state
                    .asked
                    .get()
                    .then(|| view! { <p class="doubts-ask">"Save it again to save it anyway."</p> })
            }}
        </div>
    }
}

/// What looks wrong with the stored value that wins.
#[component]
pub fn StoredDoubts(row: RowContext) -> impl IntoView {
    let warnings = Memo::new(move |_| {
        row.slot.with(|slot| slot.winner.as_ref().map(|winner| winner.warnings.clone()).unwrap_or_default())
    });
    reactive(move || {
        let warnings = warnings.get();
        (!warnings.is_empty() && !row.entering.get())
            .then(|| view! { <div class="doubts" data-stored="">{list(row, warnings)}</div> })
    })
}

fn list(row: RowContext, warnings: Vec<Warning>) -> impl IntoView {
    let line = |warning| {
        let text = row.at.with_value(|at| words::warning(warning, &at.key));
        view! {
            <p>
                <Icon shape=Shape::Alert />
                <span>{text}</span>
            </p>
        }
    };
    warnings.into_iter().map(line).collect_view()
}
