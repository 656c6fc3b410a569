//! Sessions (runs of a configuration) and their boot receipts.

use super::{Store, StoreError};
use app::domain::ids::{ConfigurationId, MemberId, OrganizationId, SessionId};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use app::domain::session::SessionKind;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// What it runs.
    pub configuration: ConfigurationId,
    /// Setup or work.
    pub kind: SessionKind,
    /// Its state, a word of the caller's.
    pub state: String,
    /// What it is doing, for people.
    pub progress: Option<String>,
    /// What went wrong, for people.
    pub error: Option<String>,
    /// Its sandbox's workspace.
    pub workspace_dir: String,
    /// Name of the member who started it.
    pub created_by: String,
    /// When it was started.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When it ended; nothing while it runs.
    pub ended_at: Option<i64>,
}

/// A session to start.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// Its id, from [`Store::new_session_id`]: the caller needs it to make the workspace directory.
    pub id: &'a SessionId,
    /// What it runs.
    pub configuration: &'a ConfigurationId,
    /// Setup or work.
    pub kind: SessionKind,
    /// Its first state.
    pub state: &'a str,
    /// Its sandbox's workspace.
    pub workspace_dir: &'a str,
    /// Who starts it.
    pub created_by: &'a MemberId,
}

/// A session's new state; replaces all of the old one.
#[derive(Clone, Copy, Debug)]
pub struct SessionUpdate<'a> {
    /// Its state.
    pub state: &'a str,
    /// What it is doing.
    pub progress: Option<&'a str>,
    /// What went wrong.
    pub error: Option<&'a str>,
    /// Whether it is over. A session that ended stays ended.
    pub ended: bool,
}

/// What a boot did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow<T> {
    /// From 1 in each session.
    pub number: i64,
    /// The receipt.
    pub receipt: T,
    /// When.
    pub created_at: i64,
}

impl Store {
    /// An id for a new session.
    pub fn new_session_id(&self) -> SessionId {
        todo!()
    }

    /// Starts a session.
    pub async fn create_session(&self, organization: &OrganizationId, new: NewSession<'_>) -> Result<(), StoreError> {
        todo!()
    }

    /// One session.
    pub async fn session(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Option<SessionRow>, StoreError> {
        todo!()
    }

    /// A configuration's sessions, newest first.
    pub async fn sessions_of(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Vec<SessionRow>, StoreError> {
        todo!()
    }

    /// The sessions that did not end, oldest first.
    pub async fn running_sessions(&self, organization: &OrganizationId) -> Result<Vec<SessionRow>, StoreError> {
        todo!()
    }

    /// Says what a session is doing now.
    pub async fn set_session_state(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        update: SessionUpdate<'_>,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Adds a boot receipt and returns its number.
    pub async fn add_receipt<T: Serialize>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        receipt: &T,
    ) -> Result<i64, StoreError> {
        todo!()
    }

    /// A session's receipts, newest first.
    pub async fn receipts<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Vec<ReceiptRow<T>>, StoreError> {
        todo!()
    }

    /// A session's newest receipt.
    pub async fn latest_receipt<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Option<ReceiptRow<T>>, StoreError> {
        todo!()
    }
}
