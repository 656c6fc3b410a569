//! `/sessions/{id}`: the workspace of one session.

use super::Tab;
use super::dead_end::DeadEnd;
use crate::components::header::Header;
use crate::components::problem::Problem;
use crate::components::workspace::{Workspace, WorkspaceData};
use domain::ids::SessionId;
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
                    Err(error) => {
                        view! {
                            <DeadEnd title="This session cannot be shown" status=error.status()>
                                <Problem error=Some(error) />
                            </DeadEnd>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
}
