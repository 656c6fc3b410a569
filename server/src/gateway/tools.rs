//! The work behind every tool, the same over MCP and HTTP.

use super::answers::{
    CommandAnswer, CommandsAnswer, CommandsAsk, FinishAsk, FinishedAnswer, NoteAnswer, NotesAnswer, NotesAsk,
    RequestAnswer, SavedAnswer, ServiceCommand,
};
use super::environment::EnvironmentAnswer;
use super::{Bearer, Problem};
use crate::quotas::Place;
use crate::service::{FinishedByAgent, Keyslot, SavedCommands, SavedFiles, ServiceError};
use crate::store::{SessionKind, SessionRow};
use app::api::auto_start::{AutoStartBackend, AutoStartCommand};
use app::api::command_runs::CommandRunBackend;
use app::api::environment::{EnvironmentBackend, EnvironmentTarget};
use app::api::sessions::{SessionBackend, path_of};
use app::api::thread::ThreadEvent;
use app::api::{Actor, ApiError};
use domain::ids::{RequestId, SessionTokenId};
use domain::member::Role;
use domain::request::Ask;
use domain::spec::FieldProblem;
use domain::{EnvSpec, Environment};

/// An agent that was let in, with the tools at hand.
#[derive(Clone)]
pub struct Agent {
    pub(super) keyslot: Keyslot,
    pub(super) bearer: Bearer,
}

impl Agent {
    /// Who was let in where.
    pub fn new(keyslot: Keyslot, bearer: Bearer) -> Self {
        Self { keyslot, bearer }
    }

    /// Saves the spec; one that is refused changes nothing.
    pub async fn save_env_files(&self, spec: EnvSpec) -> Result<SavedAnswer, Problem> {
        let session = self.session().await?;
        let SavedFiles { saved, proposal } =
            self.keyslot.save_env_files(&self.bearer.organization, &session, spec, &self.bearer.name).await?;
        let missing = self.environment().await?.missing_required();
        let diff = saved.diff;
        Ok(SavedAnswer {
            version: saved.version,
            changed: saved.is_new,
            added: diff.added,
            removed: diff.removed,
            updated: diff.changed,
            missing,
            proposal: proposal.map(|proposal| self.proposed(proposal)),
            url: self.url(),
        })
    }

    /// Asks people for values.
    pub async fn request_env_variables(&self, ask: Ask) -> Result<RequestAnswer, Problem> {
        let session = self.session().await?;
        let request = self.keyslot.ask(&self.bearer.organization, &session, &self.bearer.name, ask).await?;
        Ok(RequestAnswer::new(request, self.url()))
    }

    /// Ends when the server closes.
    pub(super) async fn closing(&self) {
        self.keyslot.events().closing().cancelled_owned().await;
    }

    /// The right to keep this call waiting; none when enough calls of this token wait already.
    pub(super) fn may_wait(&self) -> Option<Place<SessionTokenId>> {
        self.keyslot.gateway().wait(&self.bearer.token)
    }

    /// Fails once the token that let the agent in is no longer in force.
    pub async fn still_welcome(&self) -> Result<(), Problem> {
        self.bearer.check_again(&self.keyslot).await
    }

    /// Calls a request off.
    pub async fn cancel_request(&self, id: &RequestId) -> Result<RequestAnswer, Problem> {
        let Bearer { organization, session, .. } = &self.bearer;
        let request = self.keyslot.withdraw(organization, session, id).await?;
        let keys: Vec<_> = request.keys.iter().map(|key| key.asked.key.to_string()).collect();
        self.tell("cancel_request", "Called a request off".to_owned(), keys).await?;
        Ok(RequestAnswer::new(request, self.url()))
    }

    /// The environment: names and statuses.
    pub async fn get_environment(&self) -> Result<EnvironmentAnswer, Problem> {
        let environment = self.environment().await?;
        let counts = environment.counts();
        let (set, all) = (counts.required_set + counts.optional_set, counts.required + counts.optional);
        self.tell("get_environment", format!("Looked at the environment: {set} of {all} keys have a value"), vec![])
            .await?;
        let view = self.keyslot.session(&self.actor(), &self.bearer.session).await?;
        Ok(EnvironmentAnswer::new(&environment, view.state, view.receipt.as_ref(), self.url()))
    }

    /// Wants other auto-start commands for the session's configuration.
    pub async fn save_service_commands(&self, ask: CommandsAsk) -> Result<CommandsAnswer, Problem> {
        let session = self.session().await?;
        if let Some(blank) = ask.commands.iter().position(|line| line.command.trim().is_empty()) {
            let problem = "must not be blank; leave it out instead".to_owned();
            return Err(Problem::invalid(vec![FieldProblem { field: format!("commands[{blank}].command"), problem }]));
        }
        let wanted = ask.commands.into_iter();
        let wanted = wanted.map(|line| AutoStartCommand { command: line.command, enabled: line.enabled }).collect();
        let saved = self.keyslot.save_commands_of_agent(&self.actor(), &session, wanted).await;
        let SavedCommands { stored, changed, proposal } = saved.map_err(|error| in_json(error.into()))?;
        let summary = match (changed, stored.len()) {
            // The proposal tells of itself.
            _ if proposal.is_some() => None,
            (false, _) => Some("Nothing changed: the auto-start commands stand".to_owned()),
            (true, 0) => Some("Took every auto-start command away".to_owned()),
            (true, 1) => Some("Saved 1 auto-start command".to_owned()),
            (true, more) => Some(format!("Saved {more} auto-start commands")),
        };
        let line = |line: &AutoStartCommand| match line.enabled {
            true => line.command.clone(),
            false => format!("{} (not enabled)", line.command),
        };
        if let Some(summary) = summary {
            self.tell("save_service_commands", summary, stored.iter().map(line).collect()).await?;
        }
        let answer = self.commands(stored).await?;
        Ok(CommandsAnswer { changed, proposal: proposal.map(|proposal| self.proposed(proposal)), ..answer })
    }

