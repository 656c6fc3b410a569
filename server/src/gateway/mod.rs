//! The way in for programs: agents, and sandboxes elsewhere. Each shows a session token and is let in to one session.

mod problem;
mod token;

pub use problem::Problem;
pub use token::{AgentToken, Bearer, SandboxToken};
