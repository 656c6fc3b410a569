//! The thread of a session.

use super::{Keyslot, ServiceError};
use app::api::Actor;
use app::api::live::Change;
use app::api::thread::{ThreadEntry, ThreadEvent};
use app::domain::ids::{OrganizationId, SessionId};

impl Keyslot {
    /// Appends to a session's thread and tells whoever watches.
    pub(super) async fn say(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        event: ThreadEvent,
    ) -> Result<(), ServiceError> {
        self.store().append_thread_entry(organization, session, kind(&event), &event).await?;
        self.events().publish(session, Change::Thread);
        Ok(())
    }

    pub(super) async fn thread_of(&self, actor: &Actor, session: &SessionId) -> Result<Vec<ThreadEntry>, ServiceError> {
        self.session_row(&actor.organization, session).await?;
        let rows = self.store().thread_entries(&actor.organization, session, 0).await?;
        Ok(rows.into_iter().map(|row| ThreadEntry { seq: row.seq, at: row.created_at, event: row.body }).collect())
    }
}

fn kind(event: &ThreadEvent) -> &'static str {
    match event {
        ThreadEvent::Message { .. } => "message",
        ThreadEvent::Tool { .. } => "tool",
        ThreadEvent::Value { .. } => "value",
        ThreadEvent::Applied { .. } => "applied",
        ThreadEvent::Finished { .. } => "finished",
        ThreadEvent::Failure { .. } => "failure",
    }
}
