//! Who asks for a slot, where it is more than the spec.

use super::PanelContext;
use super::host::Host;
use super::slot_row::RowContext;
use crate::components::reactive::reactive;
use crate::components::words;
use domain::ids::RequestId;
use domain::request::{RequestState, ValueRequest};
use domain::spec::SlotRef;
use leptos::prelude::*;

/// The pending requests that wait for a slot: their id and who asks.
fn waiting(requests: &[ValueRequest], slot: &SlotRef) -> Vec<(RequestId, String)> {
    let waits =
        |request: &&ValueRequest| request.state == RequestState::Pending && request.open_keys().any(|key| key.is(slot));
    requests.iter().filter(waits).map(|request| (request.id.clone(), request.asked_by.clone())).collect()
}

/// "Asked for by …" with the way to the card, and what only this session asks for. A card says neither.
#[component]
pub fn AskedFor(row: RowContext) -> impl IntoView {
    let PanelContext { requests, .. } = expect_context();
    let in_panel = matches!(row.host, Host::Panel);
    let asked = Memo::new(move |_| match in_panel {
        true => row.at.with_value(|at| requests.with(|requests| waiting(requests, at))),
        false => Vec::new(),
    });
    let only_here = Memo::new(move |_| in_panel && row.slot.with(|slot| slot.only_here) && !row.gone.get());
    reactive(move || {
        let by = asked.get().into_iter().map(|(id, name)| {
            let card = format!("#{}", words::dom_id(&["request", id.as_str()]));
            view! {
                <span>
                    "Asked for by "
                    <a href=card>
                        {name}
                        <span class="visually-hidden">{format!(", go to the request for {}", row.key())}</span>
                    </a>
                </span>
            }
        });
        let by: Vec<_> = by.collect();
        (!by.is_empty() || only_here.get()).then(|| {
            view! {
                <p class="slot-asked">
                    {by}
                    {only_here.get().then(|| view! { <span>"Only this session asks for it (not in the spec)"</span> })}
                </p>
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::panel::samples::request;
    use domain::request::KeyOutcome;

    #[test]
    fn a_slot_is_asked_for_by_pending_requests_that_still_wait_for_it() {
        let slot = SlotRef { file: domain::RelativePath::dotenv(), key: domain::KeyName::new("A").expect("a key") };
        let open = request("r1", [("A", true, None), ("B", true, None)]);
        let answered = request("r2", [("A", true, Some(KeyOutcome::Submitted)), ("B", true, None)]);
        let over = ValueRequest { state: RequestState::Expired, ..request("r3", [("A", true, None)]) };
        let waiting = waiting(&[open, answered, over], &slot);
        assert_eq!(waiting, [("r1".into(), "Agent".to_owned())]);
    }
}
