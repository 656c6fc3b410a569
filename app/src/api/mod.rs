//! Typed server functions, one file per noun, and the [`Backend`] that they call on the server.
//!
//! Every function is POST under `/fn/` with a fixed name, so that a plain HTML form can call it before or without WASM.
//! Errors are [`ApiError`], whose text is made for people and never echoes a value.

mod answer;
pub mod auto_start;
#[cfg(feature = "ssr")]
mod backend;
pub mod command_runs;
pub mod configurations;
pub mod delivery;
pub mod environment;
mod error;
pub mod gate;
pub mod import;
pub mod live;
pub mod proposals;
pub mod releases;
pub mod repositories;
pub mod requests;
mod secret_input;
pub mod secrets;
pub mod sessions;
pub mod snapshots;
pub mod thread;
pub mod tokens;

pub use answer::{Answer, JsonText};
#[cfg(feature = "ssr")]
pub use backend::{Actor, Backend, Redirect, backend};
pub use error::ApiError;
pub use secret_input::SecretInput;
