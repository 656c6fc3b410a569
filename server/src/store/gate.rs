//! Sessions that wait for required values: who lets one start, and which process has it go on.

use super::sql::execute;
use super::{Store, StoreError};
use domain::ids::{OrganizationId, SessionId};
use domain::session::SessionState;

impl Store {
    /// Notes that a person has a waiting session start as it is. Answers whether it was still waiting.
    pub async fn let_start_anyway(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        by: &str,
    ) -> Result<bool, StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE sessions SET started_anyway_by = $4, updated_at = $5
             WHERE organization_id = $1 AND id = $2 AND state = $3 AND ended_at IS NULL",
            organization.as_str(),
            session.as_str(),
            SessionState::Waiting.as_str(),
            by,
            self.now(),
        )?;
        Ok(touched > 0)
    }

    /// Moves a waiting session on to its boot. True for exactly one of all who try at the same time.
    pub async fn end_waiting(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        progress: &str,
    ) -> Result<bool, StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE sessions SET state = $4, progress = $5, updated_at = $6
             WHERE organization_id = $1 AND id = $2 AND state = $3 AND ended_at IS NULL",
            organization.as_str(),
            session.as_str(),
            SessionState::Waiting.as_str(),
            SessionState::Booting.as_str(),
            progress,
            self.now(),
        )?;
        Ok(touched > 0)
    }
}
