//! What is read out of the thread: that an agent asks for values or proposes a change, and how that ends.

use super::{proposal_card, request_card};
use crate::components::workspace::WorkspaceState;
use domain::proposal::Proposal;
use domain::request::{RequestState, ValueRequest};
use leptos::prelude::*;

/// A polite region, empty until the first change so that nothing is read out on arrival.
#[component]
pub fn Announcer() -> impl IntoView {
    let WorkspaceState { requests, proposals, .. } = expect_context();
    let spoken = RwSignal::new(String::new());
    announce(move || requests.value.get(), spoken);
    announce(move || proposals.value.get(), spoken);
    view! {
        <p class="visually-hidden" aria-live="polite">
            {spoken}
        </p>
    }
}

fn announce<T: Announced>(now: impl Fn() -> Vec<T> + 'static, spoken: RwSignal<String>) {
    Effect::new(move |before: Option<Vec<T>>| {
        let now = now();
        if let Some(text) = before.and_then(|before| news(&before, &now)) {
            spoken.set(text);
        }
        now
    });
}

/// What an agent put to people.
trait Announced: 'static {
    /// Whether this is the same one, at another time.
    fn is(&self, other: &Self) -> bool;
    /// Whether people are still asked.
    fn is_open(&self) -> bool;
    /// The sentence when it is new.
    fn opens(&self) -> String;
    /// The sentence when it ends.
    fn closes(&self) -> String;
}

impl Announced for ValueRequest {
    fn is(&self, other: &Self) -> bool {
        self.id == other.id
    }

    fn is_open(&self) -> bool {
        self.state == RequestState::Pending
    }

    fn opens(&self) -> String {
        format!("{}.", request_card::title(self))
    }

    fn closes(&self) -> String {
        request_card::closed(self)
    }
}

impl Announced for Proposal {
    fn is(&self, other: &Self) -> bool {
        self.id == other.id
    }

    fn is_open(&self) -> bool {
        self.is_pending()
    }

    fn opens(&self) -> String {
        format!("{}.", proposal_card::title(self))
    }

    fn closes(&self) -> String {
        proposal_card::closed(self)
    }
}

/// What to say of a change, if anything.
fn news<T: Announced>(before: &[T], now: &[T]) -> Option<String> {
    let sentences = now.iter().filter_map(|one| {
        let known = before.iter().find(|known| known.is(one));
        match (known.map(T::is_open), one.is_open()) {
            (None, true) => Some(one.opens()),
            (Some(true), false) => Some(one.closes()),
            _ => None,
        }
    });
    let sentences: Vec<_> = sentences.collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::panel::samples::request;

    #[test]
    fn a_new_request_and_its_end_are_read_out_and_nothing_else() {
        let open = request("r", [("A", true, None)]);
        let done = ValueRequest { state: RequestState::Answered, ..open.clone() };
        assert_eq!(news(&[], std::slice::from_ref(&open)).as_deref(), Some("Agent asks for 1 value."));
        assert_eq!(
            news(std::slice::from_ref(&open), std::slice::from_ref(&done)).as_deref(),
            Some("The request of Agent is answered.")
        );
        assert_eq!(news(std::slice::from_ref(&done), std::slice::from_ref(&done)), None);
        assert_eq!(news(&[], &[done]), None, "one that was closed before it was seen");
    }
}
