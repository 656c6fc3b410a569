//! The value's field of a form, with the question whether nothing is meant.

use crate::api::SecretInput;
use crate::components::masked_field::MaskedField;
use crate::components::problem::is_about;
use crate::components::show::Show;
use crate::components::submission::Submission;
use leptos::html::Textarea;
use leptos::prelude::*;

/// The field of one form.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The field.
    pub field: NodeRef<Textarea>,
    /// Whether "save an empty value" is offered.
    pub empty: RwSignal<bool>,
    /// Whether WASM asks whether an empty value is meant, which a browser without it only refuses.
    pub taken_over: RwSignal<bool>,
}

impl Entry {
    /// A field with nothing in it.
    pub fn new() -> Self {
        let taken_over = RwSignal::new(false);
        Effect::new(move || taken_over.set(true));
        Self { field: NodeRef::new(), empty: RwSignal::new(false), taken_over }
    }

    /// Whether something is typed.
    pub fn has_text(self) -> bool {
        self.field.get_untracked().is_some_and(|field| !field.value().is_empty())
    }

    /// What is typed. Nothing typed is asked about first, unless `on_purpose`.
    pub fn read(self, on_purpose: bool) -> Option<SecretInput> {
        let text = self.field.get_untracked()?.value();
        if text.is_empty() && !on_purpose {
            self.empty.set(true);
            return None;
        }
        self.empty.set(false);
        Some(SecretInput::new(text))
    }

    /// Forgets what is typed.
    pub fn clear(self) {
        if let Some(field) = self.field.try_get_untracked().flatten() {
            field.set_value("");
        }
        self.empty.try_set(false);
    }
}

/// The field itself.
#[component]
pub fn ValueEntry(
    entry: Entry,
    form: Submission,
    /// Id in the document.
    #[prop(into)]
    id: String,
    /// What the value belongs to, as in "Value for STRIPE_KEY".
    #[prop(into)]
    of: String,
    /// Ids of what describes the field.
    #[prop(into)]
    described_by: String,
    /// Saves.
    #[prop(into)]
    save: Callback<()>,
    /// Called when somebody types.
    #[prop(into)]
    typed: Callback<()>,
) -> impl IntoView {
    view! {
        <MaskedField
            id
            node_ref=entry.field
            label=format!("Value for {of}")
            eye=format!("Show value of {of}")
            described_by
            sensitive=true
            enter=move |()| save.run(())
            typed=move |()| {
                entry.empty.set(false);
                form.error.set(None);
                typed.run(());
            }
            invalid=Signal::derive(move || form.error.with(|error| is_about(error, "value")))
            busy=form.busy
        />
    }
}

/// Offers to save the empty value, once nothing was typed.
#[component]
pub fn EmptyQuestion(
    entry: Entry,
    /// Saves it.
    #[prop(into)]
    save: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="interruption" role="status">
            <Show when=move || entry.empty.get()>
                <p class="entry-empty">
                    <span>"Nothing was typed."</span>
                    <button class="button" type="button" on:click=move |_| save.run(())>
                        "Save an empty value"
                    </button>
                </p>
            </Show>
        </div>
    }
}
