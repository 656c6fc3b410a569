//! Skipping an optional key of a request.

use super::host::Card;
use super::slot_row::RowContext;
use crate::api::requests::{SkipKey, skip_key};
use crate::components::browser;
use crate::components::problem::Problem;
use crate::components::show::Show;
use crate::components::submission::Submission;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The button, among those of the entry; its form stands beside the entry's own, for forms cannot nest.
#[component]
pub fn SkipButton(row: RowContext) -> impl IntoView {
    row.host.card().map(|card| {
        view! {
            <Show when=move || row.at.with_value(|at| card.can_skip(at))>
                <button
                    type="submit"
                    class="button"
                    data-look="quiet"
                    form=row.id("skip")
                    aria-label=row.name(&format!("Skip {}", row.key()))
                >
                    "Skip"
                </button>
            </Show>
        }
    })
}

/// The form of the button.
#[component]
pub fn SkipForm(row: RowContext) -> impl IntoView {
    let form = Submission::new(None);
    row.host.card().map(|card| {
        let (session, request) =
            (card.session.get_value().to_string(), card.request.with_untracked(|request| request.id.to_string()));
        view! {
            <form
                class="skip-form"
                id=row.id("skip")
                method="post"
                action=SkipKey::url()
                on:submit=move |event| {
                    event.prevent_default();
                    skip(row, card, form);
                }
            >
                <input type="hidden" name="session" value=session />
                <input type="hidden" name="request" value=request />
                <input type="hidden" name="key" value=row.key() />
            </form>
            <Problem error=form.error />
        }
    })
}

fn skip(row: RowContext, card: Card, form: Submission) {
    let at = row.at.get_value();
    let request = card.request.with_untracked(|request| request.id.clone());
    form.send(skip_key(card.session.get_value(), request, at.key), move |requests| {
        let move_on = browser::may_move_focus_from(&row.id("slot"));
        if let Some(field) = row.field.get_untracked() {
            field.set_value("");
        }
        row.entering.set(false);
        card.answered.run(requests);
        if move_on {
            browser::focus_later(row.panel.environment.with_untracked(|environment| row.next(environment)));
        }
    });
}
