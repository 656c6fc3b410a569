//! The environment as agents see it: names and statuses. Neither values nor what could tell two values apart.

use super::receipt::ReceiptAnswer;
use domain::environment::{Counts, Environment, FileView, Readiness, Scope, SlotView, Status};
use domain::receipt::BootReceipt;
use domain::session::SessionState;
use domain::spec::{Format, Generate, Mode};
use domain::{KeyName, RelativePath};
use schemars::JsonSchema;
use serde::Serialize;

/// Which env files the session needs and how far they are filled in. Holds no values.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentAnswer {
    /// Version of the saved spec; 0 while none was saved.
    pub spec_version: i64,
    /// Whether a boot would be complete.
    pub readiness: ReadinessWord,
    /// How many required values people still have to give; one that fills several files counts once.
    pub missing: usize,
    /// Counts over all files.
    pub counts: CountsAnswer,
    /// The files.
    pub files: Vec<FileAnswer>,
    /// Where the session stands; `waiting`: nothing is in the files until people filled in what is missing.
    pub session: SessionState,
    /// What the newest boot or live change wrote into the session's files; none before the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptAnswer>,
    /// Page where people fill in values. It gives no access by itself: whoever opens it must be signed in.
    pub url: String,
}

/// Whether a boot would be complete.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessWord {
    /// No spec was saved yet: call `save_env_files`.
    NoSpec,
    /// Every required key has a value.
    Ready,
    /// Required values are missing.
    NeedsValues,
    /// Attached repositories have different values for the same key of a shared file; people must decide.
    Conflict,
}

/// Counts of keys.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CountsAnswer {
    /// Required keys.
    pub required: usize,
    /// Required keys that a boot writes.
    pub required_set: usize,
    /// Optional keys.
    pub optional: usize,
    /// Optional keys that a boot writes.
    pub optional_set: usize,
}

/// One env file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileAnswer {
    /// Where it lies, from the workspace down.
    pub path: RelativePath,
    /// How it is written.
    pub format: Format,
    /// Secrets or plain settings.
    pub mode: Mode,
    /// Name of the repository that it belongs to; none when it belongs to no single one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Its counts.
    pub counts: CountsAnswer,
    /// Its keys.
    pub keys: Vec<KeyAnswer>,
}

/// One key of a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeyAnswer {
    /// The variable's name.
    pub key: KeyName,
    /// Whether the project does not run without it.
    pub required: bool,
    /// What a boot does with it: `set` and `default` are written, the others are not. `held`: the organization has a
    /// value that people have not let this configuration use; only they can, so ask them with `request_env_variables`.
    pub status: Status,
    /// Where the value comes from, when one is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Whether the value is a secret.
    pub secret: bool,
    /// What the value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Page that explains the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documentation_url: Option<String>,
    /// The spec's default, where it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The spec's suggestions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
    /// How a random value can be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generate: Option<Generate>,
    /// Whether only this session asks for it: the saved spec does not have it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub only_here: bool,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// For this session alone.
    Session,
    /// For every session with the file's repository.
    Repository,
    /// For the whole organization.
    Organization,
    /// The spec's default.
    Default,
}

impl EnvironmentAnswer {
    /// What an agent may see of an environment; `url` leads to the page on which people fill it in.
    pub fn new(environment: &Environment, session: SessionState, receipt: Option<&BootReceipt>, url: String) -> Self {
        Self {
            spec_version: environment.spec_version,
            readiness: environment.readiness().into(),
            missing: environment.missing_required(),
            counts: environment.counts().into(),
            files: environment.files.iter().map(FileAnswer::from).collect(),
            session,
            receipt: receipt.map(ReceiptAnswer::from),
            url,
        }
    }
}

impl From<Readiness> for ReadinessWord {
    fn from(readiness: Readiness) -> Self {
        match readiness {
            Readiness::NoSpec => Self::NoSpec,
            Readiness::Ready => Self::Ready,
            Readiness::Needs(_) => Self::NeedsValues,
            Readiness::Conflict(_) => Self::Conflict,
        }
    }
}

impl From<Counts> for CountsAnswer {
    fn from(counts: Counts) -> Self {
        let Counts { required_set, required, optional_set, optional } = counts;
        Self { required, required_set, optional, optional_set }
    }
}

impl From<&FileView> for FileAnswer {
    fn from(file: &FileView) -> Self {
        Self {
            path: file.place.clone(),
            format: file.format,
            mode: file.mode,
            repository: file.owner.as_ref().map(|owner| owner.name.clone()),
            counts: file.counts().into(),
            keys: file.slots.iter().map(KeyAnswer::from).collect(),
        }
    }
}

impl From<&SlotView> for KeyAnswer {
    fn from(slot: &SlotView) -> Self {
        Self {
            key: slot.key.clone(),
            required: slot.required,
            status: slot.status,
            source: source(slot),
            secret: slot.sensitive,
            description: slot.description.clone(),
            documentation_url: slot.documentation_url.clone(),
            default: slot.default.clone(),
            suggestions: slot.suggestions.clone(),
            generate: slot.generate,
            only_here: slot.only_here,
        }
    }
}

fn source(slot: &SlotView) -> Option<Source> {
    match (slot.status, slot.winner.as_ref().map(|winner| &winner.scope)) {
        (Status::Default, _) => Some(Source::Default),
        (Status::Set, Some(scope)) => Some(scope.into()),
        _ => None,
    }
}

impl From<&Scope> for Source {
    fn from(scope: &Scope) -> Self {
        match scope {
            Scope::Session => Self::Session,
            Scope::Repository(_) => Self::Repository,
            Scope::Organization => Self::Organization,
        }
    }
}
