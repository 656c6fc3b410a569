//! What is known of a slot: where the code uses it, and where its value comes from.

use super::conflict::Sides;
use super::provenance::Provenance;
use super::slot_row::RowContext;
use super::{PanelContext, wording};
use crate::components::icon::{Icon, Shape};
use crate::components::reactive::reactive;
use domain::environment::Status;
use domain::spec::Evidence;
use leptos::prelude::*;

/// Places in the code that are named before the rest is only counted.
const EVIDENCE_SHOWN: usize = 2;

/// Where the code uses the key, and the page that explains it.
#[component]
pub fn Evidences(row: RowContext) -> impl IntoView {
    let about = Memo::new(move |_| row.slot.with(|slot| (slot.evidence.clone(), slot.documentation_url.clone())));
    reactive(move || {
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
    })
}

fn place_text(place: &Evidence) -> String {
    match place.line {
        Some(line) => format!("{}:{line}", place.path),
        None => place.path.clone(),
    }
}

/// What a source line is made of.
#[derive(Clone, PartialEq)]
enum Kind {
    Answered(String),
    Default(String),
    Sides,
    Values,
    Nothing,
}

/// Where the value comes from, or what disagrees. Only another kind of line makes it anew: what is open in it stays open
/// while its values change.
#[component]
pub fn Source(row: RowContext) -> impl IntoView {
    let kind = Memo::new(move |_| match in_card(row) {
        Some(text) => Kind::Answered(text),
        None => row.slot.with(|slot| match (slot.status, &slot.default) {
            (Status::Default, Some(default)) => Kind::Default(default.clone()),
            (Status::Conflict, _) => Kind::Sides,
            _ if slot.winner.is_some() => Kind::Values,
            _ => Kind::Nothing,
        }),
    });
    reactive(move || match kind.get() {
        Kind::Answered(text) => view! { <p class="slot-answered">{text}</p> }.into_any(),
        Kind::Default(default) => view! {
            <p class="slot-default">
                <span>"Default"</span>
                <code>{default}</code>
            </p>
        }
        .into_any(),
        Kind::Sides => view! { <Sides row /> }.into_any(),
        Kind::Values => view! { <Provenance row /> }.into_any(),
        Kind::Nothing => ().into_any(),
    })
}

/// What a card says of a slot that has a value: who gave it, in one line.
fn in_card(row: RowContext) -> Option<String> {
    let PanelContext { repositories, .. } = expect_context();
    let card = row.host.card()?;
    let outcome = row.at.with_value(|at| card.outcome(at));
    let winner = row.slot.with(|slot| slot.winner.clone().filter(|_| slot.status == Status::Set))?;
    Some(repositories.with_value(|all| wording::answered(outcome, &winner, all)))
}
