//! The mark and the name.

use leptos::prelude::*;

/// The logo as a link home: a keyhole in the shape of a slot.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <a class="logo" href="/">
            <svg class="logo-mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                <rect class="logo-plate" x="1" y="1" width="22" height="22" rx="6.5" />
                <path class="logo-hole" d="M12 5.5a3.8 3.8 0 0 1 2 7.03V17a2 2 0 0 1-4 0v-4.47a3.8 3.8 0 0 1 2-7.03Z" />
            </svg>
            <span>"Keyslot"</span>
        </a>
    }
}
