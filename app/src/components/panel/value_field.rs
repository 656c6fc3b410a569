//! The field that a value is typed or pasted into. Uncontrolled: what is typed is read once, when it is saved.

use super::slot_row::RowContext;
use crate::components::icon::{Icon, Shape};
use leptos::prelude::*;

/// A masked field that takes several lines (a one-line field would break a pasted PEM key), with an eye toggle.
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
) -> impl IntoView {
    let sensitive = row.slot.with_untracked(|slot| slot.sensitive);
    let shown = RwSignal::new(!sensitive);
    let key = row.key();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            enter.run(());
        }
    };
    view! {
        <div class="value">
            <textarea
                class="input value-field"
                id=row.id("value")
                name="value"
                node_ref=row.field
                rows="1"
                required
                data-masked=move || (!shown.get()).then_some("")
                aria-label=row.name(&format!("Value for {key}"))
                aria-describedby=["about", "doubts", "problem"].map(|part| row.id(part)).join(" ")
                aria-invalid=move || invalid.get().then_some("true")
                placeholder="Value"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                on:keydown=on_key
                on:input=move |_| typed.run(())
            ></textarea>
            {sensitive
                .then(|| {
                    view! {
                        <button
                            class="value-eye"
                            type="button"
                            aria-label=row.name(&format!("Show value of {key}"))
                            aria-pressed=move || shown.get().to_string()
                            on:click=move |_| shown.update(|shown| *shown = !*shown)
                        >
                            {move || {
                                let shape = if shown.get() { Shape::EyeOff } else { Shape::Eye };
                                view! { <Icon shape /> }
                            }}
                        </button>
                    }
                })}
        </div>
    }
}
