//! `/sessions/{id}`: the workspace of one session.

use super::Tab;
use crate::api::ApiError;
use crate::components::header::Header;
use crate::components::problem::Problem;
use crate::components::workspace::{Workspace, WorkspaceData};
use crate::domain::ids::SessionId;
use leptos::prelude::*;

/// Loads the session, then shows its workspace. From then on the workspace keeps itself up to date.
#[component]
pub fn SessionPage(
    /// Which session.
    id: SessionId,
    /// The tab that the address names.
    tab: Option<Tab>,
) -> impl IntoView {
    let data = Resource::new_blocking(|| (), move |()| WorkspaceData::load(id.clone()));
    view! {
        <Header />
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(data) => view! { <Workspace data tab /> }.into_any(),
                    Err(error) => view! { <NoSession error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// Why there is no session to show.
#[component]
fn NoSession(error: ApiError) -> impl IntoView {
    super::set_status(error.status());
    view! {
        <main class="front" id="main">
            <section class="card stack">
                <h1>"This session cannot be shown"</h1>
                <Problem error=Some(error) />
                <p>
                    <a class="button" href="/">
                        "To the repositories"
                    </a>
                </p>
            </section>
        </main>
    }
}
