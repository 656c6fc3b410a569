//! The way in for programs: agents, and sandboxes elsewhere. Each shows a session token and is let in to one session.

mod problem;
mod sandbox;
mod token;

pub use problem::Problem;
pub use sandbox::routes as sandbox_routes;
pub use token::{AgentToken, Bearer, SandboxToken};
