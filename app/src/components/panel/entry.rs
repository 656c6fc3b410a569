//! Filling in a slot: value, scope, save, generate.

use super::progress::DONE_ID;
use super::slot_row::RowContext;
use super::value_field::ValueField;
use super::{PanelContext, order, wording};
use crate::api::environment::{SetValue, set_value};
use crate::api::{ApiError, SecretInput};
use crate::components::browser;
use crate::components::problem::Problem;
use crate::components::words;
use crate::domain::Environment;
use crate::domain::environment::Scope;
use leptos::html::Select;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// What is to be saved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// What was typed; nothing typed is asked about first.
    Typed,
    /// The empty value, on purpose.
    Empty,
    /// A random value.
    Random,
}

/// The state of one entry.
#[derive(Clone, Copy)]
struct EntryState {
    row: RowContext,
    panel: PanelContext,
    scope: NodeRef<Select>,
    saving: RwSignal<bool>,
    error: RwSignal<Option<ApiError>>,
    /// Whether "save an empty value" is offered.
    empty: RwSignal<bool>,
}

/// The form. It saves without a reload, and by itself where there is no WASM.
#[component]
pub fn Entry(row: RowContext) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let state = EntryState {
        row,
        panel,
        scope: NodeRef::new(),
        saving: RwSignal::new(false),
        error: RwSignal::new(None),
        empty: RwSignal::new(false),
    };
    let key = row.key();
    let replaces = Memo::new(move |_| row.slot.with(|slot| slot.status.is_written()));
    let can_generate = row.slot.with_untracked(|slot| slot.generate.is_some());
    let busy = move || state.saving.get().then_some("true");
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
            <ValueField
                row
                enter=move |()| state.save(What::Typed)
                typed=move |()| state.forget_problem()
                invalid=Signal::derive(move || state.error.with(Option::is_some))
            />
            <Suggestions row />
            <div class="entry-line">
                <ScopeSelect row panel scope=state.scope />
                {can_generate
                    .then(|| {
                        view! {
                            <button
                                class="button"
                                name="generate"
                                value="true"
                                formnovalidate
                                aria-label=format!("Generate {key}")
                                on:click=move |event| {
                                    event.prevent_default();
                                    state.save(What::Random);
                                }
                            >
                                "Generate"
                            </button>
                        }
                    })}
                <button class="button" data-look="primary" aria-label=format!("Save {key}") aria-busy=busy>
                    "Save"
                </button>
                <Show when=move || replaces.get()>
                    <button
                        class="button"
                        data-look="quiet"
                        type="button"
                        aria-label=format!("Cancel replacing {}", row.key())
                        on:click=move |_| {
                            row.entering.set(false);
                            focus_later(row.id("replace"));
                        }
                    >
                        "Cancel"
                    </button>
                </Show>
            </div>
            <Problem error=state.error id=row.id("problem") />
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

impl EntryState {
    fn forget_problem(self) {
        self.empty.set(false);
        self.error.set(None);
    }

    fn scope(self) -> Option<Scope> {
        Scope::try_from(self.scope.get_untracked()?.value()).ok()
    }

    /// Saves without taking the keyboard or the typed text away until it worked.
    fn save(self, what: What) {
        let Some((field, scope)) = self.row.field.get_untracked().zip(self.scope()) else { return };
        if self.saving.get_untracked() {
            return;
        }
        self.forget_problem();
        let value = match what {
            What::Random => SecretInput::default(),
            What::Typed | What::Empty => SecretInput::new(field.value()),
        };
        if what == What::Typed && field.value().is_empty() {
            self.empty.set(true);
            return;
        }
        self.saving.set(true);
        let (target, at) = (self.panel.target.get_value(), self.row.at.get_value());
        spawn_local(async move {
            let answer =
                set_value(target, at.file, at.key, scope, value, what == What::Random, false, false, None).await;
            // The event stream may have been faster, and a new spec may have taken the slot away.
            if self.saving.is_disposed() {
                return;
            }
            self.saving.set(false);
            match answer {
                Ok(environment) => self.saved(environment),
                Err(error) => self.error.set(Some(error)),
            }
        });
    }

    fn saved(self, environment: Environment) {
        let row = self.row;
        let at = row.at.get_value();
        let next = match order::next_missing(&environment, &at) {
            Some(next) => words::dom_id(&["value", next.file.as_str(), next.key.as_str()]),
            None if environment.missing_required() == 0 => DONE_ID.to_owned(),
            None => row.id("replace"),
        };
        let move_on = browser::may_move_focus_from(&row.id("slot"));
        if let Some(field) = row.field.get_untracked() {
            field.set_value("");
        }
        row.entering.set(false);
        self.panel.changed.run(environment);
        if move_on {
            focus_later(next);
        }
    }
}

/// Gives the keyboard to an element that the change under way may only be making.
pub fn focus_later(id: String) {
    request_animation_frame(move || {
        browser::focus(&id);
    });
}

/// Where the value shall count.
#[component]
fn ScopeSelect(row: RowContext, panel: PanelContext, scope: NodeRef<Select>) -> impl IntoView {
    // Taken once: a value that arrives while somebody types must not change the scope under their hands.
    let first = row.slot.with_untracked(|slot| slot.winner.as_ref().map(|winner| winner.scope.clone()));
    let scopes = Memo::new(move |_| {
        let (target, repositories) = (panel.target.get_value(), panel.repositories.get_value());
        let usual =
            row.owner.with(|owner| row.slot.with(|slot| wording::scopes(slot, owner.as_ref(), &target, &repositories)));
        wording::with_first(usual, first.as_ref())
    });
    let options = move || {
        let option = |(scope, name): (Scope, String)| view! { <option value=scope.to_string()>{name}</option> };
        scopes.get().into_iter().map(option).collect_view()
    };
    view! {
        <select class="input scope" name="scope" node_ref=scope aria-label=format!("Scope for {}", row.key())>
            {options}
        </select>
    }
}

/// Values that fill the field.
#[component]
fn Suggestions(row: RowContext) -> impl IntoView {
    let suggestions = Memo::new(move |_| row.slot.with(|slot| slot.suggestions.clone()));
    let fill = move |text: &str| {
        if let Some(field) = row.field.get_untracked() {
            field.set_value(text);
            let _ = field.focus();
        }
    };
    move || {
        let button = |text: String| {
            let shown = text.clone();
            view! {
                <button class="suggestion" type="button" on:click=move |_| fill(&text)>
                    {shown}
                </button>
            }
        };
        let all = suggestions.get();
        (!all.is_empty()).then(|| {
            view! {
                <div class="suggestions" role="group" aria-label=format!("Suggestions for {}", row.key())>
                    {all.into_iter().map(button).collect_view()}
                </div>
            }
        })
    }
}
