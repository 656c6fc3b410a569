//! `/`: the organization's configurations, and connecting a repository.

use crate::api::repositories::list_configurations;
use crate::components::header::Header;
use crate::components::problem::Problem;
use crate::components::repositories::Repositories;
use leptos::prelude::*;

/// Loads the configurations, then shows them. From then on the list keeps itself up to date.
#[component]
pub fn RepositoriesPage() -> impl IntoView {
    let rows = Resource::new_blocking(|| (), |()| list_configurations());
    view! {
        <Header />
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match rows.await {
                    Ok(rows) => view! { <Repositories rows /> }.into_any(),
                    Err(error) => {
                        super::set_status(error.status());
                        view! {
                            <main class="page stack" id="main">
                                <h1>"Repositories"</h1>
                                <Problem error=Some(error) />
                            </main>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
}
