//! One key of a card: its slot while it can be filled in, else what came of it.

use super::wording;
use crate::components::clock::Moment;
use crate::components::icon::Icon;
use crate::components::panel::wording::{answered, outcome_name};
use crate::components::panel::{Card, PanelContext, SlotRow};
use crate::components::reactive::reactive;
use domain::environment::{FileView, StoredValue as Stored};
use domain::request::{KeyOutcome, RequestState, RequestedKey};
use domain::spec::SlotRef;
use leptos::prelude::*;

/// The slot as the panel shows it, or one line.
#[component]
pub fn Key(card: Card, key: RequestedKey) -> impl IntoView {
    let PanelContext { environment, typed, .. } = expect_context();
    let at = key.slot();
    let place = at.file.clone();
    // A slot that leaves keeps its last state until its row is gone.
    let file = Memo::new(move |before: Option<&Option<FileView>>| {
        let now = environment.with(|all| all.files.iter().find(|file| file.place == place).cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let wanted = at.clone();
    let is_slot = Memo::new(move |_| {
        file.with(|file| file.as_ref().is_some_and(|file| file.slots.iter().any(|slot| slot.key == wanted.key)))
    });
    let wanted = at.clone();
    let open = Memo::new(move |_| {
        let pending = card.request.with(|request| request.state == RequestState::Pending);
        let kept = typed.with(|typed| typed.contains(&wanted));
        kept || pending && is_slot.get() && card.outcome(&wanted) != Some(KeyOutcome::Skipped)
    });
    reactive(move || match open.get() {
        true => view! { <SlotRow place=at.file.clone() key=at.key.clone() file /> }.into_any(),
        false => view! { <Outcome card at=at.clone() file /> }.into_any(),
    })
}

/// What came of the key, and who answered.
#[component]
fn Outcome(card: Card, at: SlotRef, file: Memo<Option<FileView>>) -> impl IntoView {
    let PanelContext { repositories, .. } = expect_context();
    let (name, place) = (at.key.to_string(), at.file.to_string());
    let wanted = at.clone();
    let outcome = Memo::new(move |_| card.outcome(&wanted));
    let chip = reactive(move || {
        let (label, shape, tone) = wording::outcome(outcome.get());
        view! {
            <span class="chip" data-tone=tone>
                <Icon shape />
                {label}
            </span>
        }
    });
    // Only a value that stood when the request was closed is its answer; a later one is somebody else's doing.
    let key = at.key.clone();
    let value = Memo::new(move |_| {
        let until = card.request.with(|request| request.closed_at).unwrap_or(i64::MAX);
        let slot =
            |file: &FileView| file.slots.iter().find(|slot| slot.key == key).and_then(|slot| slot.winner.clone());
        let stored = file.with(|file| file.as_ref().and_then(slot));
        let has_value = matches!(outcome.get(), Some(KeyOutcome::Submitted | KeyOutcome::AlreadySet));
        stored.filter(|value: &Stored| has_value && value.set_at <= until)
    });
    let by = reactive(move || {
        value.get().map(|value| {
            let text = repositories.with_value(|all| answered(outcome.get(), &value, all));
            view! {
                <span class="request-by">
                    {text} ", " <Moment at=value.set_at short=true />
                </span>
            }
        })
    });
    view! {
        <li class="request-outcome" data-asked=name data-file=place data-outcome=move || outcome.get().map(outcome_name)>
            <code>{at.key.to_string()}</code>
            {by}
            {chip}
        </li>
    }
}
