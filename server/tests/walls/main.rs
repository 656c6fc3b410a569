//! Attacks by what a workspace, an agent or a stranger runs, one file a kind, against the real program: each must fail.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "other tests use more of it")]
mod support;

mod bodies;
mod choices;
mod commands;
mod git;
mod guessing;
mod hardening;
mod lock;
mod notices;
mod organization_values;
mod proposals;
mod quotas;
mod readme;
mod real;
mod room;
mod sign_in;
mod snapshots;
mod turns;
mod uptime;

pub(crate) use support::on_both;
