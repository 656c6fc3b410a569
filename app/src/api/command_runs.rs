//! Auto-start commands at work in one session: where each one stands, what it prints, stopping and starting them again.

use super::{Answer, ApiError};
use domain::ids::SessionId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub use domain::command::CommandState;

/// Last lines of each command that a page is rendered with; the rest is fetched.
pub const FIRST_LINES: usize = 100;

/// The commands of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRuns {
    /// Whether and where they run.
    pub place: CommandPlace,
    /// When the row was made, in milliseconds since 1970 UTC: tells it from the one before.
    pub made: i64,
    /// The commands in their row; empty unless they are here.
    pub runs: Vec<CommandRun>,
}

/// Whether and where the commands of a session run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommandPlace {
    /// Nowhere: a setup, or a session that did not boot yet or has ended.
    #[default]
    Nowhere,
    /// In this server process.
    Here,
    /// In another server process, which has the session on its disk.
    Elsewhere,
    /// In this server process, which started none of them yet.
    Idle,
}

/// One command of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRun {
    /// The command as it was when the session started it.
    pub command: String,
    /// Where it stands.
    pub state: CommandState,
    /// The place after the last byte that it printed.
    pub end: u64,
}

/// What a command printed, without values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandOutput {
    /// The place of the oldest byte that is still kept.
    pub start: u64,
    /// The place of the first byte of `text`.
    pub from: u64,
    /// The text up to the end.
    pub text: String,
}

/// The work behind auto-start commands at work: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait CommandRunBackend: Send + Sync {
    /// See [`get_command_runs`].
    async fn command_runs(&self, actor: &super::Actor, session: &SessionId) -> Result<CommandRuns, ApiError>;
    /// See [`get_command_output`].
    async fn command_output(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        at: usize,
        after: Option<u64>,
    ) -> Result<CommandOutput, ApiError>;
    /// See [`stop_command`].
    async fn stop_command(&self, actor: &super::Actor, session: &SessionId, at: usize)
    -> Result<CommandRuns, ApiError>;
    /// See [`restart_command`].
    async fn restart_command(
        &self,
        actor: &super::Actor,
        session: &SessionId,
        at: usize,
    ) -> Result<CommandRuns, ApiError>;
    /// See [`restart_commands`].
    async fn restart_commands(&self, actor: &super::Actor, session: &SessionId) -> Result<CommandRuns, ApiError>;
}

/// Where the commands of a session stand.
#[server(prefix = "/fn", endpoint = "get_command_runs", output = Answer)]
pub async fn get_command_runs(
    /// Which session.
    session: SessionId,
) -> Result<CommandRuns, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.command_runs(&actor, &session).await
}

/// What a command printed after a place; without one, its last lines.
#[server(prefix = "/fn", endpoint = "get_command_output", output = Answer)]
pub async fn get_command_output(
    /// Which session.
    session: SessionId,
    /// The command's place in the row, from 0.
    at: usize,
    /// The place up to which it is known.
    #[server(default)]
    after: Option<u64>,
) -> Result<CommandOutput, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.command_output(&actor, &session, at, after).await
}

/// Ends a command with everything that it started. Answers once it is gone.
#[server(prefix = "/fn", endpoint = "stop_command", output = Answer)]
pub async fn stop_command(
    /// Which session.
    session: SessionId,
    /// The command's place in the row, from 0.
    at: usize,
) -> Result<CommandRuns, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.stop_command(&actor, &session, at).await
}

/// Starts a command again, after ending it if it runs; those after it whose turn has not come follow.
#[server(prefix = "/fn", endpoint = "restart_command", output = Answer)]
pub async fn restart_command(
    /// Which session.
    session: SessionId,
    /// The command's place in the row, from 0.
    at: usize,
) -> Result<CommandRuns, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.restart_command(&actor, &session, at).await
}

/// Ends every command of a session and starts those that are stored now from the first one on.
#[server(prefix = "/fn", endpoint = "restart_commands", output = Answer)]
pub async fn restart_commands(
    /// Which session.
    session: SessionId,
) -> Result<CommandRuns, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.restart_commands(&actor, &session).await
}
