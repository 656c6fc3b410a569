//! Keeping values out of what leaves a sandbox: the forms that a value may be written in, a search for them in bytes of
//! any length, and taking them out of text.

mod clean;
pub mod needles;
#[cfg(feature = "server")]
mod search;
#[cfg(feature = "server")]
mod wrapped;

pub use clean::{Cleaner, Patterns, SEARCHED_BYTES};
pub use needles::Needles;
#[cfg(feature = "server")]
pub use search::{Guard, Hit, Search};
