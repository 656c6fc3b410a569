//! Calling a request off, after one question.

use crate::api::ApiError;
use crate::api::requests::{CancelRequest, cancel_request};
use crate::components::browser;
use crate::components::panel::{Card, focus_later};
use crate::components::problem::Problem;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// A fold with the question in it, so that it asks without WASM too.
#[component]
pub fn Dismiss(card: Card) -> impl IntoView {
    let (error, busy) = (RwSignal::new(None::<ApiError>), RwSignal::new(false));
    let (request, agent) = card.request.with_untracked(|request| (request.id.clone(), request.asked_by.clone()));
    let id = request.to_string();
    let dismiss = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let request = request.clone();
        spawn_local(async move {
            let answer = cancel_request(card.session.get_value(), request).await;
            if busy.is_disposed() {
                return;
            }
            busy.set(false);
            match answer {
                Ok(requests) => {
                    let id = card.request.with_untracked(|request| format!("request:{}", request.id));
                    let move_on = browser::may_move_focus_from(&id);
                    card.answered.run(requests);
                    if move_on {
                        focus_later(card.state_id());
                    }
                }
                Err(problem) => error.set(Some(problem)),
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
                    <button class="button" data-look="danger" aria-busy=move || busy.get().then_some("true")>
                        "Yes, dismiss it"
                    </button>
                </div>
                <Problem error />
            </form>
        </details>
    }
}
