//! `/`: the organization's configurations, and connecting a repository.

use crate::api::repositories::list_configurations;
use crate::components::header::Header;
use crate::components::problem::Problem;
use crate::components::repositories::{ConfigurationList, ConnectRepository};
use leptos::prelude::*;

/// The list, or the invitation to connect a first repository.
#[component]
pub fn RepositoriesPage() -> impl IntoView {
    let rows = Resource::new_blocking(|| (), |()| list_configurations());
    view! {
        <Header />
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match rows.await {
                    Ok(rows) if rows.is_empty() => view! { <Welcome /> }.into_any(),
                    Ok(rows) => {
                        view! {
                            <main class="page stack" id="main">
                                <h1>"Repositories"</h1>
                                <ConnectRepository />
                                <ConfigurationList rows />
                            </main>
                        }
                            .into_any()
                    }
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

/// What a newcomer sees.
#[component]
fn Welcome() -> impl IntoView {
    view! {
        <main class="front" id="main">
            <section class="welcome">
                <h1>"Connect your first repository"</h1>
                <p class="lead">
                    "Keyslot looks for the env files that the project needs, you fill in the values once, \
                     and every session starts with them in place."
                </p>
                <ConnectRepository first=true />
            </section>
        </main>
    }
}
