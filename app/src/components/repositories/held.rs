//! One click in a row for every value of the organization that its configuration does not use yet.

use super::ListContext;
use super::values::Fold;
use crate::api::environment::EnvironmentTarget;
use crate::api::releases::{ReleaseValues, release_values};
use crate::api::repositories::{ConfigurationRow, list_configurations};
use crate::components::browser;
use crate::components::icon::{Icon, Shape};
use crate::components::problem::Problem;
use crate::components::reactive::reactive;
use crate::components::submission::Submission;
use crate::components::words;
use crate::pages::may_release;
use domain::KeyName;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The offer, for whoever may release any of them.
#[component]
pub fn HeldInRow(row: Memo<ConfigurationRow>, fold: Fold, label: Memo<String>) -> impl IntoView {
    let keys = Memo::new(move |_| {
        row.with(|row| {
            let mine = row.held.iter().filter(|held| may_release(held.releasers));
            mine.map(|held| held.key.clone()).collect::<Vec<_>>()
        })
    });
    reactive(move || (!keys.with(Vec::is_empty)).then(|| view! { <Offer row keys fold label /> }))
}

#[component]
fn Offer(row: Memo<ConfigurationRow>, keys: Memo<Vec<KeyName>>, fold: Fold, label: Memo<String>) -> impl IntoView {
    let rows = expect_context::<ListContext>().rows;
    let form = Submission::new(None);
    let id = row.with_untracked(|row| row.id.clone());
    let target = EnvironmentTarget::Configuration(id.clone());
    let (sent, button) = (StoredValue::new(target.clone()), fold.button_id());
    let use_all = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // Those that are shown, and not what an agent adds in this moment.
        let (target, keys, button) = (sent.get_value(), keys.get_untracked(), button.clone());
        form.send_for_page(release_values(target, keys), move |environment| {
            fold.show(environment);
            rows.refetch(list_configurations);
            browser::focus_later(button);
        });
    };
    let what = move || keys.with(|keys| words::count(keys.len(), "organization value"));
    let fields = move || {
        let field = |(at, key): (usize, KeyName)| {
            view! { <input type="hidden" name=format!("keys[{at}]") value=key.to_string() /> }
        };
        keys.get().into_iter().enumerate().map(field).collect_view()
    };
    view! {
        <form class="held held-all" method="post" action=ReleaseValues::url() on:submit=use_all>
            <input type="hidden" name="target" value=String::from(target) />
            {fields}
            <p>
                <Icon shape=Shape::Key />
                <span>
                    "The organization has values for " <span class="faint">{move || keys.with(|keys| words::list(keys, 6))}</span>
                </span>
            </p>
            <button
                type="submit"
                class="button"
                aria-label=move || format!("Use {} in {}", what(), label.get())
                aria-busy=move || form.aria_busy()
            >
                {move || format!("Use {}", what())}
            </button>
            <Problem error=form.error />
        </form>
    }
}
