//! The sandbox program as a session starts it: the real binary on real folders and real git repositories.
#![allow(clippy::expect_used, missing_docs, reason = "helpers of tests are tests too")]

mod files;
mod git;
mod input;
mod place;
mod places;
mod runs;
