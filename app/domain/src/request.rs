//! Value requests: an agent asks people for values and waits until every key is answered.
//!
//! A request adds slots to its session's environment (see [`EnvSpec::with_asked`]), so that the card in the thread, the
//! panel and the boot see one object. The spec itself changes only when a value is kept for future sessions.

use super::ids::{RequestId, SessionId};
use super::spec::{EnvFile, EnvSpec, FieldProblem, Format, Generate, Mode, Slot, SlotRef, SpecError};
use super::words::words;
use super::{KeyName, RelativePath, is_env_file, limits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Why a key is not asked for in a file that programs may read for more than variables.
const NO_ENV_FILE: &str = "is no env file by its name (.env, .env.local, app.env); save it with save_env_files, so that a person can accept it";

/// What an agent sends to `request_env_variables`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ask {
    /// The keys, in the order in which people are asked; no key twice.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::KEYS_PER_FILE)))]
    pub keys: Vec<AskedKey>,
    /// Why the values are needed, for the people who are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::DESCRIPTION_CHARS)))]
    pub message: Option<String>,
    /// How long to ask, in seconds; a day when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(range(min = limits::REQUEST_SECONDS_MIN, max = limits::REQUEST_SECONDS_MAX))
    )]
    pub expires_in_seconds: Option<u32>,
}

/// One key that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskedKey {
    /// The variable's name.
    pub key: KeyName,
    /// Whether the agent cannot go on without it; an optional key can be skipped.
    #[serde(default = "yes")]
    pub required: bool,
    /// What the value is and where to get it, in a person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::DESCRIPTION_CHARS)))]
    pub description: Option<String>,
    /// `http` or `https` address of a page that explains the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(length(max = limits::URL_CHARS), regex(pattern = super::schema::WEB_ADDRESS))
    )]
    pub documentation_url: Option<String>,
    /// Whether the value is hidden while it is typed.
    #[serde(default = "yes")]
    pub secret: bool,
    /// Values offered as buttons; never secrets. Each has at most 262144 bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(
        feature = "schema",
        schemars(
            length(max = limits::SUGGESTIONS),
            inner(length(max = limits::VALUE_BYTES), regex(pattern = super::schema::WITHOUT_NUL))
        )
    )]
    pub suggestions: Vec<String>,
    /// How to make a random value, for keys that only need to be random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<Generate>,
    /// Env file that needs it, from the workspace down; the spec's file with this key when not given, else its first
    /// file, else `.env`. A file of the spec, or an env file by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::schema::FilePath>"))]
    pub file: Option<RelativePath>,
}

/// A stored request. Holds no values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueRequest {
    /// Which request.
    pub id: RequestId,
    /// The session whose agent asks.
    pub session: SessionId,
    /// The agent's name.
    pub asked_by: String,
    /// Why the values are needed.
    pub message: Option<String>,
    /// Where it stands.
    pub state: RequestState,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When it expires, in milliseconds since 1970 UTC.
    pub expires_at: i64,
    /// When it was closed, in milliseconds since 1970 UTC.
    pub closed_at: Option<i64>,
    /// The keys in the order asked.
    pub keys: Vec<RequestedKey>,
}

/// One key of a stored request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestedKey {
    /// What was asked.
    pub asked: AskedKey,
    /// The file whose slot answers it.
    pub place: RelativePath,
    /// What came of it; none while people are asked.
    pub outcome: Option<KeyOutcome>,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum RequestState {
    /// People are asked.
    Pending,
    /// Every key has an outcome.
    Answered,
    /// Nobody answered in time.
    Expired,
    /// A person or the agent called it off.
    Cancelled,
}

words!(
    RequestState,
    "state of a request",
    Pending = "pending",
    Answered = "answered",
    Expired = "expired",
    Cancelled = "cancelled",
);

/// What came of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyOutcome {
    /// A person gave a value since it was asked for.
    Submitted,
    /// A person skipped this optional key.
    Skipped,
    /// A value was there when it was asked for.
    AlreadySet,
    /// Nobody answered in time.
    Expired,
    /// The request was called off before.
    Cancelled,
}

