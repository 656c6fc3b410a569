//! What a card says.

use crate::components::thread::telling;
use domain::proposal::{Proposal, ProposalState};

/// "Agent proposes other auto-start commands"; "proposed" once it is closed.
pub fn title(proposal: &Proposal) -> String {
    let proposes = if proposal.is_pending() { "proposes" } else { "proposed" };
    format!("{} {proposes} {}", proposal.proposed_by, telling::proposal(proposal.change.kind()))
}

/// "Accepted by Ada".
pub fn state(proposal: &Proposal) -> String {
    let by = proposal.decided_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    match proposal.state {
        ProposalState::Pending => "Needs a decision".to_owned(),
        ProposalState::Accepted => format!("Accepted{by}"),
        ProposalState::Declined => format!("Declined{by}"),
        ProposalState::Superseded => "Withdrawn by the agent".to_owned(),
        ProposalState::Expired => "Expired with the session".to_owned(),
    }
}

/// The sentence that is read out when a proposal is closed.
pub fn closed(proposal: &Proposal) -> String {
    let what = match proposal.state {
        ProposalState::Pending => "is open",
        ProposalState::Accepted => "was accepted",
        ProposalState::Declined => "was declined",
        ProposalState::Superseded => "was withdrawn",
        ProposalState::Expired => "expired",
    };
    format!("The proposal of {} {what}.", proposal.proposed_by)
}

/// A text of an agent's in which no character hides or moves another one: controls, and those that change the direction
/// of writing or take no room, are shown by their number.
pub fn visible(text: &str) -> String {
    let hides = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match hides(c) {
            true => shown += &format!("⟨U+{:04X}⟩", u32::from(c)),
            false => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::proposal::ProposedChange;

    fn sample(state: ProposalState) -> Proposal {
        Proposal {
            id: "p".into(),
            session: "s".into(),
            proposed_by: "Claude".to_owned(),
            change: ProposedChange::Finish { missing: Vec::new() },
            state,
            created_at: 1,
            closed_at: None,
            decided_by: Some("Ada".to_owned()),
            reason: None,
        }
    }

    #[test]
    fn a_card_says_who_proposes_what_and_who_decided() {
        let (open, done) = (sample(ProposalState::Pending), sample(ProposalState::Accepted));
        assert_eq!(title(&open), "Claude proposes to finish the setup with values missing");
        assert_eq!(title(&done), "Claude proposed to finish the setup with values missing");
        assert_eq!(state(&done), "Accepted by Ada");
        assert_eq!(closed(&sample(ProposalState::Declined)), "The proposal of Claude was declined.");
    }

    #[test]
    fn nothing_hides_in_what_an_agent_writes() {
        assert_eq!(visible("npm ci\nnpm start"), "npm ci\nnpm start");
        assert_eq!(visible("a\u{202e}b\rc\u{200b}"), "a⟨U+202E⟩b⟨U+000D⟩c⟨U+200B⟩");
        assert_eq!(visible("größe → 😀"), "größe → 😀");
    }
}
