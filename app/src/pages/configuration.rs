//! `/configurations/{id}`: one configuration, to be changed.

use crate::api::configurations::get_configuration;
use crate::components::configuration::Configuration;
use crate::components::header::Header;
use crate::components::problem::Problem;
use crate::domain::ids::ConfigurationId;
use leptos::prelude::*;

/// Loads the configuration, then shows it. From then on it keeps itself up to date.
#[component]
pub fn ConfigurationPage(
    /// Which.
    id: ConfigurationId,
) -> impl IntoView {
    let view = Resource::new_blocking(|| (), move |()| get_configuration(id.clone()));
    view! {
        <Header />
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match view.await {
                    Ok(view) => view! { <Configuration view /> }.into_any(),
                    Err(error) => {
                        super::set_status(error.status());
                        view! {
                            <main class="front" id="main">
                                <section class="card stack">
                                    <h1>"This configuration cannot be shown"</h1>
                                    <Problem error=Some(error) />
                                    <p>
                                        <a class="button" href="/">
                                            "To the repositories"
                                        </a>
                                    </p>
                                </section>
                            </main>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
}
