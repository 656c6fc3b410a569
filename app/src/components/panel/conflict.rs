//! The sides of a conflict, and ending it with one of them.

use super::host::Host;
use super::slot_row::RowContext;
use super::{PanelContext, side_words, wording};
use crate::api::import::{ResolveConflict, resolve_conflict};
use crate::components::browser;
use crate::components::clock::Moment;
use crate::components::problem::Problem;
use crate::components::reactive::reactive;
use crate::components::show::Show;
use crate::components::submission::Submission;
use crate::pages::may_edit;
use domain::environment::StoredValue as Stored;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Every side with who set it and when, and in a panel the way to use its value for all.
#[component]
pub fn Sides(row: RowContext) -> impl IntoView {
    let sides = Memo::new(move |_| row.slot.with(|slot| slot.conflict.clone()));
    view! {
        <Show when=move || !sides.with(Vec::is_empty)>
            <ul class="sides" role="list" aria-label=format!("The values of {} that disagree", row.key())>
                <For each=move || sides.get() key=|side| (side.scope.clone(), side.version) let:side>
                    <Side row side sides />
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn Side(row: RowContext, side: Stored, sides: Memo<Vec<Stored>>) -> impl IntoView {
    let PanelContext { repositories, .. } = expect_context();
    let (key, name) = (row.key(), repositories.with_value(|all| side_words::repository(&side.scope, all)));
    let of = side.clone();
    let compared =
        reactive(move || sides.with(|sides| repositories.with_value(|all| side_words::side_compared(&of, sides, all))));
    let offered = matches!(row.host, Host::Panel) && may_edit() && side.readable;
    view! {
        <li class="side">
            <p>
                <strong>{name.clone()}</strong>
                {format!(" {}, set by {} on ", wording::version_and_length(&side), side.set_by)}
                <Moment at=side.set_at />
                ", "
                {compared}
            </p>
            {offered
                .then(|| {
                    view! {
                        <details class="side-use">
                            <summary class="button" aria-label=format!("Use {name}'s value: {key}")>
                                {format!("Use {name}'s value")}
                            </summary>
                            <Question row side sides name />
                        </details>
                    }
                })}
        </li>
    }
}

/// Asks once, naming what is replaced. A plain form does the same.
#[component]
fn Question(row: RowContext, side: Stored, sides: Memo<Vec<Stored>>, name: String) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let form = Submission::new(None);
    let (scope, of) = (side.scope.clone(), side.clone());
    let asked = reactive(move || {
        sides.with(|sides| panel.repositories.with_value(|all| side_words::use_for_others(&of, sides, all)))
    });
    let use_it = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (target, at, scope) = (panel.target.get_value(), row.at.get_value(), scope.clone());
        let seen = Some(row.slot.with_untracked(|slot| slot.seen()));
        // The event stream may be faster: then the sides are gone, and this question with them.
        form.send_for_page(resolve_conflict(target, at.file, at.key, scope, seen), move |environment| {
            let is_here = !row.entering.is_disposed();
            let next = is_here.then(|| (row.id("slot"), row.id("replace")));
            let next = next.filter(|(slot, _)| browser::may_move_focus_from(slot));
            panel.changed.run(environment);
            if let Some((_, replace)) = next {
                browser::focus_later(replace);
            }
        });
    };
    let key = row.key();
    view! {
        <form class="question" method="post" action=ResolveConflict::url() on:submit=use_it>
            {row.address(panel.target_text())}
            <input type="hidden" name="scope" value=side.scope.to_string() />
            <input type="hidden" name="seen" value=move || row.slot.with(|slot| slot.seen().to_string()) />
            <p>{asked}</p>
            <div class="question-actions">
                <button
                    type="submit"
                    class="button"
                    data-look="danger"
                    aria-label=format!("Yes, use {name}'s value: {key}")
                    aria-busy=move || form.aria_busy()
                >
                    {format!("Yes, use {name}'s value")}
                </button>
            </div>
            <Problem error=form.error />
        </form>
    }
}
