//! What new configurations use of the organization's values: the owner's choice.

use crate::api::releases::{SetDefaultReleaseMode, get_default_release_mode, set_default_release_mode};
use crate::components::problem::Problem;
use crate::components::repositories::release::ReleaseChoice;
use crate::components::submission::Submission;
use crate::pages::is_owner;
use domain::release::ReleaseMode;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The choice, for owners.
#[component]
pub fn DefaultRelease() -> impl IntoView {
    let stored = Resource::new_blocking(|| (), |()| get_default_release_mode());
    is_owner().then(|| {
        view! {
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move { stored.await.ok().map(|mode| view! { <Choice mode /> }) })}
            </Suspense>
        }
    })
}

#[component]
fn Choice(mode: ReleaseMode) -> impl IntoView {
    let form = Submission::of(SetDefaultReleaseMode::PATH);
    let (chosen, saved) = (RwSignal::new(mode), RwSignal::new(false));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        saved.set(false);
        form.send(set_default_release_mode(chosen.get_untracked()), move |()| saved.set(true));
    };
    view! {
        <section class="card stack" aria-labelledby="default-release-title">
            <h2 id="default-release-title">"New configurations"</h2>
            <p class="hint">
                "What a new configuration does with the organization's values until somebody changes it there. With all \
                 values, whoever can connect a repository can read every one of them in a session."
            </p>
            <form class="stack" method="post" action=SetDefaultReleaseMode::url() on:submit=save>
                <ReleaseChoice chosen form="default" field="mode" />
                <div class="form-actions">
                    <button type="submit" class="button" aria-busy=move || form.aria_busy()>
                        "Save default"
                    </button>
                    <span class="hint" role="status">
                        {move || saved.get().then_some("Saved. Existing configurations stay as they are.")}
                    </span>
                </div>
                <Problem error=form.error />
            </form>
        </section>
    }
}
