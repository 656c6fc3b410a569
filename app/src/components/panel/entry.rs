//! Filling in a slot: value, scope, save, generate.

use super::PanelContext;
use super::doubts::Doubts;
use super::entry_state::{EntryState, What};
use super::future::{Future, ScopeSelect};
use super::interrupted::{Gone, Rival};
use super::skip::SkipButton;
use super::slot_row::RowContext;
use super::value_field::ValueField;
use crate::api::environment::SetValue;
use crate::components::browser;
use crate::components::problem::Problem;
use crate::components::reach::Reach;
use crate::components::reactive::reactive;
use crate::components::show::Show;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form. It saves without a reload, and by itself where there is no WASM.
#[component]
pub fn Entry(row: RowContext) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let state = EntryState::new(row, panel);
    // A browser without WASM must not save an empty value by a slip; with WASM the entry asks instead.
    let taken_over = RwSignal::new(false);
    Effect::new(move || taken_over.set(true));
    view! {
        <form
            class="entry"
            id=row.id("entry")
            method="post"
            action=SetValue::url()
            novalidate=taken_over
            on:submit=move |event| {
                event.prevent_default();
                state.save(What::Typed);
            }
        >
            {row.address(panel.target_text())}
            <input type="hidden" name="seen" value=move || state.seen.with(ToString::to_string) />
            <Gone state />
            <ValueField
                row
                enter=move |()| state.save(What::Typed)
                typed=move |()| state.typed()
                invalid=Signal::derive(move || state.form.error.with(Option::is_some))
                busy=state.form.busy
            />
            <Doubts state />
            <Rival state />
            <Suggestions state />
            {row.host.card().map(|_| view! { <Future state /> })}
            <div class="entry-line" hidden=row.gone>
                {row.host.card().is_none().then(|| view! { <ScopeSelect state /> })}
                <Actions state />
            </div>
            {reactive(move || state.for_organization.get().then(|| view! { <Reached state /> }))}
            <Problem error=state.form.error id=row.id("problem") />
            <Show when=move || state.empty.get()>
                <p class="entry-empty">
                    <span>"Nothing was typed."</span>
                    <button class="button" type="button" on:click=move |_| state.save(What::Empty)>
                        "Save an empty value"
                    </button>
                </p>
            </Show>
        </form>
    }
}

/// What the value reaches that is about to be saved for the organization.
#[component]
fn Reached(state: EntryState) -> impl IntoView {
    let keys = Signal::stored(vec![state.row.at.with_value(|at| at.key.clone())]);
    view! { <Reach keys target=Some(state.panel.target.get_value()) id=state.row.id("reach") /> }
}

/// The buttons of the form.
#[component]
fn Actions(state: EntryState) -> impl IntoView {
    let row = state.row;
    let key = row.key();
    let can_generate = row.slot.with_untracked(|slot| slot.generate.is_some());
    let (save, anyway) = (row.name(&format!("Save {key}")), row.name(&format!("Save anyway: {key}")));
    view! {
        <SkipButton row />
        {can_generate
            .then(|| {
                view! {
                    <button
                        type="submit"
                        class="button"
                        name="generate"
                        value="true"
                        formnovalidate
                        aria-label=row.name(&format!("Generate {key}"))
                        on:click=move |event| {
                            event.prevent_default();
                            state.save(What::Random);
                        }
                    >
                        "Generate"
                    </button>
                }
            })}
        <button
            type="submit"
            class="button"
            data-look="primary"
            aria-label=move || if state.asked.get() { anyway.clone() } else { save.clone() }
            aria-busy=move || state.form.aria_busy()
        >
            {move || if state.asked.get() { "Save anyway" } else { "Save" }}
        </button>
        <Show when=move || row.filled.get()>
            <button
                class="button"
                data-look="quiet"
                type="button"
                aria-label=row.name(&format!("Cancel replacing {}", row.key()))
                on:click=move |_| {
                    state.drop_typed();
                    browser::focus_later(row.id("replace"));
                }
            >
                "Cancel"
            </button>
        </Show>
    }
}

/// Values that fill the field.
#[component]
fn Suggestions(state: EntryState) -> impl IntoView {
    let row = state.row;
    let suggestions = Memo::new(move |_| row.slot.with(|slot| slot.suggestions.clone()));
    let fill = move |text: &str| {
        if let Some(field) = row.field.get_untracked().filter(|_| !state.form.busy.get_untracked()) {
            field.set_value(text);
            state.typed();
            let _ = field.focus();
        }
    };
    reactive(move || {
        let button = |text: String| {
            let shown = text.clone();
            view! {
                <button class="suggestion" type="button" on:click=move |_| fill(&text)>
                    {shown}
                </button>
            }
        };
        let all = suggestions.get();
        (!all.is_empty() && !row.gone.get()).then(|| {
            view! {
                <div
                    class="suggestions"
                    role="group"
                    aria-label=row.name(&format!("Suggestions for {}", row.key()))
                >
                    {all.into_iter().map(button).collect_view()}
                </div>
            }
        })
    })
}
