//! x
pub mod discover;
