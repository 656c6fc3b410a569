//! The thread: what happened in a session, oldest first.

use super::{Answer, ApiError};
use domain::configuration::BootPolicy;
use domain::environment::Scope;
use domain::ids::{ProposalId, RequestId, SessionId};
use domain::key::KeyName;
use domain::path::RelativePath;
use domain::proposal::ProposalKind;
use domain::reader::Reader;
use domain::receipt::Occasion;
use domain::snapshot::SnapshotState;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One entry of a thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThreadEntry {
    /// Counts from 1 in each session.
    pub seq: i64,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// What happened.
    pub event: ThreadEvent,
}

/// What happened. Never holds a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum ThreadEvent {
    /// The agent says something.
    Message {
        /// Who speaks, such as "Setup agent".
        author: String,
        /// Plain text.
        text: String,
    },
    /// The agent called a tool.
    Tool {
        /// The tool's name, such as `save_env_files`.
        name: String,
        /// What came of it, in one line.
        summary: String,
        /// More lines, folded.
        details: Vec<String>,
    },
    /// A person saved, generated or deleted a value.
    Value {
        /// What was done.
        action: ValueAction,
        /// The key.
        key: KeyName,
        /// Where the value counts.
        scope: Scope,
        /// Who did it.
        by: String,
    },
    /// A person imported values, all at once.
    Imported {
        /// The keys that were stored, each once.
        keys: Vec<KeyName>,
        /// Where they count.
        scopes: Vec<Scope>,
        /// How many values were stored already and stayed as they were.
        unchanged: usize,
        /// Keys that no file asks for and that were left out.
        left_out: Vec<KeyName>,
        /// Who did it.
        by: String,
    },
    /// A person said which programs read a file.
    Readers {
        /// The file, from the workspace down.
        file: RelativePath,
        /// The programs; none means every common one.
        readers: Vec<Reader>,
        /// Who did it.
        by: String,
    },
    /// A person released values of the organization to the session's configuration.
    Released {
        /// The keys.
        keys: Vec<KeyName>,
        /// Who did it.
        by: String,
    },
    /// A person took a release back.
    Withdrawn {
        /// The key.
        key: KeyName,
        /// Who did it.
        by: String,
    },
    /// A person ended a conflict: the value of one repository was stored for others.
    Resolved {
        /// The key.
        key: KeyName,
        /// Whose value is used.
        scope: Scope,
        /// For whom it was stored too.
        replaced: Vec<Scope>,
        /// Who did it.
        by: String,
    },
    /// The environment was applied to the sandbox.
    Applied {
        /// Why.
        occasion: Occasion,
        /// Keys written, over all files.
        written: usize,
        /// Required keys that are lacking.
        lacking: Vec<KeyName>,
        /// Files that could not be written, each with the reason.
        refused: Vec<String>,
    },
    /// The session waits for required values before anything is written.
    Waiting {
        /// The keys that were lacking when it began to wait.
        missing: Vec<KeyName>,
    },
    /// A person had a waiting session start without the rest.
    StartedAnyway {
        /// Who did it.
        by: String,
        /// The required keys that were lacking then.
        missing: Vec<KeyName>,
    },
    /// A person changed what missing required values do at boot.
    Policy {
        /// Who did it.
        by: String,
        /// What they do from now on.
        policy: BootPolicy,
    },
    /// The agent asked for values; the request itself tells where it stands.
    Request {
        /// Which request.
        request: RequestId,
        /// The agent's name.
        author: String,
        /// The keys, in the order asked.
        keys: Vec<KeyName>,
    },
    /// The agent proposed a change that reaches beyond its session; the proposal itself tells where it stands.
    Proposal {
        /// Which proposal.
        proposal: ProposalId,
        /// The agent's name.
        author: String,
        /// What it is about.
        about: ProposalKind,
    },
    /// A person said whether commands by agents apply without asking.
    AgentCommands {
        /// Who did it.
        by: String,
        /// Whether they do from now on.
        trusted: bool,
    },
    /// A person left the agent a note.
    Note {
        /// Who left it.
        by: String,
        /// Plain text.
        text: String,
    },
    /// The setup was finished.
    Finished {
        /// Who did it.
        by: String,
        /// Required keys that were missing, when it was finished anyway.
        missing: Vec<KeyName>,
    },
    /// A snapshot of the workspace was saved, or not.
    Snapshot {
        /// Who asked for it.
        by: String,
        /// What people call it; may be empty.
        name: String,
        /// How it ended.
        state: SnapshotState,
        /// How many values the guard found.
        findings: usize,
        /// Why it failed.
        reason: Option<String>,
    },
    /// The workspace was unpacked from a snapshot.
    Restored {
        /// What people call the snapshot; may be empty.
        name: String,
    },
    /// Submodules of the repositories were not checked out.
    Submodules {
        /// Their folders, which are empty.
        places: Vec<RelativePath>,
    },
    /// The work session was ended.
    Ended {
        /// Who did it.
        by: String,
    },
    /// Something failed.
    Failure {
        /// What and why, in words.
        text: String,
    },
}

/// What was done to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueAction {
    /// A first value was saved.
    Saved,
    /// A value was replaced.
    Replaced,
    /// A random value was made and saved.
    Generated,
    /// A value was deleted.
    Deleted,
    /// A value of this session alone was kept for others; the scope is the new one.
    Promoted,
}

/// The work behind threads: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait ThreadBackend: Send + Sync {
    /// The thread of a session.
    async fn thread(&self, actor: &super::Actor, session: &SessionId) -> Result<Vec<ThreadEntry>, ApiError>;
    /// See [`leave_note`].
    async fn leave_note(&self, actor: &super::Actor, session: &SessionId, text: &str) -> Result<(), ApiError>;
}

/// Leaves the agent of a session a note, which it reads through a tool.
#[server(prefix = "/fn", endpoint = "leave_note", output = Answer)]
pub async fn leave_note(
    /// Which session.
    session: SessionId,
    /// Plain text.
    text: String,
) -> Result<(), ApiError> {
    let (backend, actor) = super::backend()?;
    backend.leave_note(&actor, &session, &text).await
}

/// The whole thread of a session.
#[server(prefix = "/fn", endpoint = "get_thread", output = Answer)]
pub async fn get_thread(
    /// Which session.
    session: SessionId,
) -> Result<Vec<ThreadEntry>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.thread(&actor, &session).await
}
