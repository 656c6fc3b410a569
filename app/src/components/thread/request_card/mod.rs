//! The card of a value request: the slots that an agent asks for, to be filled in where it asks.

mod dismiss;
mod key;
mod wording;

pub use wording::{closed, title};

use crate::api::environment::{EnvironmentTarget, SetValue};
use crate::api::requests::{CancelRequest, SkipKey};
use crate::components::clock::Moment;
use crate::components::icon::{Icon, Shape};
use crate::components::panel::{Card, HeldAll, Host, PanelContext, Typed};
use crate::components::problem::{Problem, form_problem};
use crate::components::show::Show;
use crate::components::words;
use crate::components::workspace::WorkspaceState;
use dismiss::Dismiss;
use domain::request::{RequestState, ValueRequest};
use key::Key;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The card. Once the request is closed it is compact; a row in which somebody types stays until they are done.
#[component]
pub fn RequestCard(request: Memo<ValueRequest>) -> impl IntoView {
    let card = provide_card(request);
    let first = request.get_untracked();
    let id = words::dom_id(&["request", first.id.as_str()]);
    let title_id = words::dom_id(&["request-title", first.id.as_str()]);
    let pending = Memo::new(move |_| request.with(|request| request.state == RequestState::Pending));
    let asked = StoredValue::new(first.keys.iter().map(|key| key.asked.key.clone()).collect::<Vec<_>>());
    let keys = first.keys.iter().map(|key| view! { <Key card key=key.clone() /> }).collect_view();
    view! {
        <article
            class="request"
            id=id
            data-request=move || request.with(|request| request.state.as_str())
            aria-labelledby=title_id.clone()
        >
            <div class="request-head">
                <span class="entry-icon">
                    <Icon shape=Shape::Key />
                </span>
                <h3 id=title_id.clone()>{move || request.with(title)}</h3>
                <Moment at=first.created_at short=true />
            </div>
            {first.message.map(|message| view! { <p class="request-message">{message}</p> })}
            <Show when=move || pending.get()>
                <HeldAll keys=asked.get_value() />
            </Show>
            <ul class="request-keys" role="list">
                {keys}
            </ul>
            <div class="request-foot">
                <State card />
                <Show when=move || pending.get()>
                    <Dismiss card />
                </Show>
            </div>
            <PlainProblem pending />
        </article>
    }
}

/// Gives the slot rows of the card what a panel gives its own.
fn provide_card(request: Memo<ValueRequest>) -> Card {
    let state = expect_context::<WorkspaceState>();
    let card = Card {
        request,
        session: StoredValue::new(state.id()),
        answered: Callback::new(move |requests| state.answered(requests)),
    };
    provide_context(PanelContext {
        environment: state.environment.value.into(),
        target: StoredValue::new(EnvironmentTarget::Session(state.id())),
        repositories: StoredValue::new(state.session.value.with_untracked(|session| session.repositories.clone())),
        changed: Callback::new(move |new| state.saved(new)),
        compact: false,
        host: Host::Card(card),
        requests: state.requests.value.into(),
        typed: RwSignal::new(Typed::new()),
    });
    card
}

/// How far the request is, and how long it is still open.
#[component]
fn State(card: Card) -> impl IntoView {
    let WorkspaceState { now, .. } = expect_context();
    let request = card.request;
    let figures = Memo::new(move |_| request.with(wording::figures));
    let done = move || request.with(|request| request.state == RequestState::Answered).then_some("");
    view! {
        <p class="request-state" id=card.state_id() tabindex="-1" data-done=done>
            <Show when=move || done().is_some()>
                <Icon shape=Shape::Check />
            </Show>
            <span class="figures">{figures}</span>
            {move || {
                let (closed_at, expires_at) = request.with(|request| (request.closed_at, request.expires_at));
                match closed_at {
                    Some(at) => view! { <Moment at /> }.into_any(),
                    None => {
                        // The text changes only when its words do, so that nothing flickers.
                        let left = Memo::new(move |_| wording::time_left(expires_at - now.get()));
                        view! { <span class="faint figures">{left}</span> }.into_any()
                    }
                }
            }}
        </p>
    }
}

/// What went wrong with a plain form of the card. An address does not tell which card it was, so each that can be
/// answered says it.
#[component]
fn PlainProblem(pending: Memo<bool>) -> impl IntoView {
    let problem = [SetValue::PATH, SkipKey::PATH, CancelRequest::PATH].into_iter().find_map(form_problem);
    let shown = problem.filter(|_| pending.get_untracked());
    view! { <Problem error=Signal::stored(shown) /> }
}
