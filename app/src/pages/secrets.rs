//! `/settings/secrets`: the organization's secrets.

use crate::api::secrets::list_secrets;
use crate::components::header::Header;
use crate::components::problem::Problem;
use crate::components::secrets::Secrets;
use leptos::prelude::*;

/// Loads the secrets' names, then shows them. From then on the list keeps itself up to date.
#[component]
pub fn SecretsPage() -> impl IntoView {
    let secrets = Resource::new_blocking(|| (), |()| list_secrets());
    view! {
        <Header />
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match secrets.await {
                    Ok(secrets) => view! { <Secrets secrets /> }.into_any(),
                    Err(error) => {
                        super::set_status(error.status());
                        view! {
                            <main class="page stack" id="main">
                                <h1>"Secrets"</h1>
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
