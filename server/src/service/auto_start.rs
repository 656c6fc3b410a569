//! Auto-start commands of a configuration.

use super::{Keyslot, ServiceError, require};
use crate::store::SessionRow;
use app::api::auto_start::{AutoStartBackend, AutoStartCommand};
use app::api::live::Change;
use app::api::thread::ThreadEvent;
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::ids::{ConfigurationId, SessionId};
use domain::limits;
use domain::member::Role;
use domain::proposal::{Proposal, ProposalKind, ProposedChange};

#[async_trait]
impl AutoStartBackend for Keyslot {
    async fn auto_start(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
    ) -> Result<Vec<AutoStartCommand>, ApiError> {
        Ok(self.commands(actor, configuration).await?)
    }

    async fn save_auto_start(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        commands: Vec<AutoStartCommand>,
    ) -> Result<Vec<AutoStartCommand>, ApiError> {
        Ok(self.save_commands(actor, configuration, commands).await?)
    }

    async fn trust_agent_commands(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        trusted: bool,
        session: Option<&SessionId>,
    ) -> Result<(), ApiError> {
        Ok(self.change_trust(actor, configuration, trusted, session).await?)
    }
}

/// What an agent's save of commands did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedCommands {
    /// What is stored now.
    pub stored: Vec<AutoStartCommand>,
    /// Whether this save changed it.
    pub changed: bool,
    /// The change that waits for a person.
    pub proposal: Option<Proposal>,
}

impl Keyslot {
    pub(super) async fn commands(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
    ) -> Result<Vec<AutoStartCommand>, ServiceError> {
        let found = self.store().auto_start(&actor.organization, configuration).await?;
        found.ok_or_else(|| ServiceError::not_found("configuration"))
    }

    /// Takes the commands that an agent wants: they wait for a person, unless they are stored already or people let
    /// agents change them without asking.
    pub async fn save_commands_of_agent(
        &self,
        actor: &Actor,
        session: &SessionRow,
        commands: Vec<AutoStartCommand>,
    ) -> Result<SavedCommands, ServiceError> {
        let organization = &actor.organization;
        let (before, after) = (self.commands(actor, &session.configuration).await?, checked(commands)?);
        let trusted = self.configuration(organization, &session.configuration).await?.trust_agent_commands;
        if before != after && !trusted {
            let change = ProposedChange::Commands { before: before.clone(), after };
            let proposal = self.propose(organization, session, &actor.name, change).await?;
            return Ok(SavedCommands { stored: before, changed: false, proposal: Some(proposal) });
        }
        self.supersede_proposal(organization, &session.id, ProposalKind::Commands).await?;
        let changed = before != after;
        let stored = if changed { self.save_commands(actor, &session.configuration, after).await? } else { before };
        Ok(SavedCommands { stored, changed, proposal: None })
    }

    /// Says whether commands by agents apply without asking. It gives up a safeguard of everybody, so it takes more than
    /// a member.
    async fn change_trust(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        trusted: bool,
        session: Option<&SessionId>,
    ) -> Result<(), ServiceError> {
        require(actor, Role::Admin, "let agents change commands without asking")?;
        let organization = &actor.organization;
        if self.configuration(organization, configuration).await?.trust_agent_commands == trusted {
            return Ok(());
        }
        self.store().trust_agent_commands(organization, configuration, trusted).await?;
        for row in self.store().sessions_of(organization, configuration).await? {
            if row.ended_at.is_none() {
                self.events().publish(organization, &row.id, Change::Session);
            }
            if Some(&row.id) == session {
                let by = actor.name.clone();
                self.say(organization, &row.id, ThreadEvent::AgentCommands { by, trusted }).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn save_commands(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        commands: Vec<AutoStartCommand>,
    ) -> Result<Vec<AutoStartCommand>, ServiceError> {
        require(actor, Role::Member, "edit auto-start commands")?;
        self.configuration(&actor.organization, configuration).await?;
        let kept = checked(commands)?;
        self.store().save_auto_start(&actor.organization, configuration, &kept).await?;
        for session in self.store().sessions_of(&actor.organization, configuration).await? {
            if session.ended_at.is_none() {
                self.events().publish(&actor.organization, &session.id, Change::Command);
            }
        }
        Ok(kept)
    }
}

/// Drops empty lines and refuses what is too much, under the number that it was sent with.
fn checked(commands: Vec<AutoStartCommand>) -> Result<Vec<AutoStartCommand>, ServiceError> {
    for (index, line) in commands.iter().enumerate() {
        let field = format!("commands[{index}][command]");
        if line.command.chars().count() > limits::COMMAND_CHARS {
            let message = format!("Command {} is longer than {} characters.", index + 1, limits::COMMAND_CHARS);
            return Err(ServiceError::invalid(&field, message));
        }
        if line.command.contains('\0') {
            return Err(ServiceError::invalid(&field, format!("Command {} holds a NUL character.", index + 1)));
        }
    }
    let trimmed = commands.into_iter().map(|line| AutoStartCommand { command: line.command.trim().to_owned(), ..line });
    let kept: Vec<AutoStartCommand> = trimmed.filter(|line| !line.command.is_empty()).collect();
    if kept.len() > limits::COMMANDS {
        let message = format!("At most {} commands are kept; these are {}.", limits::COMMANDS, kept.len());
        return Err(ServiceError::invalid("commands", message));
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: &str) -> AutoStartCommand {
        AutoStartCommand { command: command.to_owned(), enabled: true }
    }

    #[test]
    fn empty_lines_are_dropped_and_the_order_stays() {
        let kept = checked(vec![line(" npm ci "), line("  "), line("npm start")]).expect("good commands");
        assert_eq!(kept, [line("npm ci"), line("npm start")]);
    }

    #[test]
    fn too_many_and_too_long_commands_are_refused_by_name() {
        assert!(checked(vec![line("x"); limits::COMMANDS + 1]).is_err());
        let long = checked(vec![line("x"), line(&"x".repeat(limits::COMMAND_CHARS + 1))]);
        assert!(long.is_err_and(|error| error.to_string().contains("Command 2")));
        let after_a_blank_one = checked(vec![line("  "), line("a\0b")]);
        assert!(after_a_blank_one.is_err_and(|error| error.to_string().contains("Command 2")), "as it was sent");
    }
}
