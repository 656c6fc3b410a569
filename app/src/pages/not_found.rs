//! The page for addresses that mean nothing.

use crate::components::header::Header;
use leptos::prelude::*;

/// Says that there is nothing here and leads back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    super::set_status(404);
    view! {
        <Header />
        <main class="front" id="main">
            <section class="card stack">
                <h1>"There is nothing here"</h1>
                <p>"The address may be mistyped, or the page belongs to another organization."</p>
                <p>
                    <a class="button" href="/">
                        "To the repositories"
                    </a>
                </p>
            </section>
        </main>
    }
}
