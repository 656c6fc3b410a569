//! Keeping a value of this session for later ones, without typing it again.

use super::entry_state::focus_later;
use super::host::Host;
use super::slot_row::RowContext;
use super::{PanelContext, wording};
use crate::api::ApiError;
use crate::api::environment::{PromoteValue, promote_value};
use crate::components::problem::Problem;
use crate::domain::environment::{Scope, SlotView};
use leptos::html::Select;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// Offered where the session's own value stands; folded until it is asked for.
#[component]
pub fn Promote(row: RowContext) -> impl IntoView {
    let own = |slot: &SlotView| slot.winner.as_ref().is_some_and(|winner| winner.scope == Scope::Session);
    let offered = Memo::new(move |_| {
        let at_rest = !row.entering.get() && !row.deleting.get() && !row.gone.get();
        matches!(row.host, Host::Panel) && at_rest && row.slot.with(own)
    });
    move || offered.get().then(|| view! { <Form row /> })
}

#[component]
fn Form(row: RowContext) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let (error, busy) = (RwSignal::new(None::<ApiError>), RwSignal::new(false));
    let select = NodeRef::<Select>::new();
    let scopes = Memo::new(move |_| {
        let (target, repositories) = (panel.target.get_value(), panel.repositories.get_value());
        row.owner.with(|owner| row.slot.with(|slot| wording::kept_scopes(slot, owner.as_ref(), &target, &repositories)))
    });
    let keep = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let chosen = select.get_untracked().and_then(|select| Scope::try_from(select.value()).ok());
        let Some(scope) = chosen.filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        error.set(None);
        let (target, at) = (panel.target.get_value(), row.at.get_value());
        spawn_local(async move {
            let answer = promote_value(target, at.file, at.key, scope).await;
            if busy.is_disposed() {
                return;
            }
            busy.set(false);
            match answer {
                Ok(environment) => {
                    panel.changed.run(environment);
                    focus_later(row.id("replace"));
                }
                Err(problem) => error.set(Some(problem)),
            }
        });
    };
    let options = move || {
        let option = |(scope, name): (Scope, String)| view! { <option value=scope.to_string()>{name}</option> };
        scopes.get().into_iter().map(option).collect_view()
    };
    let key = row.key();
    view! {
        <details class="promote">
            <summary>
                "Keep for future sessions" <span class="visually-hidden">{format!(" ({key})")}</span>
            </summary>
            <form method="post" action=PromoteValue::url() on:submit=keep>
                {row.address(panel.target_text())}
                <div class="entry-line">
                    <select
                        class="input scope"
                        name="scope"
                        node_ref=select
                        aria-label=format!("Keep {key} for")
                    >
                        {options}
                    </select>
                    <button
                        class="button"
                        aria-label=format!("Promote {key}")
                        aria-busy=move || busy.get().then_some("true")
                    >
                        "Promote"
                    </button>
                </div>
                <Problem error />
            </form>
        </details>
    }
}
