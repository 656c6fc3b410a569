//! What stands in the place of a page that cannot be shown.

use leptos::prelude::*;

/// Says why and leads back.
#[component]
pub fn DeadEnd(
    title: &'static str,
    /// HTTP status of the page.
    status: u16,
    /// Why.
    children: Children,
) -> impl IntoView {
    super::set_status(status);
    view! {
        <main class="front" id="main">
            <section class="card stack">
                <h1>{title}</h1>
                {children()}
                <p>
                    <a class="button" href="/">
                        "To the repositories"
                    </a>
                </p>
            </section>
        </main>
    }
}
