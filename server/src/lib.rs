//! x

#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod vault;
