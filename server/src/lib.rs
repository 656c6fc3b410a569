//! x
pub mod apply;
