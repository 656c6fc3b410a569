//! Where a value counts, and in a card whether it outlives the session.

use super::entry_state::EntryState;
use super::wording;
use crate::components::reactive::reactive;
use domain::environment::Scope;
use leptos::prelude::*;

/// Where the value shall count.
#[component]
pub fn ScopeSelect(state: EntryState) -> impl IntoView {
    let EntryState { row, panel, scope, .. } = state;
    // Taken once: a value that arrives while somebody types must not change the scope under their hands.
    let first = row.slot.with_untracked(|slot| slot.winner.as_ref().map(|winner| winner.scope.clone()));
    let in_card = row.host.card().is_some();
    let scopes = Memo::new(move |_| {
        let (target, repositories) = (panel.target.get_value(), panel.repositories.get_value());
        let mut usual =
            row.owner.with(|owner| row.slot.with(|slot| wording::scopes(slot, owner.as_ref(), &target, &repositories)));
        // In a card the switch says whether it is for this session only.
        usual.retain(|(scope, _)| !in_card || *scope != Scope::Session);
        wording::with_first(usual, first.as_ref())
    });
    // Where nothing but the organization is left, somebody must say so.
    let unsaid = move || !in_card && scopes.with(|scopes| matches!(scopes.first(), Some((Scope::Organization, _))));
    let options = reactive(move || {
        let option = |(scope, name): (Scope, String)| view! { <option value=scope.to_string()>{name}</option> };
        let choose = unsaid().then(|| {
            view! {
                <option value="" selected disabled>
                    "Choose where to save it"
                </option>
            }
        });
        (choose, scopes.get().into_iter().map(option).collect_view())
    });
    view! {
        <select
            class="input scope"
            name="scope"
            node_ref=scope
            on:change=move |_| state.note_scope()
            aria-label=row.name(&format!("Scope for {}", row.key()))
        >
            {options}
        </select>
    }
}

/// The switch of a card, on by default, with the scope beside it. It is a plain box, and styles alone hide the scope
/// while it is off.
#[component]
pub fn Future(state: EntryState) -> impl IntoView {
    let row = state.row;
    // A file of no single repository has only the organization to keep it: then it is for this session until somebody
    // turns the switch on.
    let kept = row.owner.with_untracked(Option::is_some) || row.slot.with_untracked(|slot| !slot.conflict.is_empty());
    view! {
        <div class="future" hidden=row.gone>
            <input type="hidden" name="asks_future" value="true" />
            <label class="toggle">
                <input
                    class="switch"
                    type="checkbox"
                    role="switch"
                    name="future"
                    value="true"
                    checked=kept
                    node_ref=state.future
                    on:change=move |_| state.note_scope()
                />
                <span>
                    "Save for future sessions"
                    <span class="visually-hidden">{format!(" ({} in the request)", row.key())}</span>
                </span>
            </label>
            <ScopeSelect state />
            <span class="future-off hint">"This session only: the value ends with it."</span>
        </div>
    }
}
