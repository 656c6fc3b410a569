//! `/configurations/{id}`: one configuration, to be changed.

use super::dead_end::DeadEnd;
use crate::api::configurations::get_configuration;
use crate::components::configuration::Configuration;
use crate::components::header::Header;
use crate::components::problem::Problem;
use domain::ids::ConfigurationId;
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
                        view! {
                            <DeadEnd title="This configuration cannot be shown" status=error.status()>
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