impl Ask {
    /// Checks every rule that the types alone do not hold, as for a spec, and finds the file of each key.
    pub fn checked(self, spec: &EnvSpec) -> Result<Vec<RequestedKey>, SpecError> {
        let mut problems = Vec::new();
        let mut add = |field: &str, problem: String| problems.push(FieldProblem { field: field.to_owned(), problem });
        if self.keys.is_empty() {
            add("keys", "ask for at least one key".to_owned());
        }
        if self.message.as_ref().is_some_and(|text| text.chars().count() > limits::DESCRIPTION_CHARS) {
            add("message", format!("at most {} characters", limits::DESCRIPTION_CHARS));
        }
        let allowed = limits::REQUEST_SECONDS_MIN..=limits::REQUEST_SECONDS_MAX;
        if self.expires_in_seconds.is_some_and(|seconds| !allowed.contains(&seconds)) {
            add("expiresInSeconds", format!("from {} to {}", allowed.start(), allowed.end()));
        }
        for (index, asked) in self.keys.iter().enumerate() {
            let Some(file) = &asked.file else { continue };
            if let Err(error) = RelativePath::file(file.as_str()) {
                add(&format!("keys[{index}].file"), error.to_string());
            } else if !is_env_file(file) && spec.files.iter().all(|known| known.place() != *file) {
                add(&format!("keys[{index}].file"), NO_ENV_FILE.to_owned());
            }
        }
        // The rules of keys are those of a spec, so they are asked there.
        let file =
            EnvFile { keys: self.keys.iter().map(AskedKey::slot).collect(), ..asked_file(RelativePath::dotenv()) };
        if let Err(error) = (EnvSpec { files: vec![file] }).checked() {
            problems.extend(error.problems.into_iter().map(|problem| FieldProblem {
                field: problem.field.trim_start_matches("files[0].").to_owned(),
                problem: problem.problem,
            }));
        }
        if !problems.is_empty() {
            return Err(SpecError { problems });
        }
        let keys =
            self.keys.into_iter().map(|asked| RequestedKey { place: place_of(&asked, spec), asked, outcome: None });
        let keys: Vec<_> = keys.collect();
        // A new file must be one that a spec may have.
        let whole = spec.with_asked(&keys);
        match whole.clone().checked() {
            Ok(_) => Ok(keys),
            Err(error) => Err(SpecError {
                problems: error.problems.into_iter().map(|problem| in_ask(problem, &whole, &keys)).collect(),
            }),
        }
    }
}

impl AskedKey {
    /// The slot that the key becomes.
    pub fn slot(&self) -> Slot {
        Slot {
            key: self.key.clone(),
            required: self.required,
            description: self.description.clone(),
            documentation_url: self.documentation_url.clone(),
            default: None,
            suggestions: self.suggestions.clone(),
            generate: self.generate,
            evidence: Vec::new(),
            secret: Some(self.secret),
        }
    }
}

impl RequestedKey {
    /// Whether the key is a slot of its session: it is still asked for, or it has a value.
    pub fn is_slot(&self) -> bool {
        matches!(self.outcome, None | Some(KeyOutcome::Submitted | KeyOutcome::AlreadySet))
    }

    /// Whether this slot answers it.
    pub fn is(&self, slot: &SlotRef) -> bool {
        self.asked.key == slot.key && self.place == slot.file
    }

    /// The slot that answers it.
    pub fn slot(&self) -> SlotRef {
        SlotRef { file: self.place.clone(), key: self.asked.key.clone() }
    }
}

impl ValueRequest {
    /// Closes the request as answered if every key has an outcome. `now` is in milliseconds since 1970 UTC.
    pub fn settled(mut self, now: i64) -> Self {
        if self.state == RequestState::Pending && self.open_keys().next().is_none() {
            (self.state, self.closed_at) = (RequestState::Answered, Some(now));
        }
        self
    }

    /// Closes the request with the same outcome for every key that nobody answered.
    pub fn closed(mut self, state: RequestState, rest: KeyOutcome, now: i64) -> Self {
        for key in self.keys.iter_mut().filter(|key| key.outcome.is_none()) {
            key.outcome = Some(rest);
        }
        (self.state, self.closed_at) = (state, Some(now));
        self
    }

    /// Names of keys that nobody answered yet.
    pub fn open_keys(&self) -> impl Iterator<Item = &RequestedKey> {
        self.keys.iter().filter(|key| key.outcome.is_none())
    }
}

impl EnvSpec {
    /// The spec with a slot for every asked key that it does not have, in a file of its own where need be.
    pub fn with_asked<'a>(&self, asked: impl IntoIterator<Item = &'a RequestedKey>) -> EnvSpec {
        let mut spec = self.clone();
        let mut known: BTreeSet<(RelativePath, KeyName)> =
            spec.files.iter().flat_map(|file| file.keys.iter().map(|slot| (file.place(), slot.key.clone()))).collect();
        for key in asked.into_iter().filter(|key| key.is_slot()) {
            if !known.insert((key.place.clone(), key.asked.key.clone())) {
                continue;
            }
            let at = spec.files.iter().position(|file| file.place() == key.place);
            let at = at.unwrap_or_else(|| {
                spec.files.push(asked_file(key.place.clone()));
                spec.files.len() - 1
            });
            spec.files[at].keys.push(key.asked.slot());
        }
        spec
    }
}

