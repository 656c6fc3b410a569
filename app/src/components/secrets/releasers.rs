//! Who may release a secret to configurations.

use super::SecretsContext;
use super::row::RowState;
use crate::api::releases::{SetReleasers, set_releasers};
use crate::components::problem::Problem;
use crate::components::reach;
use crate::components::reactive::reactive;
use crate::components::submission::Submission;
use crate::pages::may_release;
use domain::release::Releasers as Who;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Who may, and for owners and admins the button that changes it.
#[component]
pub fn Releasers(row: RowState) -> impl IntoView {
    let context = expect_context::<SecretsContext>();
    let form = Submission::new(None);
    let (who, editable) = (Memo::new(move |_| row.secret.with(|secret| secret.releasers)), may_release(Who::Admins));
    let change = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (key, other) = (row.key(), other(who.get_untracked()));
        let said = format!("{key}: {}", told(other));
        form.send_for_page(set_releasers(key, other), move |secrets| context.changed(secrets, said));
    };
    let held = Memo::new(move |_| row.secret.with(|secret| secret.held));
    reactive(move || {
        let who = who.get();
        view! {
            <form class="secret-releasers" method="post" action=SetReleasers::url() on:submit=change>
                <input type="hidden" name="key" value=row.key().to_string() />
                <input type="hidden" name="releasers" value=other(who).as_str() />
                <span class="faint">{told(who)} {move || reach::held(held.get())}</span>
                {editable
                    .then(|| {
                        let label = match who {
                            Who::Admins => "Let members too",
                            Who::Members => "Owners and admins only",
                        };
                        view! {
                            <button
                                type="submit"
                                class="button"
                                data-look="quiet"
                                aria-label=format!("{label}: {}", row.key())
                                aria-busy=move || form.aria_busy()
                            >
                                {label}
                            </button>
                        }
                    })}
                <Problem error=form.error />
            </form>
        }
    })
}

fn other(who: Who) -> Who {
    match who {
        Who::Admins => Who::Members,
        Who::Members => Who::Admins,
    }
}

fn told(who: Who) -> &'static str {
    match who {
        Who::Admins => "Owners and admins let configurations use it.",
        Who::Members => "Owners, admins and members let configurations use it.",
    }
}
