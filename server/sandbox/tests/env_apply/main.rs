//! The sandbox program as a session starts it: the real binary on real folders and real git repositories.
#![allow(clippy::expect_used, missing_docs, reason = "helpers of tests are tests too")]

mod check;
mod diff;
mod faults;
mod files;
mod git;
mod input;
mod leaks;
mod output;
mod place;
mod places;
mod run;
mod runs;
mod spec;
