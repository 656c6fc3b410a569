//! `/`: the organization's configurations, connecting a repository, and making a configuration of several.

use super::Address;
use crate::components::header::Header;
use crate::components::problem::Problem;
use crate::components::repositories::{Repositories, RepositoriesData};
use leptos::prelude::*;

/// Loads the configurations, then shows them. From then on the list keeps itself up to date.
#[component]
pub fn RepositoriesPage() -> impl IntoView {
    let opened = expect_context::<Address>().configuration;
    let data = Resource::new_blocking(|| (), move |()| RepositoriesData::load(opened.clone()));
    view! {
        <Header />
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match data.await {
                    Ok(data) => view! { <Repositories data /> }.into_any(),
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
