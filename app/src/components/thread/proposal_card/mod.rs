//! The card of a proposal: what an agent wants to change for others, to be accepted or declined where it asks.

mod change;
mod decline;
mod wording;

pub use wording::{closed, title};

use crate::api::proposals::{AcceptProposal, DeclineProposal, accept_proposal};
use crate::components::browser;
use crate::components::clock::Moment;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::{Problem, form_problem};
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::components::words;
use crate::components::workspace::{WorkspaceState, proposal_id};
use crate::pages::may_edit;
use change::Change;
use decline::Decline;
use domain::ids::ProposalId;
use domain::proposal::{Proposal, ProposalState};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The card. Viewers see it without its buttons.
#[component]
pub fn ProposalCard(proposal: Memo<Proposal>) -> impl IntoView {
    let first = proposal.get_untracked();
    let title_id = words::dom_id(&["proposal-title", first.id.as_str()]);
    let pending = Memo::new(move |_| proposal.with(Proposal::is_pending));
    let change = Memo::new(move |_| proposal.with(|proposal| proposal.change.clone()));
    let (editable, id) = (may_edit(), StoredValue::new(first.id.clone()));
    view! {
        <article
            class="request proposal"
            id=proposal_id(&first)
            data-request=move || proposal.with(|proposal| proposal.state.as_str())
            data-about=first.change.kind().as_str()
            aria-labelledby=title_id.clone()
        >
            <div class="request-head">
                <span class="entry-icon">
                    <Icon shape=Shape::Split />
                </span>
                <h3 id=title_id.clone()>{move || proposal.with(title)}</h3>
                <Moment at=first.created_at short=true />
            </div>
            <div class="proposal-change">
                {move || change.with(|change| view! { <Change change=change.clone() /> })}
            </div>
            <div class="request-foot">
                <State proposal />
                <Show when=move || pending.get() && editable>
                    <div class="proposal-actions">
                        <Accept id=id.get_value() />
                        <Decline id=id.get_value() />
                    </div>
                </Show>
                <Show when=move || pending.get() && !editable>
                    <p class="hint">"Members accept or decline it."</p>
                </Show>
            </div>
            <PlainProblem pending />
        </article>
    }
}

/// Where it stands, and what was said to the agent.
#[component]
fn State(proposal: Memo<Proposal>) -> impl IntoView {
    let id = proposal.with_untracked(|proposal| state_id(&proposal.id));
    let accepted = Memo::new(move |_| proposal.with(|proposal| proposal.state == ProposalState::Accepted));
    let words = Memo::new(move |_| proposal.with(wording::state));
    let closed_at = Memo::new(move |_| proposal.with(|proposal| proposal.closed_at));
    let reason = Memo::new(move |_| proposal.with(|proposal| proposal.reason.clone()));
    view! {
        <div class="proposal-state">
            <p class="request-state" id=id tabindex="-1" data-done=move || accepted.get().then_some("")>
                <Show when=move || accepted.get()>
                    <Icon shape=Shape::Check />
                </Show>
                <span class="figures">{words}</span>
                {move || closed_at.get().map(|at| view! { <Moment at /> })}
            </p>
            {move || reason.get().map(|reason| view! { <blockquote class="proposal-reason">{reason}</blockquote> })}
        </div>
    }
}

/// Id of the line that tells where a proposal stands; the keyboard goes there after the decision.
fn state_id(id: &ProposalId) -> String {
    words::dom_id(&["proposal-state", id.as_str()])
}

/// Takes the answer to a decision; the keyboard moves on if it is still in the card.
fn decided(state: WorkspaceState, id: &ProposalId, proposals: Vec<Proposal>) {
    let move_on = browser::may_move_focus_from(&words::dom_id(&["proposal", id.as_str()]));
    state.decided(proposals);
    if move_on {
        browser::focus_later(state_id(id));
    }
}

#[component]
fn Accept(id: ProposalId) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let form = Submission::new(None);
    let hidden = id.to_string();
    let accept = move |event: SubmitEvent| {
        event.prevent_default();
        let id = id.clone();
        form.send_for_page(accept_proposal(state.id(), id.clone()), move |proposals| decided(state, &id, proposals));
    };
    view! {
        <form method="post" action=AcceptProposal::url() on:submit=accept>
            <input type="hidden" name="session" value=state.id().to_string() />
            <input type="hidden" name="proposal" value=hidden />
            <button type="submit" class="button" data-look="primary" aria-busy=move || form.aria_busy()>
                "Accept"
            </button>
            <Problem error=form.error />
        </form>
    }
}

/// What went wrong with a plain form of the card. An address does not tell which card it was, so each that can be
/// decided says it.
#[component]
fn PlainProblem(pending: Memo<bool>) -> impl IntoView {
    let problem = [AcceptProposal::PATH, DeclineProposal::PATH].into_iter().find_map(form_problem);
    let shown = problem.filter(|_| pending.get_untracked());
    view! { <Problem error=Signal::stored(shown) /> }
}
