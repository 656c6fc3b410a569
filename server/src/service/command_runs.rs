//! Auto-start commands at work: started by a boot, watched, stopped and started again by people.

use super::{Keyslot, ServiceError, require};
use crate::boot::Opened;
use crate::commands::{Part, Row, Teller};
use crate::sandbox::LocalSandbox;
use crate::store::{SessionKind, SessionRow};
use app::api::auto_start::AutoStartCommand;
use app::api::command_runs::{
    CommandOutput, CommandPlace, CommandRun, CommandRunBackend, CommandRuns, CommandState, FIRST_LINES,
};
use app::api::live::Change;
use app::api::thread::ThreadEvent;
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::ids::{OrganizationId, SessionId};
use domain::member::Role;
use domain::plain::PlainKeys;
use domain::session::SessionState;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long changes are gathered before they are told: a command may print without a pause.
const GATHER: Duration = Duration::from_millis(150);

#[async_trait]
impl CommandRunBackend for Keyslot {
    async fn command_runs(&self, actor: &Actor, session: &SessionId) -> Result<CommandRuns, ApiError> {
        Ok(self.runs_of(&actor.organization, session).await?)
    }

    async fn command_output(
        &self,
        actor: &Actor,
        session: &SessionId,
        at: usize,
        after: Option<u64>,
    ) -> Result<CommandOutput, ApiError> {
        require(actor, Role::Member, "read what commands print")?;
        let row = self.row_of(&actor.organization, session).await?;
        let part = match after {
            Some(place) => row.output(at, place),
            None => row.tail(at, FIRST_LINES),
        };
        let Part { start, from, text } = part.ok_or_else(|| ServiceError::not_found("command"))?;
        Ok(CommandOutput { start, from, text })
    }

    async fn stop_command(&self, actor: &Actor, session: &SessionId, at: usize) -> Result<CommandRuns, ApiError> {
        Ok(self.stop_one(actor, session, at).await?)
    }

    async fn restart_command(&self, actor: &Actor, session: &SessionId, at: usize) -> Result<CommandRuns, ApiError> {
        Ok(self.restart_one(actor, session, at).await?)
    }

    async fn restart_commands(&self, actor: &Actor, session: &SessionId) -> Result<CommandRuns, ApiError> {
        Ok(self.restart_all(actor, session).await?)
    }
}

