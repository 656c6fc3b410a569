//! The field of a slot's value.

use super::slot_row::RowContext;
use crate::components::masked_field::MaskedField;
use leptos::prelude::*;

/// The field, named after its slot.
#[component]
pub fn ValueField(
    /// The row that it belongs to.
    row: RowContext,
    /// Called by Enter; Shift and Enter make a new line.
    #[prop(into)]
    enter: Callback<()>,
    /// Called when somebody types.
    #[prop(into)]
    typed: Callback<()>,
    /// Whether the last attempt to save failed.
    #[prop(into)]
    invalid: Signal<bool>,
    /// Whether it is being saved.
    busy: RwSignal<bool>,
) -> impl IntoView {
    let key = row.key();
    view! {
        <MaskedField
            id=row.id("value")
            node_ref=row.field
            label=row.name(&format!("Value for {key}"))
            eye=row.name(&format!("Show value of {key}"))
            described_by=["about", "doubts", "problem"].map(|part| row.id(part)).join(" ")
            sensitive=row.slot.with_untracked(|slot| slot.sensitive)
            enter
            typed
            invalid
            busy
        />
    }
}
