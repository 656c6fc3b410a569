//! Where slot rows stand: in a panel, or in the card of a value request. Both show one slot, each in its own place.

use super::order;
use super::progress::DONE;
use super::slot_row::RowContext;
use crate::components::words;
use domain::Environment;
use domain::environment::{SlotView, Status};
use domain::ids::SessionId;
use domain::request::{KeyOutcome, RequestState, RequestedKey, ValueRequest};
use domain::spec::SlotRef;
use leptos::prelude::*;

/// The host of a row.
#[derive(Clone, Copy)]
pub enum Host {
    /// A panel.
    Panel,
    /// The card of a request.
    Card(Card),
}

/// The request whose card it is.
#[derive(Clone, Copy)]
pub struct Card {
    /// The request as it stands.
    pub request: Memo<ValueRequest>,
    /// The session that it belongs to.
    pub session: StoredValue<SessionId>,
    /// Takes the session's requests that an answer to this one left.
    pub answered: Callback<Vec<ValueRequest>>,
}

impl Host {
    /// The card, where it is one.
    pub fn card(self) -> Option<Card> {
        match self {
            Self::Panel => None,
            Self::Card(card) => Some(card),
        }
    }

    /// Whether nothing is left to fill in for a slot: a panel is content with what a boot writes, a request wants an
    /// answer.
    pub fn is_filled(self, slot: &SlotView) -> bool {
        match self {
            Self::Panel => slot.status.is_written(),
            Self::Card(_) => slot.status == Status::Set,
        }
    }
}

impl Card {
    /// Id of the line that tells how far the request is; the keyboard goes there after the last answer.
    pub fn state_id(self) -> String {
        self.request.with_untracked(|request| words::dom_id(&["request-state", request.id.as_str()]))
    }

    /// What came of a key of the request; none while people are asked.
    pub fn outcome(self, at: &SlotRef) -> Option<KeyOutcome> {
        self.request.with(|request| request.keys.iter().find(|key| key.is(at)).and_then(|key| key.outcome))
    }

    /// Whether people may skip a key of the request now.
    pub fn can_skip(self, at: &SlotRef) -> bool {
        self.request.with(|request| {
            let open = |key: &&RequestedKey| key.is(at) && !key.asked.required && key.outcome.is_none();
            request.state == RequestState::Pending && request.keys.iter().any(|key| open(&key))
        })
    }
}

impl RowContext {
    /// An id in the document for a part of this row.
    pub fn id(self, part: &str) -> String {
        self.id_at(part, &self.at.get_value())
    }

    /// The id of a part of another row of the same host.
    pub fn id_at(self, part: &str, at: &SlotRef) -> String {
        let (file, key) = (at.file.as_str(), at.key.as_str());
        match self.host {
            Host::Panel => self.panel.id(&[part, file, key]),
            Host::Card(card) => {
                card.request.with_untracked(|request| words::dom_id(&[part, request.id.as_str(), file, key]))
            }
        }
    }

    /// The name of a control, which panel and card must not share.
    pub fn name(self, words: &str) -> String {
        match self.host {
            Host::Panel => words.to_owned(),
            Host::Card(_) => format!("{words} in the request"),
        }
    }

    /// Where the keyboard goes after this row was answered.
    pub fn next(self, environment: &Environment) -> String {
        let at = self.at.get_value();
        match self.host {
            Host::Panel => match order::next_missing(environment, &at) {
                Some(next) => self.id_at("value", &next),
                // Where only what is missing is shown, the row itself is about to hide.
                None if environment.missing_required() == 0 || self.panel.compact => self.panel.id(&[DONE]),
                None => self.id("replace"),
            },
            Host::Card(card) => {
                let next = card.request.with_untracked(|request| order::next_asked(request, environment, &at));
                next.map_or_else(|| card.state_id(), |next| self.id_at("value", &next))
            }
        }
    }
}
