//! One entry of the thread.

use super::request_card::RequestCard;
use super::telling::{Told, tell};
use crate::api::thread::{ThreadEntry, ThreadEvent};
use crate::components::clock::Moment;
use crate::components::icon::Icon;
use crate::components::workspace::WorkspaceState;
use crate::domain::environment::AttachedRepository;
use crate::domain::request::ValueRequest;
use leptos::prelude::*;

/// A request as its card, anything else as a compact row.
#[component]
pub fn Entry(entry: ThreadEntry, repositories: Vec<AttachedRepository>) -> impl IntoView {
    let ThreadEvent::Request { request, .. } = &entry.event else {
        return view! { <Row entry repositories /> }.into_any();
    };
    let WorkspaceState { requests, .. } = expect_context();
    let wanted = request.clone();
    let found = Memo::new(move |before: Option<&Option<ValueRequest>>| {
        let now = requests.value.with(|all| all.iter().find(|request| request.id == wanted).cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let known = Memo::new(move |_| found.with(Option::is_some));
    // The entry may arrive before the request that it tells of.
    let card = move || {
        let first = known.get().then(|| found.get_untracked()).flatten()?;
        let request = Memo::new(move |_| found.get().unwrap_or_else(|| first.clone()));
        Some(view! { <RequestCard request /> })
    };
    view! {
        <li class="thread-entry" data-kind="request">
            {move || match card() {
                Some(card) => card.into_any(),
                None => view! { <Line entry=entry.clone() repositories=repositories.clone() /> }.into_any(),
            }}
        </li>
    }
    .into_any()
}

#[component]
fn Row(entry: ThreadEntry, repositories: Vec<AttachedRepository>) -> impl IntoView {
    let kind = matches!(entry.event, ThreadEvent::Note { .. }).then_some("note");
    let tone = tell(entry.event.clone(), &repositories).tone;
    view! {
        <li class="thread-entry" data-tone=tone data-kind=kind>
            <Line entry repositories />
        </li>
    }
}

/// Icon, sentence, time; details folded.
#[component]
fn Line(entry: ThreadEntry, repositories: Vec<AttachedRepository>) -> impl IntoView {
    let Told { shape, who, tool, text, fold, details, .. } = tell(entry.event, &repositories);
    let who = who.map(|who| match tool {
        true => view! { <code class="entry-tool">{who}</code> }.into_any(),
        false => view! { <strong>{who}</strong> }.into_any(),
    });
    view! {
        <span class="entry-icon">
            <Icon shape />
        </span>
        <div class="entry-body">
            <p>{who} " " <span class="entry-text">{text}</span></p>
            {(!details.is_empty())
                .then(|| {
                    view! {
                        <details class="entry-details">
                            <summary>{fold}</summary>
                            <ul role="list">
                                {details.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
                            </ul>
                        </details>
                    }
                })}
        </div>
        <Moment at=entry.at short=true />
    }
}
