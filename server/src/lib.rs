//! Keyslot's server, and the parts of the small `keyslot` program that runs in sandboxes.
//!
//! Without the feature `server` only what `keyslot` needs is compiled: it links no database, no cipher of values and no
//! HTTP server, only the client that `keyslot env watch` asks a server with.

pub mod apply;
#[cfg(feature = "server")]
pub mod auth;
#[cfg(feature = "server")]
pub mod boot;
#[cfg(feature = "server")]
pub mod commands;
#[cfg(feature = "server")]
pub mod config;
pub mod discover;
#[cfg(feature = "server")]
pub mod events;
#[cfg(feature = "server")]
pub mod gateway;
#[cfg(feature = "server")]
pub mod git;
pub mod guard;
#[cfg(feature = "server")]
pub mod hardening;
#[cfg(feature = "server")]
pub mod instance;
#[cfg(feature = "server")]
pub mod process;
#[cfg(feature = "server")]
pub mod quotas;
pub mod run;
#[cfg(feature = "server")]
pub mod sandbox;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod snapshot;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod vault;
pub mod walk;
#[cfg(feature = "server")]
pub mod wall;
pub mod watch;
#[cfg(feature = "server")]
pub mod web;
