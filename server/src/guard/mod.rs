//! Keeping values out of what leaves a sandbox: the forms that a value may be written in, a search for them in bytes of
//! any length, and taking them out of text.

pub mod needles;
mod redact;
mod search;
mod wrapped;

pub use needles::Needles;
pub use redact::Redactor;
pub use search::{Guard, Hit, Search};