    /// The auto-start commands as stored, and where those of this session stand; not what they printed.
    pub async fn get_service_commands(&self) -> Result<CommandsAnswer, Problem> {
        let configuration = self.session().await?.configuration;
        let stored = self.keyslot.auto_start(&self.actor(), &configuration).await?;
        self.commands(stored).await
    }

    async fn commands(&self, stored: Vec<AutoStartCommand>) -> Result<CommandsAnswer, Problem> {
        let runs = self.keyslot.command_runs(&self.actor(), &self.bearer.session).await?.runs;
        let stored =
            stored.into_iter().map(|AutoStartCommand { command, enabled }| ServiceCommand { command, enabled });
        let running = runs.into_iter().map(|run| CommandAnswer { command: run.command, state: run.state });
        let (commands, running) = (stored.collect(), running.collect());
        Ok(CommandsAnswer { commands, changed: false, proposal: None, running })
    }

    /// What people left for the agent.
    pub async fn read_notes(&self, ask: NotesAsk) -> Result<NotesAnswer, Problem> {
        let Bearer { organization, session, .. } = &self.bearer;
        let after = i64::from(ask.after);
        let entries = self.keyslot.store().thread_entries::<ThreadEvent>(organization, session, after).await;
        let entries = entries.map_err(ServiceError::from)?;
        let last = entries.last().map_or(after, |entry| entry.seq);
        let notes = entries.into_iter().filter_map(|entry| match entry.body {
            ThreadEvent::Note { by, text } => Some(NoteAnswer { seq: entry.seq, at: entry.created_at, by, text }),
            _ => None,
        });
        let notes: Vec<_> = notes.collect();
        if !notes.is_empty() {
            let summary = format!("Read {} note{}", notes.len(), if notes.len() == 1 { "" } else { "s" });
            self.tell("read_notes", summary, vec![]).await?;
        }
        Ok(NotesAnswer { notes, last })
    }

    /// Finishes the setup in the name of the member who let the agent in; with required values missing a person has to
    /// accept that.
    pub async fn finish_setup(&self, ask: FinishAsk) -> Result<FinishedAnswer, Problem> {
        let session = self.session().await?;
        let wanted = self.keyslot.finish_for_agent(&self.actor(), &session, ask.anyway).await.map_err(ApiError::from);
        match wanted {
            Ok(FinishedByAgent { missing, proposal }) => Ok(FinishedAnswer {
                finished: proposal.is_none(),
                missing,
                proposal: proposal.map(|proposal| self.proposed(proposal)),
            }),
            Err(ApiError::Conflict { message }) if session.kind == SessionKind::Setup && !ask.anyway => {
                let hint =
                    "Ask people with request_env_variables; \"anyway\": true proposes to finish without the values.";
                Err(ApiError::Conflict { message: format!("{message} {hint}") }.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Page of the session, where people fill in values.
    pub(super) fn url(&self) -> String {
        format!("{}{}?tab=environment", self.keyslot.config().origin(), path_of(&self.bearer.session))
    }

    /// A row of the session's thread about a call. A read that finds what the read before it found adds none.
    async fn tell(&self, tool: &str, summary: String, details: Vec<String>) -> Result<(), Problem> {
        let event = ThreadEvent::Tool { name: tool.to_owned(), summary, details };
        let Bearer { organization, session, .. } = &self.bearer;
        Ok(self.keyslot.say_once(organization, session, event).await?)
    }

    async fn environment(&self) -> Result<Environment, Problem> {
        let target = EnvironmentTarget::Session(self.bearer.session.clone());
        Ok(self.keyslot.environment(&self.actor(), &target).await?)
    }

    pub(super) async fn session(&self) -> Result<SessionRow, Problem> {
        let Bearer { organization, session, .. } = &self.bearer;
        let row = self.keyslot.store().session(organization, session).await.map_err(ServiceError::from)?;
        Ok(row.ok_or_else(|| ServiceError::not_found("session"))?)
    }

    /// The agent as somebody who acts: by its own name, with the rights of a member and no more.
    pub(super) fn actor(&self) -> Actor {
        Actor {
            organization: self.bearer.organization.clone(),
            organization_name: String::new(),
            member: self.bearer.member.clone(),
            name: self.bearer.name.clone(),
            role: Role::Member,
        }
    }
}

/// A problem of a form's field under the name that the field has in JSON.
fn in_json(error: ApiError) -> ApiError {
    match error {
        ApiError::Invalid { field, message } => {
            ApiError::Invalid { field: field.replace("[command]", ".command"), message }
        }
        other => other,
    }
}
