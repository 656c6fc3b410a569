//! What came between somebody who types and their save: another value, or the end of the slot.

use super::entry_state::EntryState;
use crate::api::SecretInput;
use crate::api::environment::{EnvironmentTarget, set_value};
use crate::components::browser;
use crate::components::clock::Moment;
use crate::components::icon::{Icon, Shape};
use crate::components::words;
use domain::RelativePath;
use domain::environment::{Scope, SlotView, StoredValue};
use leptos::prelude::*;

/// Says who saved another value meanwhile, and asks which of the two shall stand.
#[component]
pub fn Rival(state: EntryState) -> impl IntoView {
    let row = state.row;
    let question = move |rival: StoredValue| {
        let scope = state.panel.repositories.with_value(|all| words::scope(&rival.scope, all));
        let key = row.key();
        view! {
            <div class="interrupted">
                <p>
                    <strong>{rival.set_by}</strong>
                    {format!(" just set this value for {}, at ", words::the(&scope))}
                    <Moment at=rival.set_at short=true />
                    ". Replace it with yours?"
                </p>
                <div class="question-actions">
                    <button
                        class="button"
                        type="button"
                        id=row.id("yours")
                        aria-label=row.name(&format!("Replace it with yours: {key}"))
                        on:click=move |_| state.replace()
                    >
                        "Replace it with yours"
                    </button>
                    <button
                        class="button"
                        type="button"
                        aria-label=row.name(&format!("Keep theirs: {key}"))
                        on:click=move |_| {
                            state.drop_typed();
                            browser::focus_later(row.id("replace"));
                        }
                    >
                        "Keep theirs"
                    </button>
                </div>
            </div>
        }
    };
    view! { <div class="interruption" role="status">{move || state.rival.get().map(question)}</div> }
}

/// Says that nobody asks for the value any more, and keeps what was typed until the person decides.
#[component]
pub fn Gone(state: EntryState) -> impl IntoView {
    let row = state.row;
    // The same key may have moved to another file.
    let elsewhere = Memo::new(move |_| {
        let here = row.at.get_value();
        state.panel.environment.with(|environment| {
            let same = |(_, slot): &(_, &SlotView)| slot.key == here.key && !slot.status.is_written();
            environment.slots().find(same).map(|(file, _)| file.place.clone())
        })
    });
    let notice = move || {
        let key = row.key();
        let moved = elsewhere.get().map(|place| {
            let label = format!("Save it in {place}");
            view! {
                <button class="button" type="button" on:click=move |_| save_in(state, place.clone())>
                    {label}
                </button>
            }
        });
        view! {
            <div class="interrupted">
                <p>
                    <Icon shape=Shape::Alert />
                    <span>
                        <strong>"No longer asked for."</strong>
                        " What you typed is still here until you dismiss it."
                    </span>
                </p>
                <div class="question-actions">
                    {moved}
                    <button
                        class="button"
                        type="button"
                        aria-label=row.name(&format!("Dismiss {key}"))
                        on:click=move |_| state.drop_typed()
                    >
                        "Dismiss"
                    </button>
                </div>
            </div>
        }
    };
    view! { <div class="interruption" role="status">{move || row.gone.get().then(notice)}</div> }
}

/// Saves what was typed for the slot of another file, then lets the row go.
fn save_in(state: EntryState, place: RelativePath) {
    let Some(field) = state.row.field.get_untracked() else { return };
    let key = state.row.at.with_value(|at| at.key.clone());
    let found = state.panel.environment.with_untracked(|environment| {
        let mut slots = environment.slots();
        let at = |(file, slot): &(&domain::environment::FileView, &SlotView)| file.place == place && slot.key == key;
        slots.find(at).map(|(file, slot)| (file.owner.clone(), slot.seen()))
    });
    let Some((owner, seen)) = found else { return };
    let (target, value) = (state.panel.target.get_value(), SecretInput::new(field.value()));
    // Never for the organization unasked: without another place the server asks for one.
    let session = matches!(target, EnvironmentTarget::Session(_)).then_some(Scope::Session);
    let scope = owner.map(|owner| Scope::Repository(owner.id)).or(session);
    let call = set_value(target, place, key, scope, value, false, false, false, Some(seen));
    state.form.send(call, move |environment| {
        let next = state.row.next(&environment);
        let move_on = browser::may_move_focus_from(&state.row.id("slot"));
        state.panel.changed.run(environment);
        state.drop_typed();
        if move_on {
            browser::focus_later(next);
        }
    });
}
