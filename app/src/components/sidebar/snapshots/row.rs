//! One snapshot in the list.

use super::act::{Act, ActForm};
use super::report::{Findings, Report};
use super::wording;
use crate::api::ApiError;
use crate::api::snapshots::SnapshotView;
use crate::components::clock::Moment;
use crate::components::icon::{Icon, Shape};
use crate::components::workspace::WorkspaceState;
use domain::snapshot::SnapshotState;
use leptos::prelude::*;

/// Name, state, figures and what can be done.
#[component]
pub fn SnapshotRow(snapshot: SnapshotView, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let name = wording::name(&snapshot.name);
    let state = snapshot.state;
    let (id, facts) = (snapshot.id.to_string(), wording::facts(&snapshot));
    let (by, at) = (snapshot.created_by.clone(), snapshot.created_at);
    let body = match state {
        SnapshotState::Saving => view! { <Saving snapshot=snapshot.clone() error /> }.into_any(),
        SnapshotState::Blocked => view! { <Findings snapshot=snapshot.clone() error /> }.into_any(),
        SnapshotState::Failed => failure(snapshot.error.clone()).into_any(),
        SnapshotState::Ready | SnapshotState::Cancelled => ().into_any(),
    };
    let current = snapshot.current.then(|| view! { <span class="chip" data-tone="info">"Current"</span> });
    view! {
        <li class="snapshot" data-snapshot=id data-state=state.as_str()>
            <p class="snapshot-head">
                <strong>{name}</strong>
                <span class="chip" data-tone=wording::tone(state)>
                    {wording::state(state)}
                </span>
                {current}
            </p>
            <p class="snapshot-facts">
                "by " {by} ", " <Moment at /> {facts}
            </p>
            {body}
            {(state != SnapshotState::Saving)
                .then(|| {
                    view! {
                        <Report report=snapshot.report.clone() />
                        <Actions snapshot error />
                    }
                })}
        </li>
    }
}

fn failure(error: Option<String>) -> impl IntoView {
    error.map(|error| {
        view! {
            <p class="notice" data-tone="bad">
                <Icon shape=Shape::Alert />
                <span>{error}</span>
            </p>
        }
    })
}

/// How far it is; the figures move, the row stays.
#[component]
fn Saving(snapshot: SnapshotView, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let WorkspaceState { snapshots, .. } = expect_context();
    let (id, first) = (snapshot.id.clone(), snapshot.clone());
    let now = Memo::new(move |_| {
        let newest = snapshots.value.with(|all| all.iter().find(|one| one.id == id).cloned());
        newest.unwrap_or_else(|| first.clone())
    });
    let percent = move || now.with(|now| wording::percent(now.bytes_done, now.bytes_total));
    view! {
        <div class="snapshot-progress">
            <progress class="meter" aria-label="Searched and archived" max="100" value=move || percent().map(|done| done.to_string())></progress>
            <p class="figures">{move || now.with(wording::progress)}</p>
            <p class="hint">"The env files are away until it is done."</p>
            <ActForm act=Act::Cancel snapshot=snapshot.id label="Cancel" name="Cancel saving" look="" error />
        </div>
    }
}

/// Buttons; deleting asks once.
#[component]
fn Actions(snapshot: SnapshotView, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let SnapshotView { id, state, current, can_repeat, .. } = snapshot;
    let name = wording::name(&snapshot.name);
    let repeat = match state {
        SnapshotState::Blocked => "Scan again",
        SnapshotState::Failed => "Try again",
        _ => "Save again",
    };
    let repeats = can_repeat && !matches!(state, SnapshotState::Ready | SnapshotState::Saving);
    let repeat = repeats.then(|| {
        let (id, name) = (id.clone(), format!("{repeat}: {name}"));
        view! { <ActForm act=Act::Repeat snapshot=id label=repeat name look="" error /> }
    });
    let choose = (state == SnapshotState::Ready).then(|| match current {
        true => {
            let (id, name) = (id.clone(), format!("Use a fresh clone instead of {name}"));
            view! { <ActForm act=Act::UseNone snapshot=id label="Use a fresh clone instead" name error /> }
        }
        false => {
            let (id, name) = (id.clone(), format!("Make current: {name}"));
            view! { <ActForm act=Act::Use snapshot=id label="Make current" name error /> }
        }
    });
    let question = wording::delete_question(&name, state, current);
    view! {
        <div class="snapshot-actions">
            {repeat} {choose}
            <details class="snapshot-delete">
                <summary class="button" data-look="quiet" aria-label=format!("Delete {name}")>
                    "Delete"
                </summary>
                <ActForm
                    act=Act::Delete
                    snapshot=id
                    label="Yes, delete"
                    name=format!("Yes, delete {name}")
                    look="danger"
                    question
                    error
                />
            </details>
        </div>
    }
}
