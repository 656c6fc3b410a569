//! The line below the header that leads to what waits for a decision.

use super::WorkspaceState;
use crate::components::icon::{Icon, Shape};
use crate::components::show::Show;
use crate::components::words;
use domain::proposal::Proposal;
use leptos::prelude::*;

/// How many proposals wait, as a link to the first one. Nothing while none does.
#[component]
pub fn PendingProposals() -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let count = Memo::new(move |_| state.pending_proposals(None));
    let first = Memo::new(move |_| {
        state.proposals.value.with(|all| all.iter().find(|proposal| proposal.is_pending()).map(proposal_id))
    });
    view! {
        <Show when=move || { count.get() > 0 }>
            <p class="notice session-proposals" data-tone="info" data-proposals=count>
                <Icon shape=Shape::Split />
                <a href=move || format!("#{}", first.get().unwrap_or_default())>
                    {move || waiting(count.get())}
                </a>
            </p>
        </Show>
    }
}

/// Id of a proposal's card in the document.
pub fn proposal_id(proposal: &Proposal) -> String {
    words::dom_id(&["proposal", proposal.id.as_str()])
}

fn waiting(count: usize) -> String {
    let verb = if count == 1 { "needs" } else { "need" };
    format!("{} from the agent {verb} a decision", words::count(count, "proposal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_counted_in_words() {
        assert_eq!(waiting(1), "1 proposal from the agent needs a decision");
        assert_eq!(waiting(2), "2 proposals from the agent need a decision");
    }
}
