//! Which of the organization's values this configuration uses.

use super::ConfigurationState;
use crate::api::configurations::get_configuration;
use crate::api::releases::{SetReleaseMode, set_release_mode};
use crate::components::problem::Problem;
use crate::components::repositories::release::ReleaseChoice;
use crate::components::submission::Submission;
use crate::pages::may_release;
use domain::release::{ReleaseMode, Releasers};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The choice for owners and admins; what is chosen for everybody else.
#[component]
pub fn Release() -> impl IntoView {
    let state = expect_context::<ConfigurationState>();
    let stored = Memo::new(move |_| state.view.value.with(|view| view.row.release_mode));
    let told = move || match stored.get() {
        ReleaseMode::Each => {
            "A value of the organization reaches this configuration once somebody lets it use the key."
        }
        ReleaseMode::All => "This configuration uses every value of the organization that its env files name.",
    };
    view! {
        <section class="card stack" aria-labelledby="release-title">
            <h2 id="release-title">"Organization values"</h2>
            <p class="hint">{told}</p>
            {may_release(Releasers::Admins).then(|| view! { <Choice state stored /> })}
        </section>
    }
}

#[component]
fn Choice(state: ConfigurationState, stored: Memo<ReleaseMode>) -> impl IntoView {
    let form = Submission::of(SetReleaseMode::PATH);
    let chosen = RwSignal::new(stored.get_untracked());
    Effect::new(move || chosen.set(stored.get()));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (id, mode) = (state.id(), chosen.get_untracked());
        let change = async move {
            set_release_mode(id.clone(), mode).await?;
            get_configuration(id).await
        };
        state.change(change, form, "Saved.", || ());
    };
    view! {
        <form class="stack" method="post" action=SetReleaseMode::url() on:submit=save>
            <input type="hidden" name="configuration" value=state.id().to_string() />
            <ReleaseChoice chosen form="configuration" field="mode" />
            <div class="form-actions">
                <button type="submit" class="button" aria-busy=move || form.aria_busy()>
                    "Save choice"
                </button>
            </div>
            <Problem error=form.error />
        </form>
    }
}
