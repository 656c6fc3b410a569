//! The programs that read env files: how each reads, and a writer whose every line they read back to the same bytes.

mod family;
mod look;
mod model;
mod program;
mod reading;
mod refusal;
mod spelling;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use family::Family;
pub use look::{Look, Rejected, Seen, look};
pub use program::Reader;
pub use reading::{Fault, Misread, Reading};
pub use refusal::{Cause, Unwritable};
pub use write::{Unproven, assignment, check, check_key, prove};
