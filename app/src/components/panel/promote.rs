//! Keeping a value of this session for later ones, without typing it again.

use super::host::Host;
use super::slot_row::RowContext;
use super::{PanelContext, wording};
use crate::api::environment::{PromoteValue, promote_value};
use crate::components::browser;
use crate::components::problem::Problem;
use crate::components::reactive::reactive;
use crate::components::submission::Submission;
use domain::environment::{Scope, SlotView};
use leptos::html::Select;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Offered where the session's own value stands; folded until it is asked for.
#[component]
pub fn Promote(row: RowContext) -> impl IntoView {
    let own = |slot: &SlotView| slot.winner.as_ref().is_some_and(|winner| winner.scope == Scope::Session);
    let offered = Memo::new(move |_| {
        let at_rest = !row.entering.get() && !row.deleting.get() && !row.gone.get();
        matches!(row.host, Host::Panel) && at_rest && row.slot.with(own)
    });
    reactive(move || offered.get().then(|| view! { <Form row /> }))
}

#[component]
fn Form(row: RowContext) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let form = Submission::new(None);
    let select = NodeRef::<Select>::new();
    let scopes = Memo::new(move |_| {
        let (target, repositories) = (panel.target.get_value(), panel.repositories.get_value());
        row.owner.with(|owner| row.slot.with(|slot| wording::kept_scopes(slot, owner.as_ref(), &target, &repositories)))
    });
    let keep = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let chosen = select.get_untracked().and_then(|select| Scope::try_from(select.value()).ok());
        let Some(scope) = chosen else { return };
        let (target, at) = (panel.target.get_value(), row.at.get_value());
        form.send(promote_value(target, at.file, at.key, scope), move |environment| {
            panel.changed.run(environment);
            browser::focus_later(row.id("replace"));
        });
    };
    let options = reactive(move || {
        let option = |(scope, name): (Scope, String)| view! { <option value=scope.to_string()>{name}</option> };
        let all = scopes.get();
        // Where nothing but the organization is left, somebody must say so.
        let choose = matches!(all.first(), Some((Scope::Organization, _))).then(|| {
            view! {
                <option value="" selected disabled>
                    "Choose for whom"
                </option>
            }
        });
        (choose, all.into_iter().map(option).collect_view())
    });
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
                        required
                        node_ref=select
                        aria-label=format!("Keep {key} for")
                    >
                        {options}
                    </select>
                    <button
                        type="submit"
                        class="button"
                        aria-label=format!("Promote {key}")
                        aria-busy=move || form.aria_busy()
                    >
                        "Promote"
                    </button>
                </div>
                <Problem error=form.error />
            </form>
        </details>
    }
}
