//! Auto-start commands of a configuration.

use super::{Keyslot, ServiceError, require};
use app::api::auto_start::{AutoStartBackend, AutoStartCommand};
use app::api::live::Change;
use app::api::{Actor, ApiError};
use app::domain::ids::ConfigurationId;
use app::domain::limits;
use app::domain::member::Role;
use async_trait::async_trait;

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

/// Drops empty lines and refuses what is too much.
fn checked(commands: Vec<AutoStartCommand>) -> Result<Vec<AutoStartCommand>, ServiceError> {
    let trimmed = commands.into_iter().map(|line| AutoStartCommand { command: line.command.trim().to_owned(), ..line });
    let kept: Vec<AutoStartCommand> = trimmed.filter(|line| !line.command.is_empty()).collect();
    if kept.len() > limits::COMMANDS {
        let message = format!("At most {} commands are kept; these are {}.", limits::COMMANDS, kept.len());
        return Err(ServiceError::invalid("commands", message));
    }
    for (index, line) in kept.iter().enumerate() {
        let field = format!("commands[{index}][command]");
        if line.command.chars().count() > limits::COMMAND_CHARS {
            let message = format!("Command {} is longer than {} characters.", index + 1, limits::COMMAND_CHARS);
            return Err(ServiceError::invalid(&field, message));
        }
        if line.command.contains('\0') {
            return Err(ServiceError::invalid(&field, format!("Command {} holds a NUL character.", index + 1)));
        }
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
    }
}