/// A problem of the spec that a request would make, under the name of the field that was sent.
fn in_ask(problem: FieldProblem, whole: &EnvSpec, keys: &[RequestedKey]) -> FieldProblem {
    let named = keys.iter().enumerate().find_map(|(index, asked)| {
        let file = whole.files.iter().position(|file| file.place() == asked.place)?;
        let slot = whole.files[file].keys.iter().position(|slot| slot.key == asked.asked.key)?;
        let member = problem.field.strip_prefix(&format!("files[{file}].keys[{slot}]."))?;
        Some(format!("keys[{index}].{member}"))
    });
    // What no single key is to blame for, such as too many of them in a file.
    FieldProblem { field: named.unwrap_or_else(|| "keys".to_owned()), ..problem }
}

fn asked_file(path: RelativePath) -> EnvFile {
    let (format, mode) = (Format::default(), Mode::Secret);
    EnvFile {
        workspace_path: RelativePath::root(),
        path,
        format,
        mode,
        readers: Vec::new(),
        reader_evidence: Vec::new(),
        keys: Vec::new(),
    }
}

fn place_of(asked: &AskedKey, spec: &EnvSpec) -> RelativePath {
    let with_key = || spec.files.iter().find(|file| file.keys.iter().any(|slot| slot.key == asked.key));
    let named = asked.file.clone();
    named.or_else(|| with_key().or(spec.files.first()).map(EnvFile::place)).unwrap_or_else(RelativePath::dotenv)
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(json: &str) -> EnvSpec {
        EnvSpec::from_json(json).expect("a spec")
    }

    fn ask(json: &str) -> Ask {
        serde_json::from_str(json).expect("an ask")
    }

    #[test]
    fn a_key_goes_to_the_file_that_is_named_or_has_it_or_comes_first() {
        let known = spec(r#"{"files":[{"path":"a","keys":[{"key":"A"}]},{"path":"b","keys":[{"key":"B"}]}]}"#);
        let asked = ask(r#"{"keys":[{"key":"B"},{"key":"C"},{"key":"D","file":"web/.env"}]}"#);
        let keys = asked.clone().checked(&known).expect("it is fine");
        assert_eq!(keys.iter().map(|key| key.place.as_str()).collect::<Vec<_>>(), ["b", "a", "web/.env"]);
        let keys = asked.checked(&EnvSpec::default()).expect("it is fine without a spec");
        assert_eq!(keys[0].place.as_str(), ".env");
    }

    #[test]
    fn asking_adds_slots_and_never_doubles_or_changes_one() {
        let known = spec(r#"{"files":[{"path":".env","keys":[{"key":"A","required":false}]}]}"#);
        let keys = ask(r#"{"keys":[{"key":"A"},{"key":"B","secret":false}]}"#).checked(&known).expect("fine");
        let both = known.with_asked(keys.iter().chain(&keys));
        assert_eq!(both.slot_count(), 2);
        assert!(!both.files[0].keys[0].required, "the spec's own slot stands");
        assert_eq!(both.files[0].keys[1].secret, Some(false));
    }

    #[test]
    fn a_key_that_was_skipped_or_expired_is_no_slot_any_more() {
        let mut keys = ask(r#"{"keys":[{"key":"A"},{"key":"B"}]}"#).checked(&EnvSpec::default()).expect("fine");
        (keys[0].outcome, keys[1].outcome) = (Some(KeyOutcome::Skipped), Some(KeyOutcome::Submitted));
        let left = EnvSpec::default().with_asked(&keys);
        assert_eq!(left.files[0].keys.iter().map(|slot| slot.key.as_str()).collect::<Vec<_>>(), ["B"]);
    }

    #[test]
    fn a_key_goes_only_to_an_env_file_or_one_that_people_accepted() {
        let asked = ask(r#"{"keys":[{"key":"registry","file":"web/.npmrc"}]}"#);
        let error = asked.clone().checked(&EnvSpec::default()).expect_err("npm reads it");
        assert_eq!(error.problems[0].field, "keys[0].file");
        let known = spec(r#"{"files":[{"workspacePath":"web","path":".npmrc","keys":[]}]}"#);
        assert_eq!(asked.checked(&known).map(|keys| keys[0].place.to_string()), Ok("web/.npmrc".to_owned()));
    }

    #[test]
    fn every_problem_of_an_ask_is_named_with_its_field() {
        let bad = ask(r#"{"keys":[{"key":"A"},{"key":"A"},{"key":"UID","file":"."}],"expiresInSeconds":1}"#);
        let error = bad.checked(&EnvSpec::default()).expect_err("it is bad");
        let fields: Vec<_> = error.problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["expiresInSeconds", "keys[2].file", "keys[1].key", "keys[2].key"]);
        let nothing = ask(r#"{"keys":[]}"#).checked(&EnvSpec::default()).expect_err("nothing is asked");
        assert_eq!(nothing.problems[0].field, "keys");
    }
}
