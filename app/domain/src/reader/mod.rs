//! The programs that read env files: how each reads, and a writer whose every line they read back to the same bytes.

mod family;
mod found_file;
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
pub use found_file::{FoundFile, Rejected, Seen, read_found_file};
pub use program::Reader;
pub(crate) use reading::with_plain_line_ends;
pub use reading::{Fault, Misread, Reading};
pub use refusal::{Cause, Unwritable};
pub use write::{Unproven, assignment, check, check_key, prove};
