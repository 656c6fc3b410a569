//! The field that a value is typed or pasted into, wherever that is. Uncontrolled: what is typed is read once, when it is
//! saved.

use super::icon::{Icon, Shape};
use leptos::html::Textarea;
use leptos::prelude::*;

/// A masked field that takes several lines (a one-line field would break a pasted PEM key), with an eye toggle.
#[component]
pub fn MaskedField(
    /// Id in the document.
    #[prop(into)]
    id: String,
    /// Where the text is read from.
    node_ref: NodeRef<Textarea>,
    /// The field's name for screen readers, such as "Value for DATABASE_URL".
    #[prop(into)]
    label: String,
    /// The eye's name, such as "Show value of DATABASE_URL".
    #[prop(into)]
    eye: String,
    /// Ids of what describes the field.
    #[prop(into)]
    described_by: String,
    /// Whether what is typed is hidden until the eye is pressed.
    sensitive: bool,
    /// Called by Enter; Shift and Enter make a new line.
    #[prop(into)]
    enter: Callback<()>,
    /// Called when somebody types.
    #[prop(into)]
    typed: Callback<()>,
    /// Whether the last attempt to save failed.
    #[prop(into)]
    invalid: Signal<bool>,
    /// Whether it is being saved: what is typed meanwhile would be lost with the rest, so nothing can be.
    busy: RwSignal<bool>,
) -> impl IntoView {
    let shown = RwSignal::new(!sensitive);
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
                id=id
                name="value"
                node_ref=node_ref
                rows="1"
                required
                readonly=move || busy.get()
                data-masked=move || (!shown.get()).then_some("")
                aria-label=label
                aria-describedby=described_by
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
                            aria-label=eye
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
