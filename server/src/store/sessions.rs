//! Sessions (runs of a configuration).

use super::configuration_edits::lock;
use super::connect::new_id;
use super::sandboxes::make_local;
use super::sql::{all, execute, one, optional};
use super::{Store, StoreError};
use domain::ids::{ConfigurationId, MemberId, OrganizationId, SessionId};
use std::collections::HashMap;

pub use domain::session::SessionKind;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: SessionId,
    /// What it runs.
    #[sqlx(try_from = "String")]
    pub configuration: ConfigurationId,
    /// Setup or work.
    #[sqlx(try_from = "String")]
    pub kind: SessionKind,
    /// Its state, a word of the caller's.
    pub state: String,
    /// What it is doing, for people.
    pub progress: Option<String>,
    /// What went wrong, for people.
    pub error: Option<String>,
    /// Its sandbox's workspace.
    pub workspace_dir: String,
    /// The server process whose disk has it.
    pub host: Option<String>,
    /// Name of the member who started it.
    pub created_by: String,
    /// When it was started.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When it ended; nothing while it runs.
    pub ended_at: Option<i64>,
    /// Name of who had it started although required values were lacking.
    pub started_anyway_by: Option<String>,
}

/// One of a configuration's newest sessions, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationSession {
    /// Its id.
    pub id: SessionId,
    /// Setup or work.
    pub kind: SessionKind,
    /// Its state.
    pub state: String,
    /// When it started.
    pub created_at: i64,
    /// When it ended.
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
    /// The server process whose disk has it.
    pub host: &'a str,
    /// Who starts it.
    pub created_by: &'a MemberId,
    /// Sessions that the organization may have running at once, this one included.
    pub most: u32,
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

impl ConfigurationSession {
    /// How many of its newest sessions a configuration lists.
    pub const LISTED: i64 = 5;
}

type SessionColumns = (String, String, String, String, i64, Option<i64>);

/// The head of every statement that reads sessions; a macro, so that `concat!` can take it.
macro_rules! sessions {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.configuration_id AS configuration, s.kind, s.state, s.progress, s.error, s.workspace_dir,
                s.host, m.name AS created_by, s.created_at, s.updated_at, s.ended_at,
                s.started_anyway_by
         FROM sessions s
         JOIN members m ON m.organization_id = s.organization_id AND m.id = s.created_by
         WHERE s.organization_id = $1",
            $rest
        )
    };
}

impl Store {
    /// An id for a new session.
    pub fn new_session_id(&self) -> SessionId {
        new_id().into()
    }

    /// Starts a session, with a sandbox of its own.
    pub async fn create_session(&self, organization: &OrganizationId, new: NewSession<'_>) -> Result<(), StoreError> {
        let (mut tx, now) = (self.begin().await?, self.now());
        // One at a time, so that nobody counts what another is about to add.
        execute!(tx, "UPDATE organizations SET id = id WHERE id = $1", organization.as_str())?;
        let (running,) = one!(
            tx,
            (i64,),
            "SELECT count(*) FROM sessions WHERE organization_id = $1 AND ended_at IS NULL",
            organization.as_str(),
        )?;
        if running >= i64::from(new.most) {
            return Err(StoreError::TooMany("running sessions"));
        }
        // Whoever deletes the configuration meanwhile waits and finds the session, or this finds no configuration.
        lock(&mut tx, organization, new.configuration).await?;
        execute!(
            tx,
            "INSERT INTO sessions (organization_id, id, configuration_id, kind, state, workspace_dir, created_by,
                                   created_at, updated_at, host)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
            organization.as_str(),
            new.id.as_str(),
            new.configuration.as_str(),
            new.kind.as_str(),
            new.state,
            new.workspace_dir,
            new.created_by.as_str(),
            now,
            new.host,
        )
        .map_err(|error| error.or_exists("the session").or_not_found("the configuration or the member"))?;
        make_local(&mut tx, organization, new.id, now).await?;
        tx.commit().await
    }

    /// Whose session this is, if it ended before a time and lies on this host.
    pub async fn ended_before(
        &self,
        session: &SessionId,
        host: &str,
        time: i64,
    ) -> Result<Option<OrganizationId>, StoreError> {
        let row = optional!(
            self.db,
            (String,),
            "SELECT organization_id FROM sessions WHERE id = $1 AND host = $2 AND ended_at < $3",
            session.as_str(),
            host,
            time,
        )?;
        Ok(row.map(|(organization,)| organization.into()))
    }

    /// One session.
    pub async fn session(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Option<SessionRow>, StoreError> {
        optional!(self.db, SessionRow, sessions!(" AND s.id = $2"), organization.as_str(), session.as_str())
    }

    /// A configuration's sessions, newest first.
    pub async fn sessions_of(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Vec<SessionRow>, StoreError> {
        all!(
            self.db,
            SessionRow,
            sessions!(" AND s.configuration_id = $2 ORDER BY s.created_at DESC, s.id DESC"),
            organization.as_str(),
            configuration.as_str(),
        )
    }

    /// The newest sessions of every configuration or of one, at most [`ConfigurationSession::LISTED`] of each, newest
    /// first.
    pub async fn newest_sessions(
        &self,
        organization: &OrganizationId,
        only: Option<&ConfigurationId>,
    ) -> Result<HashMap<ConfigurationId, Vec<ConfigurationSession>>, StoreError> {
        let rows = all!(
            self.db,
            SessionColumns,
            "SELECT configuration_id, id, kind, state, created_at, ended_at
             FROM (SELECT s.*, row_number() OVER
                          (PARTITION BY configuration_id ORDER BY created_at DESC, id DESC) AS place
                   FROM sessions s
                   WHERE organization_id = $1 AND (configuration_id = $2 OR $2 IS NULL)) AS numbered
             WHERE place <= $3
             ORDER BY configuration_id, place",
            organization.as_str(),
            only.map(ConfigurationId::as_str),
            ConfigurationSession::LISTED,
        )?;
        let mut newest = HashMap::<_, Vec<_>>::new();
        for (configuration, id, kind, state, created_at, ended_at) in rows {
            let kind = SessionKind::try_from(kind)?;
            let session = ConfigurationSession { id: id.into(), kind, state, created_at, ended_at };
            newest.entry(configuration.into()).or_default().push(session);
        }
        Ok(newest)
    }

    /// The sessions that did not end, oldest first.
    pub async fn running_sessions(&self, organization: &OrganizationId) -> Result<Vec<SessionRow>, StoreError> {
        all!(
            self.db,
            SessionRow,
            sessions!(" AND s.ended_at IS NULL ORDER BY s.created_at, s.id"),
            organization.as_str(),
        )
    }

    /// Says what a session is doing now. Returns whether it was still running: what ended is not changed any more.
    pub async fn set_session_state(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        update: SessionUpdate<'_>,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let touched = execute!(
            self.db,
            "UPDATE sessions SET state = $3, progress = $4, error = $5, updated_at = $6, ended_at = $7
             WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL",
            organization.as_str(),
            session.as_str(),
            update.state,
            update.progress,
            update.error,
            now,
            update.ended.then_some(now),
        )?;
        if touched == 0 && self.session(organization, session).await?.is_none() {
            return Err(StoreError::NotFound("the session"));
        }
        Ok(touched > 0)
    }
}
