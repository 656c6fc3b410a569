//! Importing many values at once, and ending conflicts between repositories.
//!
//! The preview of an import is made in the browser; what it saves comes here in one piece and is stored whole or not at
//! all, with the same checks as [`set_value`](super::environment::set_value).

pub mod digest;

use super::environment::EnvironmentTarget;
use super::{Answer, ApiError, SecretInput};
use domain::environment::{Scope, Seen, StoredValue};
use domain::import::Choice;
use domain::{Environment, KeyName, RelativePath};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

/// Where imported values go. Its text form is that of an [`EnvironmentTarget`], or `organization`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Destination {
    /// The environment of a session or configuration.
    Environment(EnvironmentTarget),
    /// The organization as such, where any key may be stored.
    Organization,
}

impl TryFrom<String> for Destination {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "organization" => Ok(Self::Organization),
            _ => EnvironmentTarget::try_from(text).map(Self::Environment),
        }
    }
}

impl From<Destination> for String {
    fn from(destination: Destination) -> String {
        match destination {
            Destination::Environment(target) => target.into(),
            Destination::Organization => "organization".to_owned(),
        }
    }
}

/// One value of an import.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportEntry {
    /// The key.
    pub key: KeyName,
    /// The file that it is meant for; nothing means every file that asks for the key.
    #[serde(default)]
    pub file: Option<RelativePath>,
    /// Where the value counts.
    pub scope: Scope,
    /// The value.
    pub value: SecretInput,
    /// The version that stood there when the preview was shown, 0 for none: what somebody else saved meanwhile is not
    /// replaced unasked.
    #[serde(default)]
    pub seen: Option<i64>,
}

/// What came of an import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// Each value, in the order in which they came.
    pub values: Vec<ImportedValue>,
    /// The environment as it stands after it; nothing for an organization as such.
    pub environment: Option<Environment>,
}

/// One value of an import, stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedValue {
    /// The key.
    pub key: KeyName,
    /// Where it counts.
    pub scope: Scope,
    /// Whether anything changed.
    pub outcome: ImportOutcome,
}

/// Whether an imported value changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportOutcome {
    /// It is stored.
    Saved,
    /// The same value was stored already, and stays as it was.
    Unchanged,
}

/// A one-time digest of a pasted value, see [`digest`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyDigest {
    /// The key.
    pub key: KeyName,
    /// The digest, in hexadecimal digits.
    pub digest: String,
}

/// What a digest was told: whether the value that is stored at a scope is the one that was pasted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// What is stored.
    #[serde(flatten)]
    pub stored: StoredValue,
    /// Whether it is the same.
    pub same: bool,
}

/// The work behind imports: what [`super::Backend`] says of its methods holds here.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait ImportBackend: Send + Sync {
    /// See [`import_values`].
    async fn import_values(
        &self,
        actor: &super::Actor,
        destination: &Destination,
        entries: Vec<ImportEntry>,
    ) -> Result<Imported, ApiError>;
    /// See [`import_text`].
    async fn import_text(
        &self,
        actor: &super::Actor,
        destination: &Destination,
        choice: Choice,
        text: domain::SecretValue,
        unlisted: bool,
    ) -> Result<Imported, ApiError>;
    /// See [`compare_values`].
    async fn compare_values(
        &self,
        actor: &super::Actor,
        destination: &Destination,
        nonce: &str,
        digests: Vec<KeyDigest>,
    ) -> Result<Vec<Compared>, ApiError>;
    /// See [`resolve_conflict`].
    async fn resolve_conflict(
        &self,
        actor: &super::Actor,
        address: &super::environment::SlotAddress,
        seen: Option<&Seen>,
    ) -> Result<Environment, ApiError>;
}

/// Saves values, all or none. A key that no file asks for can be saved for the organization alone.
#[server(prefix = "/fn", endpoint = "import_values", input = Json, output = Answer)]
pub async fn import_values(
    /// Where they go.
    destination: Destination,
    /// The values; no key twice at one scope.
    entries: Vec<ImportEntry>,
) -> Result<Imported, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.import_values(&actor, &destination, entries).await
}

/// Saves what the text of an env file holds, all or nothing: for plain forms, which have no preview. Lines that cannot
/// be saved are named, and then nothing is.
#[server(prefix = "/fn", endpoint = "import_text", output = Answer)]
pub async fn import_text(
    /// Where the values go.
    destination: Destination,
    /// Where they count.
    choice: Choice,
    /// The text.
    #[server(default)]
    text: SecretInput,
    /// Whether keys that no file asks for are saved too, as organization secrets.
    #[server(default)]
    unlisted: bool,
) -> Result<Imported, ApiError> {
    let (backend, actor) = super::backend()?;
    let text = text.into_secret().filter(|text| !text.expose().trim().is_empty());
    let text = text.ok_or_else(|| ApiError::invalid("text", "Paste the text of an env file, then import it."))?;
    backend.import_text(&actor, &destination, choice, text, unlisted).await
}

/// Says which pasted values are stored already, without being told one: the browser sends digests that are made with a
/// random number of its own and are useless afterwards. Keys without a stored value are left out.
#[server(prefix = "/fn", endpoint = "compare_values", input = Json, output = Answer)]
pub async fn compare_values(
    /// Where the values would go.
    destination: Destination,
    /// The random number, in hexadecimal digits.
    nonce: String,
    /// The digests; no key twice.
    digests: Vec<KeyDigest>,
) -> Result<Vec<Compared>, ApiError> {
    let (backend, actor) = super::backend()?;
    backend.compare_values(&actor, &destination, &nonce, digests).await
}

/// Ends a conflict: the value of one repository is stored for the other attached ones that disagree, without being
/// shown. Answers the environment as it stands after it.
#[server(prefix = "/fn", endpoint = "resolve_conflict", output = Answer)]
pub async fn resolve_conflict(
    /// Whose environment.
    target: EnvironmentTarget,
    /// The slot's file, from the workspace down.
    file: RelativePath,
    /// The slot's key.
    key: KeyName,
    /// The repository whose value is used.
    scope: Scope,
    /// What stood there when the form was shown.
    #[server(default)]
    seen: Option<Seen>,
) -> Result<Environment, ApiError> {
    let (backend, actor) = super::backend()?;
    let address = super::environment::SlotAddress { target, file, key, scope };
    backend.resolve_conflict(&actor, &address, seen.as_ref()).await
}
