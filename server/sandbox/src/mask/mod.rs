//! Taking values out of text that leaves a sandbox: the forms that a value may be written in, and a search for them.

mod clean;
pub mod needles;

pub use clean::{Cleaner, Patterns, SEARCHED_BYTES};
pub use needles::Needles;