impl Keyslot {
    /// Starts the commands of a work session that has booted, in the background.
    pub(super) async fn start_commands(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<(), ServiceError> {
        let session = self.session_row(organization, session).await?;
        let stored = self.store().auto_start::<AutoStartCommand>(organization, &session.configuration).await?;
        let enabled: Vec<_> = stored.unwrap_or_default().into_iter().filter(|line| line.enabled).collect();
        let running = SessionState::from_word(&session.state) == SessionState::Running;
        if enabled.is_empty() || !running || self.events().closing().is_cancelled() {
            return Ok(());
        }
        self.0.wall.require()?;
        self.has_room(&session).await?;
        let workspace = LocalSandbox::workspace(&PathBuf::from(&session.workspace_dir));
        let teller = self.teller(organization, &session.id);
        let row = self.0.commands.replace(organization, &session.id, workspace, teller).await?;
        // Known before the values are read: what is saved from here on is learned by the apply that writes it.
        let opened = self.opened(organization, session.clone()).await?;
        self.learn_values(&session.id, &opened).await;
        // Whoever ended the session in between found no commands to end.
        if self.session_row(organization, &session.id).await?.ended_at.is_some() {
            self.0.commands.end(&session.id).await;
            return Ok(());
        }
        row.fill(enabled.into_iter().map(|line| line.command).collect());
        self.run_on(organization.clone(), session.id, row, 0);
        Ok(())
    }

    /// Takes these values out of what the session's commands print from now on, but for those that people called plain.
    pub(super) async fn learn_values(&self, session: &SessionId, opened: &Opened) {
        let Some(row) = self.0.commands.of(session) else { return };
        let plain: PlainKeys = opened.environment.plain.iter().map(|mark| mark.key.clone()).collect();
        row.learn(opened.values().map(|(key, value)| (key.clone(), value.clone())).collect(), plain).await;
    }

    /// Where the commands of a session stand, without what they printed.
    pub async fn runs_of(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<CommandRuns, ServiceError> {
        let session = self.session_row(organization, session).await?;
        let running = SessionState::from_word(&session.state) == SessionState::Running;
        let place = match self.0.commands.of(&session.id) {
            _ if session.kind == SessionKind::Setup || !running => CommandPlace::Nowhere,
            _ if !self.hosts(&session) => CommandPlace::Elsewhere,
            None => CommandPlace::Idle,
            Some(row) => {
                let run = |(command, state, end)| CommandRun { command, state, end };
                return Ok(CommandRuns {
                    place: CommandPlace::Here,
                    made: row.made(),
                    runs: row.states().into_iter().map(run).collect(),
                });
            }
        };
        Ok(CommandRuns { place, ..CommandRuns::default() })
    }

    async fn stop_one(&self, actor: &Actor, session: &SessionId, at: usize) -> Result<CommandRuns, ServiceError> {
        require(actor, Role::Member, "stop commands")?;
        let row = self.row_of(&actor.organization, session).await?;
        if !row.stop(at).await {
            return Err(ServiceError::not_found("command"));
        }
        self.runs_of(&actor.organization, session).await
    }

    async fn restart_one(&self, actor: &Actor, session: &SessionId, at: usize) -> Result<CommandRuns, ServiceError> {
        require(actor, Role::Member, "start commands")?;
        let row = self.row_of(&actor.organization, session).await?;
        self.has_room(&self.session_row(&actor.organization, session).await?).await?;
        if row.states().len() <= at {
            return Err(ServiceError::not_found("command"));
        }
        self.run_on(actor.organization.clone(), session.clone(), row, at);
        self.runs_of(&actor.organization, session).await
    }

    async fn restart_all(&self, actor: &Actor, session: &SessionId) -> Result<CommandRuns, ServiceError> {
        require(actor, Role::Member, "start commands")?;
        let organization = &actor.organization;
        let row = self.session_row(organization, session).await?;
        if row.kind != SessionKind::Work || SessionState::from_word(&row.state) != SessionState::Running {
            return Err(ServiceError::conflict("Commands run only in a work session that runs."));
        }
        self.must_host(&row)?;
        let stored = self.store().auto_start::<AutoStartCommand>(organization, &row.configuration).await?;
        if !stored.unwrap_or_default().iter().any(|line| line.enabled) {
            return Err(ServiceError::conflict("No command is enabled. Enable one and save, then start them."));
        }
        self.start_commands(organization, session).await?;
        self.runs_of(organization, session).await
    }

    /// The row of a session whose commands run in this process.
    async fn row_of(&self, organization: &OrganizationId, session: &SessionId) -> Result<Arc<Row>, ServiceError> {
        let session = self.session_row(organization, session).await?;
        self.must_host(&session)?;
        let row = self.0.commands.of(&session.id);
        row.ok_or_else(|| ServiceError::conflict("No commands run in this session. Start them all first."))
    }

    fn must_host(&self, session: &SessionRow) -> Result<(), ServiceError> {
        if self.hosts(session) {
            return Ok(());
        }
        Err(ServiceError::conflict("The commands of this session run in another server process; use that one."))
    }

    /// Runs a row from a command on; what stops it is told in the thread.
    fn run_on(&self, organization: OrganizationId, session: SessionId, row: Arc<Row>, first: usize) {
        let keyslot = self.clone();
        self.0.tasks.spawn(async move {
            let Some(halt) = row.run_from(first).await else { return };
            if let Some(text) = told(halt.at, halt.state, halt.left)
                && let Err(error) = keyslot.say(&organization, &session, ThreadEvent::Failure { text }).await
            {
                tracing::warn!(%session, %error, "the failure of a command could not be recorded");
            }
        });
    }

    /// Tells whoever watches the session that its commands changed, now and then.
    fn teller(&self, organization: &OrganizationId, session: &SessionId) -> Teller {
        let (events, organization, session) = (self.events().clone(), organization.clone(), session.clone());
        let waiting = Arc::new(AtomicBool::new(false));
        Box::new(move || {
            if waiting.swap(true, Ordering::AcqRel) {
                return;
            }
            let (events, organization, session) = (events.clone(), organization.clone(), session.clone());
            let waiting = waiting.clone();
            tokio::spawn(async move {
                tokio::time::sleep(GATHER).await;
                waiting.store(false, Ordering::Release);
                events.publish_here(&organization, &session, Change::Command);
            });
        })
    }
}

/// What the thread says of a command that stopped the row; nothing if a person did it.
fn told(at: usize, state: CommandState, left: usize) -> Option<String> {
    let CommandState::Failed { status, signal, .. } = state else { return None };
    let how = match (status, signal) {
        (Some(status), _) => format!("failed with status {status}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "could not be started".to_owned(),
    };
    let rest = match left {
        0 => String::new(),
        1 => " The one after it was not started.".to_owned(),
        more => format!(" The {more} after it were not started."),
    };
    Some(format!("Auto-start command {} {how}.{rest}", at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_what_it_held_up() {
        let failed = |status, signal| CommandState::Failed { status, signal, took: 1 };
        let text = told(1, failed(Some(3), None), 2).expect("a sentence");
        assert_eq!(text, "Auto-start command 2 failed with status 3. The 2 after it were not started.");
        assert_eq!(
            told(0, failed(None, Some(9)), 0).expect("a sentence"),
            "Auto-start command 1 was ended by signal 9."
        );
        assert_eq!(told(0, CommandState::Stopped { took: 1 }, 1), None);
    }
}
