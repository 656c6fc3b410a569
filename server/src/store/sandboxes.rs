//! Sandboxes, and which revision of its session's files each of them has.
//!
//! Whoever applies reads the wanted revision (see [`super::reach`]) **first** and the values after it, and acknowledges
//! that revision when the files are written: what is acknowledged is then never newer than what stands in the files.

use super::connect::new_id;
use super::error::found;
use super::sql::{Tx, all, execute, one, optional};
use super::{Store, StoreError};
use domain::ids::{ConfigurationId, OrganizationId, SandboxId, SessionId};

pub use domain::sandbox::SandboxKind;

/// The name of a session's own sandbox.
const LOCAL: &str = "local";

/// A sandbox, with what its session wants.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SandboxRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: SandboxId,
    /// Whose files it holds.
    #[sqlx(try_from = "String")]
    pub session: SessionId,
    /// Where it lies.
    #[sqlx(try_from = "String")]
    pub kind: SandboxKind,
    /// What whoever runs it calls it.
    pub name: String,
    /// The revision that it acknowledged last; 0 before the first.
    pub applied_revision: i64,
    /// What was applied then, as [`crate::boot::Opened::state`] names it.
    pub applied_state: Option<String>,
    /// When it acknowledged.
    pub applied_at: Option<i64>,
    /// Why the newest attempt failed.
    pub error: Option<String>,
    /// When it failed.
    pub failed_at: Option<i64>,
    /// Attempts in a row that failed.
    pub attempts: i64,
    /// When a sandbox elsewhere asked last.
    pub last_seen_at: Option<i64>,
    /// The revision that its session wants.
    pub wanted_revision: i64,
    /// The session's state.
    pub session_state: String,
    /// Name of the member who started the session.
    pub started_by: String,
    /// When the session was started.
    pub started_at: i64,
    /// When the session ended.
    pub ended_at: Option<i64>,
}

/// The head of every statement that reads sandboxes; a macro, so that `concat!` can take it.
macro_rules! sandboxes {
    ($rest:literal) => {
        concat!(
            "SELECT b.id, b.session_id AS session, b.kind, b.name, b.applied_revision, b.applied_state, b.applied_at,
                b.error, b.failed_at, b.attempts, b.last_seen_at, s.wanted_revision, s.state AS session_state,
                m.name AS started_by, s.created_at AS started_at, s.ended_at
         FROM sandboxes b
         JOIN sessions s ON s.organization_id = b.organization_id AND s.id = b.session_id
         JOIN members m ON m.organization_id = s.organization_id AND m.id = s.created_by
         WHERE b.organization_id = $1",
            $rest
        )
    };
}

/// Makes a session's own sandbox, together with the session.
pub(super) async fn make_local(
    tx: &mut Tx,
    organization: &OrganizationId,
    session: &SessionId,
    now: i64,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO sandboxes (organization_id, id, session_id, kind, name, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        organization.as_str(),
        new_id(),
        session.as_str(),
        SandboxKind::Local.as_str(),
        LOCAL,
        now,
    )?;
    Ok(())
}

