//! The form of the fold: a text or a file. Without WASM it imports at once; with WASM it opens the preview.

use super::incoming::{self, Incoming};
use super::state::ImportState;
use crate::api::ApiError;
use crate::api::import::{Destination, ImportText};
use crate::components::reach::UNASKED;
use crate::components::reactive::reactive;
use leptos::html::{Input, Textarea};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form.
#[component]
pub fn ImportForm(state: ImportState) -> impl IntoView {
    let taken_over = RwSignal::new(false);
    Effect::new(move || taken_over.set(true));
    let (text, file) = (NodeRef::<Textarea>::new(), NodeRef::<Input>::new());
    let destination: String = state.destination.get_value().into();
    let of_organization = state.destination.with_value(|destination| *destination == Destination::Organization);
    let preview = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = text.get_untracked() else { return };
        match field.value().trim().is_empty() {
            true => state.refused.set(Some(ApiError::invalid("text", "Paste the text of an env file first."))),
            false => {
                state.show(&field.value());
                if state.is_previewing() {
                    field.set_value("");
                }
            }
        }
    };
    let chosen = move |_| {
        if let Some(field) = file.get_untracked() {
            incoming::read_chosen(&field, move |incoming| match incoming {
                Incoming::Text(text) => state.show(&text),
                Incoming::Refused(why) => state.refused.set(Some(ApiError::invalid("text", why))),
                Incoming::Hover(_) => {}
            });
        }
    };
    let options = reactive(move || {
        let option = |choice| view! { <option value=String::from(choice)>{state.name(choice)}</option> };
        state.choices().into_iter().map(option).collect_view()
    });
    view! {
        <form class="import-form" method="post" action=ImportText::url() on:submit=preview>
            <input type="hidden" name="destination" value=destination />
            <label class="import-label" for=state.id("text")>
                "Text of an .env file"
            </label>
            <textarea
                class="input import-text"
                id=state.id("text")
                name="text"
                node_ref=text
                rows="4"
                placeholder="KEY=value"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
            ></textarea>
            <div class="import-file" hidden=move || !taken_over.get()>
                <label for=state.id("file")>"or a file"</label>
                <input type="file" id=state.id("file") node_ref=file on:change=chosen />
            </div>
            <div class="import-plain" hidden=taken_over>
                <p>
                    <label for=state.id("choice")>"Save for"</label>
                    <select class="input scope" name="choice" id=state.id("choice")>
                        {options}
                    </select>
                </p>
                <p class="hint">{UNASKED}</p>
                {(!of_organization)
                    .then(|| {
                        view! {
                            <label class="toggle">
                                <input type="checkbox" name="unlisted" value="true" />
                                <span>"Also keep keys that no file asks for, as organization secrets"</span>
                            </label>
                        }
                    })}
            </div>
            <button type="submit" class="button">{move || if taken_over.get() { "Preview" } else { "Import" }}</button>
        </form>
    }
}
