//! Keyslot's domain rules, typed server functions and screens.
//!
//! Without features this crate is [`domain`] alone. `ssr` adds the server side of the screens, `hydrate` the browser
//! side. It never names the database, the cipher or the file system: those live in `server`.

#[cfg(feature = "web")]
pub mod api;
pub mod domain;
#[cfg(feature = "web")]
pub mod pages;
