//! What the guard found, and what was scrubbed and not looked into.

use super::wording;
use crate::api::ApiError;
use crate::api::environment::EnvironmentTarget;
use crate::api::snapshots::SnapshotView;
use crate::components::icon::{Icon, Shape};
use crate::components::plain_key::PlainKeyMark;
use crate::components::words;
use crate::components::workspace::WorkspaceState;
use crate::pages::may_edit;
use domain::KeyName;
use domain::limits;
use domain::snapshot::{Finding, GuardReport, Scrubbed};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Where values were found, and what to do about it.
#[component]
pub fn Findings(snapshot: SnapshotView, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let (id, editable) = (snapshot.id.to_string(), may_edit());
    let findings = snapshot.report.findings;
    let full = findings.len() >= limits::FINDINGS;
    let in_git = findings.iter().any(wording::is_in_git);
    let mut offered = BTreeSet::new();
    let rows = findings.into_iter().map(|finding| {
        let Finding { place, spot, key, encoding } = finding;
        // Once a key, at the first place where its value stands.
        let offer = editable && offered.insert(key.clone());
        let offer =
            offer.then(|| view! { <Offer id=words::dom_id(&[&id, "plain", key.as_str()]) key=key.clone() error /> });
        view! {
            <li>
                <code>{place}</code>
                <span>
                    {wording::spot(&spot)} ": the value of " <strong>{key.to_string()}</strong>
                    {wording::encoding(encoding)}
                </span>
                {offer}
            </li>
        }
    });
    view! {
        <p class="notice" data-tone="bad">
            <Icon shape=Shape::Alert />
            <span>
                "Nothing was kept: the workspace holds values in the places below. Take them out, or say which are no \
                 secrets, then scan again."
            </span>
        </p>
        <ul class="finding-list" role="list" aria-label="Values found" tabindex="0">
            {rows.collect_view()}
        </ul>
        {full.then(|| view! { <p class="faint">"The search ended here; there may be more."</p> })}
        {in_git
            .then(|| {
                view! {
                    <p class="faint">
                        "A git object keeps what a commit, a stash or the index once held. Take it out of the history, \
                         then run " <code>"git reflog expire --expire=now --all"</code> " and "
                        <code>"git gc --prune=now"</code> ". A value that was pushed anywhere should be replaced."
                    </p>
                }
            })}
    }
}

/// Offers to call a key plain, or tells who did.
#[component]
fn Offer(id: String, key: KeyName, error: RwSignal<Option<ApiError>>) -> impl IntoView {
    let state = expect_context::<WorkspaceState>();
    let environment = Signal::from(state.environment.value);
    let changed = Callback::new(move |all| state.saved(all));
    view! { <PlainKeyMark id environment target=EnvironmentTarget::Session(state.id()) key changed error /> }
}

/// Everything else of a report, folded.
#[component]
pub fn Report(report: GuardReport) -> impl IntoView {
    let GuardReport { scrubbed, searched_keys, too_short, not_sought, unsearched, left_out, changed, .. } = report;
    if scrubbed.is_empty() && searched_keys == 0 && too_short.is_empty() && not_sought.is_empty() {
        return ().into_any();
    }
    let sum = wording::scrubbed(&scrubbed, searched_keys);
    let files = scrubbed.into_iter().map(|Scrubbed { place, keys }| {
        view! {
            <li>
                <code>{place.to_string()}</code>
                <span>{names(&keys)}</span>
            </li>
        }
    });
    view! {
        <details class="snapshot-report">
            <summary>{sum}</summary>
            <ul class="finding-list" role="list">
                {files.collect_view()}
            </ul>
            {note("Not looked for, because they are shorter than 6 characters: ", &too_short)}
            {note("Not looked for, because they are no secrets or cannot be opened: ", &not_sought)}
            {lines("Not looked into:", unsearched)} {lines("Not kept:", left_out)}
            {lines("Written to while it was read, and kept as far as that:", changed)}
        </details>
    }
    .into_any()
}

fn names(keys: &[KeyName]) -> String {
    words::list(keys, usize::MAX)
}

fn note(what: &'static str, keys: &[KeyName]) -> impl IntoView + use<> {
    (!keys.is_empty()).then(|| view! { <p class="faint">{what} {names(keys)} "."</p> })
}

fn lines(what: &'static str, lines: Vec<String>) -> impl IntoView {
    (!lines.is_empty()).then(|| {
        view! {
            <p class="faint">{what}</p>
            <ul class="finding-list" role="list">
                {lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
            </ul>
        }
    })
}
