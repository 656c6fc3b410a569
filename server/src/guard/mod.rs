//! Keeping values out of what leaves a sandbox in files: a search for all forms of a value in bytes of any length, whatever
//! they are packed in.

mod search;
mod wrapped;

pub use search::{Guard, Hit, Search};
