//! Keeping values out of what leaves a sandbox: the forms that a value may be written in, a search for them in bytes of
//! any length, and taking them out of text.

mod clean;
pub mod needles;
mod search;
mod wrapped;

pub use clean::{Cleaner, Patterns};
pub use needles::Needles;
pub use search::{Guard, Hit, Search};
