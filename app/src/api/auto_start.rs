//! Auto-start: commands that run after the environment was applied.

use super::{Answer, ApiError};
use domain::ids::{ConfigurationId, SessionId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

pub use domain::command::AutoStartCommand;

/// A change of the list by one of its buttons. Its text form is `up:2`, `down:2` or `remove:2`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Rearrange {
    /// The command changes places with the one before it.
    Up(usize),
    /// The command changes places with the one after it.
    Down(usize),
    /// The command goes.
    Remove(usize),
}

impl Rearrange {
    /// Does it to a list; what cannot be done changes nothing.
    pub fn apply<T>(self, list: &mut Vec<T>) {
        match self {
            Self::Up(at) if (1..list.len()).contains(&at) => list.swap(at - 1, at),
            Self::Down(at) if at + 1 < list.len() => list.swap(at, at + 1),
            Self::Remove(at) if at < list.len() => drop(list.remove(at)),
            _ => {}
        }
    }
}

impl fmt::Display for Rearrange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Up(at) => write!(f, "up:{at}"),
            Self::Down(at) => write!(f, "down:{at}"),
            Self::Remove(at) => write!(f, "remove:{at}"),
        }
    }
}

impl TryFrom<String> for Rearrange {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (word, at) = text.split_once(':').unwrap_or_default();
        match (word, at.parse()) {
            ("up", Ok(at)) => Ok(Self::Up(at)),
            ("down", Ok(at)) => Ok(Self::Down(at)),
            ("remove", Ok(at)) => Ok(Self::Remove(at)),
            _ => Err("a list is changed by up:, down: or remove: with a place in it"),
        }
    }
}

impl From<Rearrange> for String {
    fn from(what: Rearrange) -> String {
        what.to_string()
    }
}

/// The work behind auto-start commands: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait AutoStartBackend: Send + Sync {
    /// The auto-start commands of a configuration.
    async fn auto_start(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
    ) -> Result<Vec<AutoStartCommand>, ApiError>;
    /// Replaces them.
    async fn save_auto_start(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
        commands: Vec<AutoStartCommand>,
    ) -> Result<Vec<AutoStartCommand>, ApiError>;
    /// See [`trust_agent_commands`].
    async fn trust_agent_commands(
        &self,
        actor: &super::Actor,
        configuration: &ConfigurationId,
        trusted: bool,
        session: Option<&SessionId>,
    ) -> Result<(), ApiError>;
}

/// The commands of a configuration.
#[server(prefix = "/fn", endpoint = "get_auto_start", output = Answer)]
pub async fn get_auto_start(
    /// Which configuration.
    configuration: ConfigurationId,
) -> Result<Vec<AutoStartCommand>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.auto_start(&actor, &configuration).await
}

/// Replaces the commands of a configuration; empty lines are dropped. Answers what is stored now.
#[server(prefix = "/fn", endpoint = "save_auto_start", output = Answer)]
pub async fn save_auto_start(
    /// Which configuration.
    configuration: ConfigurationId,
    /// The commands, in the order in which they run.
    #[server(default)]
    commands: Vec<AutoStartCommand>,
    /// What a button of a plain form does to the list before it is saved.
    #[server(default)]
    act: Option<Rearrange>,
) -> Result<Vec<AutoStartCommand>, ApiError> {
    let (backend, actor) = super::backend()?;
    let mut commands = commands;
    if let Some(act) = act {
        act.apply(&mut commands);
    }
    backend.save_auto_start(&actor, &configuration, commands).await
}

/// Says whether the commands that agents save for a configuration apply without asking people.
#[server(prefix = "/fn", endpoint = "trust_agent_commands", output = Answer)]
pub async fn trust_agent_commands(
    /// Which configuration.
    configuration: ConfigurationId,
    /// Whether they apply at once.
    trusted: bool,
    /// The session whose thread tells it.
    #[server(default)]
    session: Option<SessionId>,
) -> Result<(), ApiError> {
    let (backend, actor) = super::backend()?;
    backend.trust_agent_commands(&actor, &configuration, trusted, session.as_ref()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_rearranged_by_what_its_buttons_say() {
        let after = |text: &str| {
            let mut list = vec!['a', 'b', 'c'];
            Rearrange::try_from(text.to_owned()).expect("a change").apply(&mut list);
            list.into_iter().collect::<String>()
        };
        assert_eq!(["up:1", "down:1", "remove:1"].map(after), ["bac", "acb", "ac"]);
        assert_eq!(
            ["up:0", "down:2", "remove:3", "up:9"].map(after),
            ["abc"; 4],
            "what cannot be done changes nothing"
        );
        for wrong in ["up", "up:", "up:-1", "sideways:1", ""] {
            assert!(Rearrange::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert_eq!(Rearrange::Down(2).to_string(), "down:2");
    }
}
