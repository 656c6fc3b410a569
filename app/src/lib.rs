//! Keyslot's typed server functions and screens.
//!
//! `ssr` is the server side of the screens, `hydrate` the browser side. The rules are in the crate [`domain`]; database,
//! cipher and file system belong to the server.

// A page is one type that nests as deeply as its elements do.
#![recursion_limit = "256"]

pub mod api;
pub mod components;
pub mod pages;

/// Takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    leptos::mount::hydrate_body(pages::App);
    components::browser::mark_hydrated();
}
