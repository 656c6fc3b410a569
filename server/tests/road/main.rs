//! The road, walked through the real router: each story is written once and runs on SQLite and on PostgreSQL, with
//! real git repositories and the real `keyslot` program.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "other tests use more of it")]
mod support;

mod agents;
mod agreement;
mod auto_start;
mod configurations;
mod conflicts;
mod connecting;
mod delivery;
mod elicitation;
mod events;
mod gate;
mod import;
mod live;
mod main_road;
mod mcp_tasks;
mod organizations;
mod proposals;
mod readers;
mod release;
mod remote;
mod requests;
mod schemas;
mod secrets;
mod sign_in;
mod snapshots;
mod starts;
mod tokens;
mod values;
mod web;

pub(crate) use support::on_both;
