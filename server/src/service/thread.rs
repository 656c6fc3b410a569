//! The thread of a session.

use super::{Keyslot, ServiceError, require};
use app::api::live::Change;
use app::api::thread::{ThreadBackend, ThreadEntry, ThreadEvent};
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::ids::{OrganizationId, SessionId};
use domain::limits;
use domain::member::Role;

#[async_trait]
impl ThreadBackend for Keyslot {
    async fn thread(&self, actor: &Actor, session: &SessionId) -> Result<Vec<ThreadEntry>, ApiError> {
        Ok(self.thread_of(actor, session).await?)
    }

    async fn leave_note(&self, actor: &Actor, session: &SessionId, text: &str) -> Result<(), ApiError> {
        Ok(self.note(actor, session, text).await?)
    }
}

impl Keyslot {
    /// Appends to a session's thread and tells whoever watches.
    pub(super) async fn say(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        event: ThreadEvent,
    ) -> Result<(), ServiceError> {
        self.store().append_thread_entry(organization, session, kind(&event), &event).await?;
        self.events().publish(organization, session, Change::Thread);
        Ok(())
    }

    /// The same, unless the thread ends with exactly this: whoever looks again and again adds one row.
    pub async fn say_once(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        event: ThreadEvent,
    ) -> Result<(), ServiceError> {
        let newest = self.store().newest_thread_entry::<ThreadEvent>(organization, session).await?;
        if newest.is_some_and(|newest| newest.body == event) {
            return Ok(());
        }
        self.say(organization, session, event).await
    }

    /// A person's note to the agent.
    pub(super) async fn note(&self, actor: &Actor, session: &SessionId, text: &str) -> Result<(), ServiceError> {
        require(actor, Role::Member, "leave notes")?;
        let text = text.trim();
        if text.is_empty() {
            return Err(ServiceError::invalid("text", "Type a note, then send it."));
        }
        if text.chars().count() > limits::NOTE_CHARS {
            return Err(ServiceError::invalid(
                "text",
                format!("A note has at most {} characters.", limits::NOTE_CHARS),
            ));
        }
        let session = self.session_row(&actor.organization, session).await?;
        let event = ThreadEvent::Note { by: actor.name.clone(), text: text.to_owned() };
        self.say(&actor.organization, &session.id, event).await
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
        ThreadEvent::Imported { .. } => "imported",
        ThreadEvent::Released { .. } => "released",
        ThreadEvent::Withdrawn { .. } => "withdrawn",
        ThreadEvent::Readers { .. } => "readers",
        ThreadEvent::Resolved { .. } => "resolved",
        ThreadEvent::Applied { .. } => "applied",
        ThreadEvent::Waiting { .. } => "waiting",
        ThreadEvent::StartedAnyway { .. } => "started_anyway",
        ThreadEvent::Policy { .. } => "policy",
        ThreadEvent::Request { .. } => "request",
        ThreadEvent::Proposal { .. } => "proposal",
        ThreadEvent::AgentCommands { .. } => "agent_commands",
        ThreadEvent::Note { .. } => "note",
        ThreadEvent::Finished { .. } => "finished",
        ThreadEvent::Snapshot { .. } => "snapshot",
        ThreadEvent::Restored { .. } => "restored",
        ThreadEvent::Submodules { .. } => "submodules",
        ThreadEvent::Ended { .. } => "ended",
        ThreadEvent::Failure { .. } => "failure",
    }
}
