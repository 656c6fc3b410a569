//! The page for addresses that mean nothing.

use super::dead_end::DeadEnd;
use crate::components::header::Header;
use leptos::prelude::*;

/// Says that there is nothing here and leads back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Header />
        <DeadEnd title="There is nothing here" status=404>
            <p>"The address may be mistyped, or the page belongs to another organization."</p>
        </DeadEnd>
    }
}
