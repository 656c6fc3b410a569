//! Calling a request off, after one question.

use crate::api::requests::{CancelRequest, cancel_request};
use crate::components::browser;
use crate::components::panel::Card;
use crate::components::problem::Problem;
use crate::components::submission::Submission;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// A fold with the question in it, so that it asks without WASM too.
#[component]
pub fn Dismiss(card: Card) -> impl IntoView {
    let form = Submission::new(None);
    let (request, agent) = card.request.with_untracked(|request| (request.id.clone(), request.asked_by.clone()));
    let id = request.to_string();
    let dismiss = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.send(cancel_request(card.session.get_value(), request.clone()), move |requests| {
            let id = card.request.with_untracked(|request| format!("request:{}", request.id));
            let move_on = browser::may_move_focus_from(&id);
            card.answered.run(requests);
            if move_on {
                browser::focus_later(card.state_id());
            }
        });
    };
    view! {
        <details class="ask">
            <summary class="button" data-look="quiet">
                "Dismiss request"
            </summary>
            <form class="question" method="post" action=CancelRequest::url() on:submit=dismiss>
                <input type="hidden" name="session" value=card.session.get_value().to_string() />
                <input type="hidden" name="request" value=id />
                <p>
                    {format!("{agent} is told that nobody will answer the rest. Values that were given stay saved.")}
                </p>
                <div class="question-actions">
                    <button type="submit" class="button" data-look="danger" aria-busy=move || form.aria_busy()>
                        "Yes, dismiss it"
                    </button>
                </div>
                <Problem error=form.error />
            </form>
        </details>
    }
}
