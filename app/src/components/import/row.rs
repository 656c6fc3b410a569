//! One line of the preview.

use super::state::ImportState;
use super::wording;
use crate::components::icon::{Icon, Shape};
use crate::components::reactive::reactive;
use crate::components::words;
use crate::pages::may_release;
use domain::import::{Choice, Planned, Row, Verdict};
use leptos::prelude::*;
use std::sync::Arc;

/// A row of the table. Its value is hidden until somebody asks for it.
#[component]
pub fn PreviewRow(state: ImportState, rows: Arc<Vec<Row>>, index: usize) -> impl IntoView {
    let planned = Memo::new(move |before: Option<&Option<Planned>>| {
        // The plan of the next text may arrive before this row is gone.
        state.planned.with(|planned| planned.get(index).cloned()).or_else(|| before.cloned().flatten())
    });
    let line = rows[index].line;
    // What is no key may be a piece of a value, so it is shown on demand only.
    let key = rows[index].key.as_ref().ok().map(ToString::to_string);
    let name = key.clone().unwrap_or_else(|| format!("line {line}"));
    let get = move |ask: fn(&Planned) -> bool| planned.with(|planned| planned.as_ref().is_some_and(ask));
    let ticked = move || get(|row| row.ticked && row.possible);
    let possible = Memo::new(move |_| get(|row| row.possible));
    let shown = key.clone();
    view! {
        <tr
            role="row"
            data-line=line.to_string()
            data-import=key
            data-verdict=move || planned.with(|row| row.as_ref().map(|row| wording::verdict_name(row.verdict)))
            data-ticked=move || ticked().then_some("")
        >
            <td role="cell" class="preview-tick">
                <input
                    type="checkbox"
                    aria-label=format!("Save {name}")
                    prop:checked=ticked
                    disabled=move || !possible.get()
                    on:change=move |event| {
                        let ticked = event_target_checked(&event);
                        state.rule(index, |ruling| ruling.ticked = Some(ticked));
                    }
                />
            </td>
            <th role="rowheader" scope="row" class="preview-key">
                {match shown {
                    Some(key) => view! { <code>{key}</code> }.into_any(),
                    None => view! { <span class="faint">{format!("Line {line}")}</span> }.into_any(),
                }}
            </th>
            <td role="cell" class="preview-value">
                <Value rows index name=name.clone() />
            </td>
            <td role="cell" class="preview-scope">
                <ScopeOfRow state planned index name />
            </td>
            <td role="cell" class="preview-verdict">
                {move || planned.get().map(|row| verdict(state, &row))}
            </td>
        </tr>
    }
}

/// The length, and the value itself while the eye is open.
#[component]
fn Value(rows: Arc<Vec<Row>>, index: usize, name: String) -> impl IntoView {
    let shown = RwSignal::new(false);
    let length = wording::length(rows[index].value.len());
    let text = move || {
        let row = &rows[index];
        shown.get().then(|| match row.key {
            Ok(_) => row.value.expose().to_owned(),
            Err(_) => format!("{} {}", row.name, row.value.expose()),
        })
    };
    view! {
        <span class="preview-length figures">{length}</span>
        <button
            class="preview-eye"
            type="button"
            aria-label=format!("Show value of {name} in the import")
            aria-pressed=move || shown.get().to_string()
            on:click=move |_| shown.update(|shown| *shown = !*shown)
        >
            {move || {
                let shape = if shown.get() { Shape::EyeOff } else { Shape::Eye };
                view! { <Icon shape /> }
            }}
        </button>
        {move || text().map(|text| view! { <code class="preview-text">{text}</code> })}
    }
}

/// Where this one counts, should it be an exception.
#[component]
fn ScopeOfRow(state: ImportState, planned: Memo<Option<Planned>>, index: usize, name: String) -> impl IntoView {
    let choices =
        Memo::new(move |_| planned.with(|row| row.as_ref().map(|row| row.choices.clone()).unwrap_or_default()));
    let chosen = Memo::new(move |_| planned.with(|row| row.as_ref().map(|row| row.choice)));
    let choose = move |event| {
        let choice = Choice::try_from(event_target_value(&event)).ok();
        // Chosen by hand it stays, whatever is chosen for the rest later.
        state.rule(index, |ruling| ruling.choice = choice);
    };
    reactive(move || match choices.get().as_slice() {
        [] => ().into_any(),
        [only] => view! { <span class="faint">{state.name(*only)}</span> }.into_any(),
        several => {
            let option = |choice: &Choice| {
                let choice = *choice;
                view! {
                    <option value=String::from(choice) selected=move || chosen.get() == Some(choice)>
                        {state.name(choice)}
                    </option>
                }
            };
            let options = several.iter().map(option).collect_view();
            view! {
                <select class="input scope" aria-label=format!("Scope for {name} in the import") on:change=choose>
                    {options}
                </select>
            }
            .into_any()
        }
    })
}

/// The chip, why, and what looks wrong.
fn verdict(state: ImportState, row: &Planned) -> impl IntoView + use<> {
    let (label, shape, tone) = wording::verdict(row.verdict);
    let detail = row.reason.clone().or_else(|| wording::held(row, may_release)).or_else(|| match row.verdict {
        Verdict::New if row.wants_choice => Some(wording::WANTS_CHOICE.to_owned()),
        Verdict::NotInSpec => Some(wording::not_in_spec(row)),
        Verdict::Replaces => {
            let replaced: Vec<_> = state
                .repositories
                .with_value(|all| row.replaced.iter().map(|value| wording::replaced(value, all)).collect());
            Some(words::sentence(&replaced))
        }
        _ => None,
    });
    let warnings = wording::warnings(row);
    view! {
        <span class="chip" data-tone=tone>
            <Icon shape />
            {label}
        </span>
        {detail.map(|detail| view! { <span class="preview-detail">{detail}</span> })}
        {warnings
            .into_iter()
            .map(|warning| {
                view! {
                    <span class="preview-warning">
                        <Icon shape=Shape::Alert />
                        {warning}
                    </span>
                }
            })
            .collect_view()}
    }
}
