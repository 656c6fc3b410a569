//! Values of the organization that this configuration may not use yet: releasing one or all, and taking one back.

use super::PanelContext;
use super::slot_row::RowContext;
use crate::api::releases::{ReleaseValues, WithdrawRelease, release_values, withdraw_release};
use crate::components::browser;
use crate::components::clock::Moment;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::Problem;
use crate::components::reactive::reactive;
use crate::components::submission::Submission;
use crate::components::words;
use crate::pages::may_release;
use domain::KeyName;
use domain::environment::{Scope, Status, StoredValue};
use domain::release::ReleaseMode;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// "The organization has a value. Use it?", where that would change what is written.
#[component]
pub fn Held(row: RowContext) -> impl IntoView {
    let held = Memo::new(move |_| row.slot.with(|slot| slot.releasable().cloned()).filter(|_| !row.gone.get()));
    reactive(move || held.get().map(|value| view! { <Offer row value /> }))
}

#[component]
fn Offer(row: RowContext, value: StoredValue) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let form = Submission::new(None);
    let use_it = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (target, key) = (panel.target.get_value(), row.at.with_value(|at| at.key.clone()));
        form.send_for_page(release_values(target, vec![key]), move |environment| {
            let is_here = !row.entering.is_disposed();
            let next = is_here.then(|| (row.id("slot"), row.next(&environment)));
            let next = next.filter(|(slot, _)| browser::may_move_focus_from(slot));
            panel.changed.run(environment);
            if let Some((_, next)) = next {
                browser::focus_later(next);
            }
        });
    };
    let (may, key) = (may_release(value.releasers), row.key());
    let button = may.then(|| {
        view! {
            <button
                type="submit"
                class="button"
                data-look="primary"
                aria-label=row.name(&format!("Use it: the organization's value of {key}"))
                aria-busy=move || form.aria_busy()
            >
                "Use it"
            </button>
        }
    });
    view! {
        <form class="held" method="post" action=ReleaseValues::url() on:submit=use_it>
            <input type="hidden" name="target" value=panel.target_text() />
            <input type="hidden" name="keys[0]" value=key.clone() />
            <p>
                <strong>"The organization has a value."</strong>
                <span>
                    {if may { " Use it? " } else { " An owner or admin can let this configuration use it. " }}
                </span>
                <span class="faint">{format!("Set by {} on ", value.set_by)} <Moment at=value.set_at /></span>
            </p>
            {button}
            <Problem error=form.error />
        </form>
    }
}

/// One click for every held key that whoever looks may release; of these `keys` only, where they are given.
#[component]
pub fn HeldAll(#[prop(optional)] keys: Option<Vec<KeyName>>) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let held = Memo::new(move |_| {
        panel.environment.with(|environment| {
            let wanted = |value: &&StoredValue| {
                may_release(value.releasers) && keys.as_ref().is_none_or(|keys| keys.contains(&value.key))
            };
            environment.releasable().into_iter().filter(wanted).map(|value| value.key.clone()).collect::<Vec<_>>()
        })
    });
    reactive(move || (held.with(Vec::len) > 1).then(|| view! { <OfferAll held /> }))
}

#[component]
fn OfferAll(held: Memo<Vec<KeyName>>) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let form = Submission::new(None);
    let use_all = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // Those that are shown, and not what an agent adds in this moment.
        let (target, keys) = (panel.target.get_value(), held.get_untracked());
        form.send_for_page(release_values(target, keys), move |environment| panel.changed.run(environment));
    };
    let count = move || held.with(|held| words::count(held.len(), "value"));
    let fields = move || {
        let field = |(at, key): (usize, KeyName)| {
            view! { <input type="hidden" name=format!("keys[{at}]") value=key.to_string() /> }
        };
        held.get().into_iter().enumerate().map(field).collect_view()
    };
    let named = move || held.with(|held| words::list(held, 6));
    let name = panel.host.card().map_or("", |_| " in the request");
    view! {
        <form class="held held-all" method="post" action=ReleaseValues::url() on:submit=use_all>
            <input type="hidden" name="target" value=panel.target_text() />
            {fields}
            <p>
                <Icon shape=Shape::Key />
                <span>
                    "The organization has " {count} " that this configuration does not use yet: " <span class="faint">{named}</span>
                </span>
            </p>
            <button
                type="submit"
                class="button"
                aria-label=move || format!("Use all {}{name}", count())
                aria-busy=move || form.aria_busy()
            >
                {move || format!("Use all {}", held.with(Vec::len))}
            </button>
            <Problem error=form.error />
        </form>
    }
}

/// Takes the organization's value from this configuration again, where its key was released on its own.
#[component]
pub fn Withdraw(row: RowContext) -> impl IntoView {
    let panel = expect_context::<PanelContext>();
    let form = Submission::new(None);
    let offered = Memo::new(move |_| {
        let each = panel.environment.with(|environment| environment.release_mode == ReleaseMode::Each);
        let at_rest = !row.entering.get() && !row.deleting.get() && !row.gone.get();
        each && at_rest
            && row.host.card().is_none()
            && row.slot.with(|slot| {
                let winner = slot.winner.as_ref().filter(|_| slot.status == Status::Set);
                winner.is_some_and(|value| value.scope == Scope::Organization && may_release(value.releasers))
            })
    });
    let withdraw = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (target, key) = (panel.target.get_value(), row.at.with_value(|at| at.key.clone()));
        form.send_for_page(withdraw_release(target, key), move |environment| panel.changed.run(environment));
    };
    reactive(move || {
        offered.get().then(|| {
            view! {
                <form class="held-withdraw" method="post" action=WithdrawRelease::url() on:submit=withdraw>
                    <input type="hidden" name="target" value=panel.target_text() />
                    <input type="hidden" name="key" value=row.key() />
                    <button
                        type="submit"
                        class="button"
                        data-look="quiet"
                        aria-label=format!("Stop using it here: the organization's value of {}", row.key())
                        aria-busy=move || form.aria_busy()
                    >
                        "Stop using it here"
                    </button>
                    <Problem error=form.error />
                </form>
            }
        })
    })
}
