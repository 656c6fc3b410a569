//! Declining a proposal, with a reason that the agent hears.

use super::decided;
use crate::api::proposals::{DeclineProposal, decline_proposal};
use crate::components::problem::Problem;
use crate::components::submission::Submission;
use crate::components::words;
use crate::components::workspace::WorkspaceState;
use domain::ids::ProposalId;
use domain::limits;
use leptos::ev::SubmitEvent;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// A fold with the question in it, so that it asks without WASM too.
#[component]
pub fn Decline(id: ProposalId) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let form = Submission::new(None);
    let field = NodeRef::<Textarea>::new();
    let (hidden, field_id) = (id.to_string(), words::dom_id(&["reason", id.as_str()]));
    let decline = move |event: SubmitEvent| {
        event.prevent_default();
        let id = id.clone();
        let reason = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        let call = decline_proposal(state.id(), id.clone(), reason);
        form.send_for_page(call, move |proposals| decided(state, &id, proposals));
    };
    view! {
        <details class="ask">
            <summary class="button">"Decline"</summary>
            <form class="question" method="post" action=DeclineProposal::url() on:submit=decline>
                <input type="hidden" name="session" value=state.id().to_string() />
                <input type="hidden" name="proposal" value=hidden />
                <label class="label" for=field_id.clone()>
                    "Reason for the agent (optional)"
                </label>
                <textarea
                    class="input"
                    id=field_id
                    name="reason"
                    rows="2"
                    maxlength=limits::REASON_CHARS.to_string()
                    node_ref=field
                ></textarea>
                <div class="question-actions">
                    <button type="submit" class="button" data-look="danger" aria-busy=move || form.aria_busy()>
                        "Decline proposal"
                    </button>
                </div>
                <Problem error=form.error />
            </form>
        </details>
    }
}
