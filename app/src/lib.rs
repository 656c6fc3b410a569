//! Keyslot's domain rules, typed server functions and screens.
//!
//! Without features this crate is [`domain`] alone. `ssr` adds the server side of the screens, `hydrate` the browser
//! side. It never names the database, the cipher or the file system: those live in `server`.

// A page is one type that nests as deeply as its elements do.
#![recursion_limit = "256"]

#[cfg(feature = "web")]
pub mod api;
#[cfg(feature = "web")]
pub mod components;
pub mod domain;
#[cfg(feature = "web")]
pub mod pages;

/// Takes over the page that the server rendered. Called by the script that the shell loads.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(pages::App);
    components::browser::mark_hydrated();
}
