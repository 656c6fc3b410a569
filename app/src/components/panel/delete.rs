//! Replacing and deleting the value of a slot that has one.

use super::host::Host;
use super::slot_row::RowContext;
use super::{PanelContext, wording};
use crate::api::environment::{DeleteValue, delete_value};
use crate::components::browser;
use crate::components::problem::Problem;
use crate::components::reactive::reactive;
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::components::words;
use domain::environment::{FileView, SlotView, StoredValue};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The buttons, or the question before a value is deleted. Without WASM the buttons ask the server for the same.
#[component]
pub fn Delete(row: RowContext) -> impl IntoView {
    let winner = Memo::new(move |_| row.slot.with(|slot| slot.winner.clone()));
    reactive(move || match (row.deleting.get(), winner.get()) {
        (true, Some(winner)) => view! { <Question row winner /> }.into_any(),
        _ => view! { <Buttons row /> }.into_any(),
    })
}

#[component]
fn Buttons(row: RowContext) -> impl IntoView {
    let key = row.key();
    let (replace, shown) = match row.host {
        Host::Panel => {
            let (name, value) = row.panel.query();
            ("Replace", Some(view! { <input type="hidden" name=name value=value /> }))
        }
        Host::Card(_) => ("Override", None),
    };
    let can_delete = Memo::new(move |_| matches!(row.host, Host::Panel) && row.slot.with(|slot| slot.winner.is_some()));
    let delete_name = format!("Delete {key}");
    view! {
        <form class="slot-actions" method="get" action=format!("#{}", row.id("slot")) hidden=row.entering>
            {shown}
            <button
                type="submit"
                class="button"
                data-look="quiet"
                id=row.id("replace")
                name="replace"
                value=move || row.token()
                aria-label=row.name(&format!("{replace} {key}"))
                on:click=move |event| {
                    event.prevent_default();
                    row.entering.set(true);
                    browser::focus_later(row.id("value"));
                }
            >
                {replace}
            </button>
            <Show when=move || can_delete.get()>
                <button
                    type="submit"
                    class="button"
                    data-look="quiet"
                    id=row.id("delete")
                    name="delete"
                    value=move || row.token()
                    aria-label=delete_name.clone()
                    on:click=move |event| {
                        event.prevent_default();
                        row.deleting.set(true);
                        browser::focus_later(row.id("keep"));
                    }
                >
                    "Delete"
                </button>
            </Show>
        </form>
    }
}

#[component]
fn Question(row: RowContext, winner: StoredValue) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let form = Submission::new(None);
    let key = row.key();
    let (from, then) = panel.repositories.with_value(|all| {
        (words::scope(&winner.scope, all), row.slot.with_untracked(|slot| wording::after_delete(slot, all)))
    });
    let scope = winner.scope.clone();
    let (name, value) = panel.query();
    let delete = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (target, at, scope) = (panel.target.get_value(), row.at.get_value(), scope.clone());
        form.send_for_page(delete_value(target, at.file, at.key, scope), move |environment| {
            // A new spec may have taken the whole slot away meanwhile.
            if row.deleting.is_disposed() {
                return;
            }
            let move_on = browser::may_move_focus_from(&row.id("slot"));
            let is_it = |(file, slot): &(&FileView, &SlotView)| {
                row.at.with_value(|at| at.file == file.place && at.key == slot.key)
            };
            let written = environment.slots().find(is_it).is_some_and(|(_, slot)| slot.status.is_written());
            row.deleting.set(false);
            panel.changed.run(environment);
            if move_on {
                browser::focus_later(row.id(if written { "replace" } else { "value" }));
            }
        });
    };
    view! {
        <form class="question" method="post" action=DeleteValue::url() on:submit=delete>
            {row.address(panel.target_text())}
            <input type="hidden" name="scope" value=winner.scope.to_string() />
            <p>{format!("Delete {key} from {from}? {then}")}</p>
            <div class="question-actions">
                <button
                    type="submit"
                    class="button"
                    data-look="danger"
                    aria-label=format!("Yes, delete {key}")
                    aria-busy=move || form.aria_busy()
                >
                    "Yes, delete"
                </button>
                <a
                    class="button"
                    id=row.id("keep")
                    href=format!("?{name}={value}")
                    aria-label=format!("Keep {key}")
                    on:click=move |event| {
                        event.prevent_default();
                        row.deleting.set(false);
                        browser::focus_later(row.id("delete"));
                    }
                >
                    "Keep"
                </a>
            </div>
            <Problem error=form.error />
        </form>
    }
}
