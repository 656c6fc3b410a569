//! Keeping values out of what leaves a sandbox: the forms that a value may be written in.

pub mod needles;

pub use needles::Needles;
