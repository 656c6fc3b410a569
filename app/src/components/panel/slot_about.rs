//! What is known of a slot: where the code uses it, and where its value comes from.

use super::slot_row::RowContext;
use super::{PanelContext, wording};
use crate::components::clock::Moment;
use crate::components::icon::{Icon, Shape};
use crate::components::words;
use crate::domain::environment::{Scope, SlotView, Status, StoredValue};
use crate::domain::spec::Evidence;
use leptos::prelude::*;

/// Places in the code that are named before the rest is only counted.
const EVIDENCE_SHOWN: usize = 2;

/// Where the code uses the key, and the page that explains it.
#[component]
pub fn Evidences(row: RowContext) -> impl IntoView {
    let about = Memo::new(move |_| row.slot.with(|slot| (slot.evidence.clone(), slot.documentation_url.clone())));
    move || {
        let (evidence, url) = about.get();
        let more = evidence.len().saturating_sub(EVIDENCE_SHOWN);
        let places = evidence.iter().take(EVIDENCE_SHOWN).map(|place| view! { <code>{place_text(place)}</code> });
        (!evidence.is_empty() || url.is_some()).then(|| {
            view! {
                <p class="slot-places">
                    {places.collect_view()}
                    {(more > 0)
                        .then(|| {
                            let all = evidence.iter().map(place_text).collect::<Vec<_>>().join("\n");
                            view! { <span title=all>{format!("and {more} more")}</span> }
                        })}
                    {url
                        .map(|url| {
                            view! {
                                <a href=url target="_blank" rel="noopener noreferrer">
                                    "Documentation"
                                    <span class="visually-hidden">{format!(" of {}, opens a new tab", row.key())}</span>
                                    <Icon shape=Shape::Arrow />
                                </a>
                            }
                        })}
                </p>
            }
        })
    }
}

fn place_text(place: &Evidence) -> String {
    match place.line {
        Some(line) => format!("{}:{line}", place.path),
        None => place.path.clone(),
    }
}

/// Where the value comes from; who set it and when is folded.
#[component]
pub fn Source(row: RowContext) -> impl IntoView {
    move || {
        if let Some(text) = in_card(row) {
            return view! { <p class="slot-answered">{text}</p> }.into_any();
        }
        row.slot.with(|slot| match (slot.status, &slot.default, slot.conflict.is_empty()) {
            (Status::Default, Some(default), _) => view! {
                <p class="slot-default">
                    <span>"Default"</span>
                    <code>{default.clone()}</code>
                </p>
            }
            .into_any(),
            (_, _, false) => {
                view! { <Values title="The values that disagree" values=slot.conflict.clone() /> }.into_any()
            }
            _ if slot.winner.is_some() => stored(slot),
            _ => ().into_any(),
        })
    }
}

/// What a card says of a slot that has a value: who gave it, in one line.
fn in_card(row: RowContext) -> Option<String> {
    let PanelContext { repositories, .. } = expect_context();
    let card = row.host.card()?;
    let outcome = row.at.with_value(|at| card.outcome(at));
    let winner = row.slot.with(|slot| slot.winner.clone().filter(|_| slot.status == Status::Set))?;
    Some(repositories.with_value(|all| wording::answered(outcome, &winner, all)))
}

fn stored(slot: &SlotView) -> AnyView {
    let PanelContext { repositories, .. } = expect_context();
    let Some(winner) = slot.winner.clone() else { return ().into_any() };
    let names = |scope: &Scope| repositories.with_value(|all| words::scope(scope, all));
    let hidden = slot.hidden.iter().map(|value| {
        let text = format!(
            "Hides {} of the {}, set by {}.",
            wording::compared(value, Some(&winner)),
            names(&value.scope).trim_start_matches("this "),
            value.set_by
        );
        view! { <li>{text}</li> }
    });
    view! {
        <details class="slot-source">
            <summary>
                "from "
                <strong>{names(&winner.scope)}</strong>
                {(!slot.hidden.is_empty()).then(|| view! { <span class="faint">" · hides a broader value"</span> })}
            </summary>
            <p>
                {format!("Version {}, {}, set by {} on ", winner.version, length(winner.length), winner.set_by)}
                <Moment at=winner.set_at />
            </p>
            {(!slot.hidden.is_empty()).then(|| view! { <ul role="list">{hidden.collect_view()}</ul> })}
        </details>
    }
    .into_any()
}

fn length(bytes: i64) -> String {
    match bytes {
        0 => "empty on purpose".to_owned(),
        bytes => words::count(usize::try_from(bytes).unwrap_or(0), "byte"),
    }
}

/// A folded list of stored values.
#[component]
fn Values(title: &'static str, values: Vec<StoredValue>) -> impl IntoView {
    let PanelContext { repositories, .. } = expect_context();
    let rows = values.into_iter().map(|value| {
        let from = repositories.with_value(|all| words::scope(&value.scope, all));
        view! {
            <li>
                <strong>{from}</strong>
                {format!(", version {}, set by {} on ", value.version, value.set_by)}
                <Moment at=value.set_at />
            </li>
        }
    });
    view! {
        <details class="slot-source" open>
            <summary>{title}</summary>
            <ul role="list">{rows.collect_view()}</ul>
        </details>
    }
}
