//! What is read out of the thread: that an agent asks for values, and how its request ends.

use super::request_card::{closed, title};
use crate::components::workspace::WorkspaceState;
use crate::domain::request::{RequestState, ValueRequest};
use leptos::prelude::*;

/// A polite region, empty until the first change so that nothing is read out on arrival.
#[component]
pub fn Announcer() -> impl IntoView {
    let WorkspaceState { requests, .. } = expect_context();
    let spoken = RwSignal::new(String::new());
    Effect::new(move |before: Option<Vec<ValueRequest>>| {
        let now = requests.value.get();
        if let Some(text) = before.and_then(|before| news(&before, &now)) {
            spoken.set(text);
        }
        now
    });
    view! {
        <p class="visually-hidden" aria-live="polite">
            {spoken}
        </p>
    }
}

/// What to say of a change, if anything.
fn news(before: &[ValueRequest], now: &[ValueRequest]) -> Option<String> {
    let sentences = now.iter().filter_map(|request| {
        let known = before.iter().find(|known| known.id == request.id);
        match (known.map(|known| known.state), request.state) {
            (None, RequestState::Pending) => Some(format!("{}.", title(request))),
            (Some(RequestState::Pending), state) if state != RequestState::Pending => Some(closed(request)),
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
