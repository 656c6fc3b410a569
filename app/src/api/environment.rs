//! The Environment and the values in it.

use super::{Answer, ApiError, SecretInput};
use domain::environment::{Scope, Seen, StoredValue};
use domain::ids::{ConfigurationId, SessionId};
use domain::reader::Reader;
use domain::{Environment, KeyName, RelativePath};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Whose environment is meant. Its text form is `session:<id>` or `configuration:<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EnvironmentTarget {
    /// A session's, with its session values.
    Session(SessionId),
    /// A configuration's, as its next session would get it.
    Configuration(ConfigurationId),
}

impl TryFrom<String> for EnvironmentTarget {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.split_once(':') {
            Some(("session", id)) if !id.is_empty() => Ok(Self::Session(SessionId::from(id))),
            Some(("configuration", id)) if !id.is_empty() => Ok(Self::Configuration(ConfigurationId::from(id))),
            _ => Err("an environment is named session:<id> or configuration:<id>"),
        }
    }
}

impl From<EnvironmentTarget> for String {
    fn from(target: EnvironmentTarget) -> String {
        match target {
            EnvironmentTarget::Session(id) => format!("session:{id}"),
            EnvironmentTarget::Configuration(id) => format!("configuration:{id}"),
        }
    }
}

/// Names one slot of one environment in one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotAddress {
    /// Whose environment.
    pub target: EnvironmentTarget,
    /// The file, from the workspace down.
    pub file: RelativePath,
    /// The key.
    pub key: KeyName,
    /// Where the value counts.
    pub scope: Scope,
}

/// Organization secrets that an environment does not use, as far as one answer lists them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnusedSecrets {
    /// The secrets, by key.
    pub secrets: Vec<StoredValue>,
    /// Whether there are more after the last of them.
    pub more: bool,
}

/// Which readers a person gives a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReaderChoice {
    /// These; none means every common program.
    These(Vec<Reader>),
    /// Those that agents and scans name.
    Declared,
}

/// The work behind the Environment and its values: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait EnvironmentBackend: Send + Sync {
    /// The environment of a session or configuration.
    async fn environment(&self, actor: &super::Actor, target: &EnvironmentTarget) -> Result<Environment, ApiError>;
    /// See [`list_unused_secrets`].
    async fn unused_secrets(
        &self,
        actor: &super::Actor,
        target: &EnvironmentTarget,
        after: Option<&KeyName>,
    ) -> Result<UnusedSecrets, ApiError>;
    /// Seals and stores a value, and applies it to running sandboxes.
    async fn set_value(
        &self,
        actor: &super::Actor,
        address: &SlotAddress,
        value: domain::SecretValue,
        seen: Option<&Seen>,
    ) -> Result<Environment, ApiError>;
    /// The same with a random value of the shape that the spec asks for.
    async fn generate_value(
        &self,
        actor: &super::Actor,
        address: &SlotAddress,
        seen: Option<&Seen>,
    ) -> Result<Environment, ApiError>;
    /// See [`promote_value`].
    async fn promote_value(&self, actor: &super::Actor, address: &SlotAddress) -> Result<Environment, ApiError>;
    /// Deletes a value and takes it out of running sandboxes.
    async fn delete_value(&self, actor: &super::Actor, address: &SlotAddress) -> Result<Environment, ApiError>;
    /// See [`set_file_readers`].
    async fn set_file_readers(
        &self,
        actor: &super::Actor,
        target: &EnvironmentTarget,
        file: &RelativePath,
        choice: ReaderChoice,
        anyway: bool,
    ) -> Result<Environment, ApiError>;
    /// See [`set_plain_key`].
    async fn set_plain_key(
        &self,
        actor: &super::Actor,
        target: &EnvironmentTarget,
        key: &KeyName,
        plain: bool,
    ) -> Result<Environment, ApiError>;
}

/// The environment as it stands.
#[server(prefix = "/fn", endpoint = "get_environment", output = Answer)]
pub async fn get_environment(
    /// Whose environment.
    target: EnvironmentTarget,
) -> Result<Environment, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.environment(&actor, &target).await
}

/// The organization's secrets that no slot of an environment names, by key, a page of them.
#[server(prefix = "/fn", endpoint = "list_unused_secrets", output = Answer)]
pub async fn list_unused_secrets(
    /// Whose environment.
    target: EnvironmentTarget,
    /// The last key that is known; nothing for the first page.
    #[server(default)]
    after: Option<KeyName>,
) -> Result<UnusedSecrets, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.unused_secrets(&actor, &target, after.as_ref()).await
}

/// Saves a value for a slot: what was typed, or with `generate` a random one of the shape that the spec asks for
/// (the typed value is then ignored). An empty value is a value. Answers the environment as it stands after it.
///
/// A form leaves an unticked box out, so one with the box `future` says so with `asks_future`; unticked, the value is
/// saved for this session alone, whatever `scope` says.
#[server(prefix = "/fn", endpoint = "set_value", output = Answer)]
pub async fn set_value(
    /// Whose environment.
    target: EnvironmentTarget,
    /// The slot's file, from the workspace down.
    file: RelativePath,
    /// The slot's key.
    key: KeyName,
    /// Where the value counts; a form that offers a choice and got none leaves it out.
    #[server(default)]
    scope: Option<Scope>,
    /// What was typed.
    #[server(default)]
    value: SecretInput,
    /// Whether to make a random value instead.
    #[server(default)]
    generate: bool,
    /// Whether the form has the box `future`.
    #[server(default)]
    asks_future: bool,
    /// Whether the value is kept for future sessions.
    #[server(default)]
    future: bool,
    /// What stood there when the form was shown; another value saved meanwhile is then not replaced unasked.
    #[server(default)]
    seen: Option<Seen>,
) -> Result<Environment, ApiError> {
    let (backend, actor) = super::backend()?;
    let scope = if asks_future && !future { Some(Scope::Session) } else { scope };
    let scope = scope.ok_or_else(|| ApiError::invalid("scope", "Choose where to save the value."))?;
    let address = SlotAddress { target, file, key, scope };
    if generate {
        return backend.generate_value(&actor, &address, seen.as_ref()).await;
    }
    // A form leaves an empty field in, so an absent one is a mistake and not an empty value.
    let value = value.into_secret().ok_or_else(|| ApiError::invalid("value", "Type a value, then save."))?;
    backend.set_value(&actor, &address, value, seen.as_ref()).await
}

/// Deletes the value of a slot in one scope; a broader one then shows through. Running sandboxes lose it at once.
#[server(prefix = "/fn", endpoint = "delete_value", output = Answer)]
pub async fn delete_value(
    /// Whose environment.
    target: EnvironmentTarget,
    /// The slot's file, from the workspace down.
    file: RelativePath,
    /// The slot's key.
    key: KeyName,
    /// Where the value counts.
    scope: Scope,
) -> Result<Environment, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.delete_value(&actor, &SlotAddress { target, file, key, scope }).await
}

/// Keeps a value of this session alone for a repository or the organization, without typing it again. The session's own
/// value is then gone, for the kept one takes its place.
#[server(prefix = "/fn", endpoint = "promote_value", output = Answer)]
pub async fn promote_value(
    /// The session whose value it is.
    target: EnvironmentTarget,
    /// The slot's file, from the workspace down.
    file: RelativePath,
    /// The slot's key.
    key: KeyName,
    /// Where the value counts from now on.
    scope: Scope,
) -> Result<Environment, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.promote_value(&actor, &SlotAddress { target, file, key, scope }).await
}

/// Says that a key is no secret in a configuration: its values are then looked for neither in snapshots nor in what
/// commands print, from their next start on. Or takes that back.
#[server(prefix = "/fn", endpoint = "set_plain_key", output = Answer)]
pub async fn set_plain_key(
    /// Whose configuration it is about.
    target: EnvironmentTarget,
    /// Which key.
    key: KeyName,
    /// Whether it is plain.
    plain: bool,
) -> Result<Environment, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.set_plain_key(&actor, &target, &key, plain).await
}

/// Says which programs read a file: its values are then written so that those get the same bytes. The choice stands over
/// what agents and scans name, until it is taken back with `declared`. Where a stored value fits into no spelling for
/// these readers, nothing is changed and the keys are named, unless `anyway` is given.
#[server(prefix = "/fn", endpoint = "set_file_readers", output = Answer)]
pub async fn set_file_readers(
    /// Whose configuration it is about.
    target: EnvironmentTarget,
    /// The file, from the workspace down.
    file: RelativePath,
    /// The programs; none means every common one.
    #[server(default)]
    readers: Vec<Reader>,
    /// Whether those count that agents and scans name.
    #[server(default)]
    declared: bool,
    /// Whether to change it although stored values do not fit.
    #[server(default)]
    anyway: bool,
) -> Result<Environment, ApiError> {
    let (backend, actor) = super::backend()?;
    let choice = if declared { ReaderChoice::Declared } else { ReaderChoice::These(readers) };
    backend.set_file_readers(&actor, &target, &file, choice, anyway).await
}