impl Store {
    /// The session's own sandbox; nothing for a session of an earlier version of the program.
    pub async fn local_sandbox(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Option<SandboxRow>, StoreError> {
        optional!(
            self.db,
            SandboxRow,
            sandboxes!(" AND b.session_id = $2 AND b.kind = 'local'"),
            organization.as_str(),
            session.as_str(),
        )
    }

    /// A sandbox elsewhere, which just asked; it is known from the first time on. At most `limit` of them for a
    /// session: nothing for one more.
    pub async fn remote_sandbox(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        name: &str,
        limit: i64,
    ) -> Result<Option<SandboxRow>, StoreError> {
        let (known,) = one!(
            self.db,
            (i64,),
            "SELECT count(*) FROM sandboxes
             WHERE organization_id = $1 AND session_id = $2 AND kind = 'remote' AND name <> $3",
            organization.as_str(),
            session.as_str(),
            name,
        )?;
        if known >= limit {
            return Ok(None);
        }
        execute!(
            self.db,
            "INSERT INTO sandboxes (organization_id, id, session_id, kind, name, created_at, last_seen_at)
             VALUES ($1, $2, $3, 'remote', $4, $5, $5)
             ON CONFLICT (organization_id, session_id, kind, name) DO UPDATE SET last_seen_at = $5",
            organization.as_str(),
            new_id(),
            session.as_str(),
            name,
            self.now(),
        )
        .map_err(|error| error.or_not_found("the session"))?;
        optional!(
            self.db,
            SandboxRow,
            sandboxes!(" AND b.session_id = $2 AND b.kind = 'remote' AND b.name = $3"),
            organization.as_str(),
            session.as_str(),
            name,
        )
    }

    /// The sandboxes of a configuration's sessions that did not end, oldest session first.
    pub async fn sandboxes_of(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Vec<SandboxRow>, StoreError> {
        all!(
            self.db,
            SandboxRow,
            sandboxes!(
                " AND s.configuration_id = $2 AND s.ended_at IS NULL
                 ORDER BY s.created_at, s.id, b.kind, b.created_at, b.id"
            ),
            organization.as_str(),
            configuration.as_str(),
        )
    }

    /// The sandboxes on this host's disk that have work to do: newer files, or none any more after the session's end.
    pub async fn sandboxes_behind(
        &self,
        organization: &OrganizationId,
        host: &str,
    ) -> Result<Vec<SandboxRow>, StoreError> {
        all!(
            self.db,
            SandboxRow,
            sandboxes!(
                " AND b.kind = 'local' AND s.host = $2
                 AND ((s.ended_at IS NULL AND b.applied_revision < s.wanted_revision)
                      OR (s.ended_at IS NOT NULL AND b.scrubbed_at IS NULL
                          AND (b.applied_revision > 0 OR b.attempts > 0)))
                 ORDER BY s.created_at, s.id"
            ),
            organization.as_str(),
            host,
        )
    }

    /// Notes that a sandbox has the files of a revision. An older acknowledgement changes nothing.
    pub async fn acknowledge(
        &self,
        organization: &OrganizationId,
        sandbox: &SandboxId,
        revision: i64,
        state: &str,
    ) -> Result<(), StoreError> {
        execute!(
            self.db,
            "UPDATE sandboxes
             SET applied_revision = $3, applied_state = $4, applied_at = $5, error = NULL, failed_at = NULL, attempts = 0
             WHERE organization_id = $1 AND id = $2 AND applied_revision <= $3",
            organization.as_str(),
            sandbox.as_str(),
            revision,
            state,
            self.now(),
        )?;
        Ok(())
    }

    /// Notes why a sandbox does not have the files of a revision. Nobody knows then what stands in its files, so the
    /// next attempt writes them in any case.
    pub async fn fail_sandbox(
        &self,
        organization: &OrganizationId,
        sandbox: &SandboxId,
        revision: i64,
        error: &str,
    ) -> Result<(), StoreError> {
        execute!(
            self.db,
            "UPDATE sandboxes SET error = $4, failed_at = $5, attempts = attempts + 1, applied_state = NULL
             WHERE organization_id = $1 AND id = $2 AND applied_revision < $3",
            organization.as_str(),
            sandbox.as_str(),
            revision,
            error,
            self.now(),
        )?;
        Ok(())
    }

    /// Notes that a sandbox holds no value any more.
    pub async fn sandbox_scrubbed(&self, organization: &OrganizationId, sandbox: &SandboxId) -> Result<(), StoreError> {
        execute!(
            self.db,
            "UPDATE sandboxes SET scrubbed_at = $3, error = NULL, failed_at = NULL, attempts = 0
             WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            sandbox.as_str(),
            self.now(),
        )?;
        Ok(())
    }

    /// Notes that a sandbox no longer has what it acknowledged: its files are to be written again, whatever happens.
    pub async fn sandbox_emptied(&self, organization: &OrganizationId, id: &SandboxId) -> Result<(), StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE sandboxes SET applied_revision = 0, applied_state = NULL WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            id.as_str(),
        )?;
        found(touched, "the sandbox")
    }
}
