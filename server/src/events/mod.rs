//! Pushing facts about changes to whoever watches: browsers, other parts of this process, other processes.
//!
//! Events say *that* something changed, with names and kinds, never values: who hears one fetches what it needs. A
//! fact is published after its change is committed, so whoever fetches upon it sees the change.

mod across;
mod fact;
mod hub;
mod stream;
#[cfg(test)]
mod tests;

pub use fact::{Fact, Heard};
pub use hub::Events;
pub use stream::{StillAllowed, Topic, Watcher};
