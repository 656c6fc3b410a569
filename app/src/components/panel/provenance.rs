//! Which value of a slot wins, and what it hides: from the narrowest scope to the default.

use super::host::Host;
use super::slot_row::RowContext;
use super::{PanelContext, wording};
use crate::components::clock::Moment;
use crate::components::plain_key::PlainKeyMark;
use crate::components::problem::Problem;
use crate::components::reactive::reactive;
use crate::components::words;
use crate::pages::may_edit;
use domain::environment::{SlotView, StoredValue};
use leptos::prelude::*;

/// Where the value comes from; the whole list is folded.
#[component]
pub fn Provenance(row: RowContext) -> impl IntoView {
    let PanelContext { repositories, .. } = expect_context();
    let values = Memo::new(move |_| {
        row.slot.with(|slot| {
            let SlotView { winner, hidden, default, .. } = slot;
            (winner.clone(), hidden.clone(), default.clone())
        })
    });
    reactive(move || {
        let (winner, hidden, default) = values.get();
        let winner = winner?;
        let from = repositories.with_value(|all| words::scope(&winner.scope, all));
        let hides = repositories.with_value(|all| wording::hides(&hidden, all));
        let count = hidden.len() + usize::from(default.is_some());
        let broader = hidden.into_iter().map(|value| {
            let same = wording::compared(&value, Some(&winner));
            stored(value, format!("hidden, {same}"), false)
        });
        let broader: Vec<_> = broader.collect();
        Some(view! {
            <details class="slot-source">
                <summary>
                    "from " <strong>{from}</strong>
                    {hides.map(|hides| view! { <span class="faint">{format!(" · {hides}")}</span> })}
                </summary>
                <ol class="provenance" role="list" aria-label=format!("Where {} comes from", row.key())>
                    {stored(winner, if count == 0 { "used" } else { "wins" }.to_owned(), true)}
                    {broader}
                    {default
                        .map(|default| {
                            view! {
                                <li>
                                    <span class="provenance-head">
                                        <strong>"default of the spec"</strong>
                                        <span class="provenance-part">"hidden"</span>
                                    </span>
                                    <code>{default}</code>
                                </li>
                            }
                        })}
                </ol>
                <Plain row />
            </details>
        })
    })
}

/// Whether its values are secrets, as people see it.
#[component]
fn Plain(row: RowContext) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let error = RwSignal::new(None);
    let (id, key) = (row.id("plain"), row.at.with_value(|at| at.key.clone()));
    let in_panel = matches!(row.host, Host::Panel) && may_edit();
    in_panel.then(|| {
        view! {
            <PlainKeyMark
                id
                environment=panel.environment
                target=panel.target.get_value()
                key
                changed=panel.changed
                error
            />
            <Problem error />
        }
    })
}

/// One value: whose, which version, how long, who and when.
fn stored(value: StoredValue, part: String, wins: bool) -> impl IntoView {
    let PanelContext { repositories, .. } = expect_context();
    let from = repositories.with_value(|all| words::scope(&value.scope, all));
    view! {
        <li data-wins=wins.then_some("")>
            <span class="provenance-head">
                <strong>{from}</strong>
                <span class="provenance-part">{part}</span>
            </span>
            <span>
                {wording::version_and_length(&value)} {format!(", set by {} on ", value.set_by)}
                <Moment at=value.set_at />
                {(!value.readable).then_some(", cannot be opened")}
            </span>
        </li>
    }
}
