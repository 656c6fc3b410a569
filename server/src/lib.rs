//! Keyslot's server: use cases, storage, sign-in, the agents' gateway and the web.

pub mod auth;
pub mod boot;
pub mod commands;
pub mod config;
pub mod events;
pub mod gateway;
pub mod git;
pub mod guard;
pub mod hardening;
pub mod instance;
pub mod process;
pub mod quotas;
pub mod sandbox;
pub mod service;
pub mod snapshot;
pub mod store;
pub mod usage;
pub mod wall;
pub mod web;
