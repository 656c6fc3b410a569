//! Removing what is recorded of sessions that ended long ago.

use super::sql::{all, execute};
use super::{Store, StoreError};
use domain::ids::{OrganizationId, SessionId};

/// What belongs to a session alone, and the session itself where no snapshot comes from it. Those that point to others
/// first.
const DELETIONS: [&str; 10] = [
    "DELETE FROM thread_entries WHERE organization_id = $1 AND session_id = $2",
    "DELETE FROM receipts WHERE organization_id = $1 AND session_id = $2",
    "DELETE FROM session_values WHERE organization_id = $1 AND session_id = $2",
    "DELETE FROM session_tokens WHERE organization_id = $1 AND session_id = $2",
    "DELETE FROM value_requests WHERE organization_id = $1 AND session_id = $2",
    "DELETE FROM proposals WHERE organization_id = $1 AND session_id = $2",
    "DELETE FROM hand_overs WHERE organization_id = $1 AND session_id = $2",
    "DELETE FROM sandboxes WHERE organization_id = $1 AND session_id = $2",
    "DELETE FROM snapshots WHERE organization_id = $1 AND session_id = $2 AND state NOT IN ('ready', 'saving')",
    "DELETE FROM sessions WHERE organization_id = $1 AND id = $2
       AND NOT EXISTS (SELECT 1 FROM snapshots n WHERE n.organization_id = $1 AND n.session_id = $2)",
];

impl Store {
    /// Sessions of a host that ended before a time and of which something is recorded, oldest first, some at a time. Not
    /// those whose files may still hold a value.
    pub async fn old_sessions(&self, host: &str, before: i64) -> Result<Vec<(OrganizationId, SessionId)>, StoreError> {
        let rows = all!(
            self.db,
            (String, String),
            "SELECT s.organization_id, s.id FROM sessions s
             WHERE s.ended_at < $2 AND (s.host = $1 OR s.host IS NULL)
               AND NOT EXISTS (SELECT 1 FROM sandboxes b
                               WHERE b.organization_id = s.organization_id AND b.session_id = s.id AND b.kind = 'local'
                                 AND b.scrubbed_at IS NULL AND (b.applied_revision > 0 OR b.attempts > 0))
               AND (NOT EXISTS (SELECT 1 FROM snapshots n
                                WHERE n.organization_id = s.organization_id AND n.session_id = s.id)
                    OR EXISTS (SELECT 1 FROM thread_entries t
                               WHERE t.organization_id = s.organization_id AND t.session_id = s.id))
             ORDER BY s.ended_at, s.id LIMIT 1000",
            host,
            before,
        )?;
        Ok(rows.into_iter().map(|(organization, session)| (organization.into(), session.into())).collect())
    }

    /// Removes what is recorded of a session that ended. What snapshots need of it stays.
    pub async fn delete_session_records(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for statement in DELETIONS {
            execute!(tx, statement, organization.as_str(), session.as_str())?;
        }
        tx.commit().await
    }
}
