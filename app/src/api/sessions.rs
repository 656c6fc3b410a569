//! Sessions: runs of a configuration.

use super::{Answer, ApiError};
use domain::configuration::BootPolicy;
use domain::environment::AttachedRepository;
use domain::ids::{ConfigurationId, SessionId};
use domain::receipt::BootReceipt;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub use domain::session::{SessionKind, SessionState};

/// Everything about one session but its environment and thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    /// Which session.
    pub id: SessionId,
    /// Setup or work.
    pub kind: SessionKind,
    /// Where it stands.
    pub state: SessionState,
    /// What is going on right now, in words with figures, such as "Receiving objects: 45%".
    pub progress: Option<String>,
    /// Why it failed, in words.
    pub error: Option<String>,
    /// Its configuration.
    pub configuration: ConfigurationId,
    /// The configuration's name.
    pub configuration_name: String,
    /// Its repositories, where they are checked out.
    pub repositories: Vec<AttachedRepository>,
    /// Git URL or local path of each repository, in the same order.
    pub locations: Vec<String>,
    /// Who started it.
    pub created_by: String,
    /// When, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// What the newest boot or live apply did.
    pub receipt: Option<BootReceipt>,
    /// What missing required values do when a work session of its configuration boots.
    pub boot_policy: BootPolicy,
    /// Whether the commands that agents save for its configuration apply without asking people.
    pub trust_agent_commands: bool,
    /// What the finished setup left open: how many required values were missing.
    pub finished_missing: Option<usize>,
    /// What keeps its programs apart from the machine, in words; nothing where another server process runs them.
    #[serde(default)]
    pub wall: Option<String>,
}

/// Path of a session's page.
pub fn path_of(session: &SessionId) -> String {
    format!("/sessions/{session}")
}

/// The work behind sessions: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait SessionBackend: Send + Sync {
    /// See [`start_session`].
    async fn start_session(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
        kind: SessionKind,
    ) -> Result<SessionId, ApiError>;
    /// One session.
    async fn session(&self, actor: &super::Actor, session: &SessionId) -> Result<SessionView, ApiError>;
    /// See [`finish_setup`].
    async fn finish_setup(&self, actor: &super::Actor, session: &SessionId, anyway: bool) -> Result<(), ApiError>;
    /// See [`end_session`].
    async fn end_session(&self, actor: &super::Actor, session: &SessionId) -> Result<(), ApiError>;
}

/// One session.
#[server(prefix = "/fn", endpoint = "get_session", output = Answer)]
pub async fn get_session(
    /// Which session.
    session: SessionId,
) -> Result<SessionView, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.session(&actor, &session).await
}

/// Starts a session of a configuration. Answers its path and sends a plain form there.
#[server(prefix = "/fn", endpoint = "start_session", output = Answer)]
pub async fn start_session(
    /// Which configuration.
    configuration: ConfigurationId,
    /// Setup or work.
    kind: SessionKind,
) -> Result<String, ApiError> {
    let (backend, actor) = super::backend()?;
    let session = backend.start_session(&actor, &configuration, kind).await?;
    Ok(go_to(&session))
}

/// Finishes a setup session. With required values missing it is refused unless `anyway` is true, which is recorded.
#[server(prefix = "/fn", endpoint = "finish_setup", output = Answer)]
pub async fn finish_setup(
    /// Which session.
    session: SessionId,
    /// Whether to finish with required values missing.
    #[server(default)]
    anyway: bool,
) -> Result<(), ApiError> {
    let (backend, actor) = super::backend()?;
    backend.finish_setup(&actor, &session, anyway).await
}

/// Ends a work session: its values are taken out of its files, and those of this session alone are deleted.
#[server(prefix = "/fn", endpoint = "end_session", output = Answer)]
pub async fn end_session(
    /// Which session.
    session: SessionId,
) -> Result<(), ApiError> {
    let (backend, actor) = super::backend()?;
    backend.end_session(&actor, &session).await
}

/// Sends a plain form to a session's page; a browser with WASM goes there by itself.
#[cfg(feature = "ssr")]
pub(super) fn go_to(session: &SessionId) -> String {
    let path = path_of(session);
    redirect(&path);
    path
}

/// Sends a plain form elsewhere.
#[cfg(feature = "ssr")]
pub(super) fn redirect(path: &str) {
    if let Some(redirect) = use_context::<super::Redirect>() {
        (redirect.0)(path);
    }
}
