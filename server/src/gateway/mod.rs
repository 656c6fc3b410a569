//! The way in for programs: agents over MCP and HTTP, and sandboxes elsewhere. Each shows a session token and is let
//! in to one session. Both surfaces for agents call the same tools, and nothing that they answer holds a value.

mod answers;
mod awaited;
mod environment;
mod guard;
mod http;
mod json;
mod limit;
mod mcp;
mod openapi;
mod operations;
mod problem;
mod proposals;
mod receipt;
mod rpc;
mod sandbox;
mod schemas;
mod snapshots;
mod token;
mod tools;

pub use limit::Limits;
pub use problem::Problem;
pub use token::{AgentToken, Bearer, SandboxToken};
pub use tools::Agent;

use crate::service::Keyslot;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};

/// `/mcp` and `/api/v1`.
pub fn routes(keyslot: &Keyslot) -> Router<Keyslot> {
    let agents = Router::new()
        .nest("/api/v1", http::routes())
        .merge(Router::new().route_service("/mcp", mcp::service(keyslot)).layer(from_fn(rpc::check)))
        // The guard read the body within our own limit, which is larger than axum's.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(keyslot.clone(), guard::agent));
    agents.merge(sandbox::routes()).merge(openapi::routes()).layer(from_fn_with_state(keyslot.clone(), guard::origin))
}
