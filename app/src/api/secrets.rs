//! Secrets of the whole organization.

use super::{Answer, ApiError, SecretInput};
use domain::KeyName;
use domain::environment::{Scope, StoredValue};
use domain::release::Releasers;
use domain::secret_use::SecretUse;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Path of the page that lists them.
pub const SECRETS_PATH: &str = "/settings/secrets";

/// What may be known of a secret of the organization. Never the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretView {
    /// Its key.
    pub key: KeyName,
    /// What the value is, in a person's words.
    pub description: Option<String>,
    /// Counts up with each replacement.
    pub version: i64,
    /// Name of the member who set it.
    pub set_by: String,
    /// When, in milliseconds since 1970 UTC.
    pub set_at: i64,
    /// Length of the value in bytes, for those who may edit.
    pub length: Option<i64>,
    /// Keyed fingerprint: equal for equal values, and useless without the data key. Empty for those who may not edit.
    pub fingerprint: String,
    /// Whether the vault can open it.
    pub readable: bool,
    /// The configurations that use it, by name; none when it is unused.
    pub uses: Vec<SecretUse>,
    /// Configurations whose files name the key and that it was not released to.
    pub held: usize,
    /// Who may release it.
    pub releasers: Releasers,
}

impl SecretView {
    /// The same as the resolver has it.
    pub fn stored(&self) -> StoredValue {
        StoredValue {
            key: self.key.clone(),
            scope: Scope::Organization,
            version: self.version,
            set_by: self.set_by.clone(),
            set_at: self.set_at,
            length: self.length,
            fingerprint: self.fingerprint.clone(),
            readable: self.readable,
            releasers: self.releasers,
            warnings: Vec::new(),
        }
    }

    /// Takes out what only those who may edit are told.
    pub fn hide_measures(&mut self) {
        self.length = self.length.filter(|length| *length == 0);
        self.fingerprint.clear();
    }

    /// The text by which a plain form asks to replace or delete the value that is shown.
    pub fn token(&self) -> String {
        format!("{}:{}", self.key, self.version)
    }
}

/// The work behind the organization's secrets: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait SecretBackend: Send + Sync {
    /// See [`list_secrets`].
    async fn secrets(&self, actor: &super::Actor) -> Result<Vec<SecretView>, ApiError>;
    /// See [`add_secret`].
    async fn add_secret(
        &self,
        actor: &super::Actor,
        key: &str,
        description: &str,
        value: domain::SecretValue,
    ) -> Result<Vec<SecretView>, ApiError>;
    /// See [`replace_secret`].
    async fn replace_secret(
        &self,
        actor: &super::Actor,
        key: &KeyName,
        value: domain::SecretValue,
        seen: Option<i64>,
    ) -> Result<Vec<SecretView>, ApiError>;
    /// See [`describe_secret`].
    async fn describe_secret(
        &self,
        actor: &super::Actor,
        key: &KeyName,
        description: &str,
    ) -> Result<Vec<SecretView>, ApiError>;
    /// See [`delete_secret`].
    async fn delete_secret(
        &self,
        actor: &super::Actor,
        key: &KeyName,
        seen: Option<i64>,
    ) -> Result<Vec<SecretView>, ApiError>;
}

/// The organization's own secrets, by key.
#[server(prefix = "/fn", endpoint = "list_secrets", output = Answer)]
pub async fn list_secrets() -> Result<Vec<SecretView>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.secrets(&actor).await
}

/// Saves a first value for a key, which is upper-cased. One that has a value already is refused with
/// [`ApiError::Taken`]: replacing is asked for on purpose. Answers the list as it stands after it.
#[server(prefix = "/fn", endpoint = "add_secret", output = Answer)]
pub async fn add_secret(
    /// The key as it was typed.
    #[server(default)]
    key: String,
    /// What the value is.
    #[server(default)]
    description: String,
    /// What was typed. An empty value is a value.
    #[server(default)]
    value: SecretInput,
) -> Result<Vec<SecretView>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.add_secret(&actor, &key, &description, typed(value)?).await
}

/// Replaces the value of a key. Answers the list.
#[server(prefix = "/fn", endpoint = "replace_secret", output = Answer)]
pub async fn replace_secret(
    /// Which.
    key: KeyName,
    /// What was typed. An empty value is a value.
    #[server(default)]
    value: SecretInput,
    /// The version that stood there when the form was shown; another one is not replaced unasked.
    #[server(default)]
    seen: Option<i64>,
) -> Result<Vec<SecretView>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.replace_secret(&actor, &key, typed(value)?, seen).await
}

/// Says what the value of a key is; its version stays. Answers the list and sends a plain form there.
#[server(prefix = "/fn", endpoint = "describe_secret", output = Answer)]
pub async fn describe_secret(
    /// Which.
    key: KeyName,
    /// The new words; the empty text takes them away.
    #[server(default)]
    description: String,
) -> Result<Vec<SecretView>, ApiError> {
    let (backend, actor) = super::backend()?;
    let secrets = backend.describe_secret(&actor, &key, &description).await?;
    super::sessions::redirect(SECRETS_PATH);
    Ok(secrets)
}

/// Deletes the value of a key with its description. Running sandboxes lose it at once. Answers the list.
#[server(prefix = "/fn", endpoint = "delete_secret", output = Answer)]
pub async fn delete_secret(
    /// Which.
    key: KeyName,
    /// The version that stood there when the question was asked; another one is not deleted unasked.
    #[server(default)]
    seen: Option<i64>,
) -> Result<Vec<SecretView>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.delete_secret(&actor, &key, seen).await
}

/// A form leaves an empty field in, so an absent one is a mistake and not an empty value.
#[cfg(feature = "ssr")]
fn typed(value: SecretInput) -> Result<domain::SecretValue, ApiError> {
    value.into_secret().ok_or_else(|| ApiError::invalid("value", "Type a value, then save."))
}
