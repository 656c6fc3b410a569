//! One entry of the thread.

use super::proposal_card::ProposalCard;
use super::request_card::RequestCard;
use super::telling::{Told, tell};
use crate::api::thread::{ThreadEntry, ThreadEvent};
use crate::components::clock::Moment;
use crate::components::icon::Icon;
use crate::components::workspace::{Feed, WorkspaceState};
use domain::environment::AttachedRepository;
use domain::proposal::Proposal;
use domain::request::ValueRequest;
use leptos::prelude::*;

/// A request or a proposal as its card, anything else as a compact row.
#[component]
pub fn Entry(entry: ThreadEntry, repositories: Vec<AttachedRepository>) -> impl IntoView {
    let WorkspaceState { requests, proposals, .. } = expect_context();
    match &entry.event {
        ThreadEvent::Request { request, .. } => {
            let wanted = request.clone();
            let found = followed(requests, move |request: &ValueRequest| request.id == wanted);
            let card = move |request| view! { <RequestCard request /> }.into_any();
            view! { <CardEntry found card entry repositories /> }.into_any()
        }
        ThreadEvent::Proposal { proposal, .. } => {
            let wanted = proposal.clone();
            let found = followed(proposals, move |proposal: &Proposal| proposal.id == wanted);
            let card = move |proposal| view! { <ProposalCard proposal /> }.into_any();
            view! { <CardEntry found card entry repositories /> }.into_any()
        }
        _ => view! { <Row entry repositories /> }.into_any(),
    }
}

/// What an entry tells of as it stands; its last state once it is gone.
fn followed<T: Clone + PartialEq + Send + Sync>(
    all: Feed<Vec<T>>,
    is: impl Fn(&T) -> bool + Send + Sync + 'static,
) -> Memo<Option<T>> {
    Memo::new(move |before: Option<&Option<T>>| {
        let now = all.value.with(|all| all.iter().find(|one| is(one)).cloned());
        now.or_else(|| before.cloned().flatten())
    })
}

/// An entry that is a card. It may arrive before what it tells of, and is a compact row until then.
#[component]
fn CardEntry<T: Clone + PartialEq + Send + Sync + 'static>(
    found: Memo<Option<T>>,
    card: impl Fn(Memo<T>) -> AnyView + Send + 'static,
    entry: ThreadEntry,
    repositories: Vec<AttachedRepository>,
) -> impl IntoView {
    let known = Memo::new(move |_| found.with(Option::is_some));
    let shown = move || {
        let first = known.get().then(|| found.get_untracked()).flatten()?;
        Some(card(Memo::new(move |_| found.get().unwrap_or_else(|| first.clone()))))
    };
    view! {
        <li class="thread-entry" data-kind="request">
            {move || {
                shown()
                    .unwrap_or_else(|| {
                        view! { <Line entry=entry.clone() repositories=repositories.clone() /> }.into_any()
                    })
            }}
        </li>
    }
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
