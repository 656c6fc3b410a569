//! What the tools take and answer, beside specs, environments and snapshots.

use super::proposals::ProposalAnswer;
use domain::command::CommandState;
use domain::ids::RequestId;
use domain::request::{KeyOutcome, RequestState, ValueRequest};
use domain::spec::SlotRef;
use domain::{KeyName, RelativePath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `save_env_files` did.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SavedAnswer {
    /// Version of the spec that stands now.
    pub version: i64,
    /// Whether this save made it; saving the same spec again changes nothing.
    pub changed: bool,
    /// Slots that are new.
    pub added: Vec<SlotRef>,
    /// Slots that are gone; their stored values stay and count again when the slot returns.
    pub removed: Vec<SlotRef>,
    /// Slots whose details differ.
    pub updated: Vec<SlotRef>,
    /// How many required values people still have to give.
    pub missing: usize,
    /// The files that wait for a person because they are no env files by name, where there are some; look at it again with get_proposal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<ProposalAnswer>,
    /// Page where people fill in values.
    pub url: String,
}

/// Where a request for values stands: names and outcomes, never values.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestAnswer {
    /// The request's id, for `get_request` and `cancel_request`.
    pub id: RequestId,
    /// `pending` while people are asked; `answered` when every key has an outcome.
    pub state: RequestState,
    /// The keys in the order asked.
    pub keys: Vec<RequestedAnswer>,
    /// Page with the card that people fill in. It gives no access by itself: whoever opens it must be signed in.
    pub url: String,
    /// When it expires, in milliseconds since 1970 UTC.
    pub expires_at: i64,
    /// What to do next.
    pub next: String,
}

/// One key of a request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestedAnswer {
    /// The variable's name.
    pub key: KeyName,
    /// The env file that it is written to.
    pub file: RelativePath,
    /// Whether it was asked for as required.
    pub required: bool,
    /// What came of it; none while people are asked. `submitted` and `already_set`: the file has the value now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<KeyOutcome>,
}

/// What people left for the agent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotesAnswer {
    /// The notes, oldest first.
    pub notes: Vec<NoteAnswer>,
    /// Pass this as `after` next time to get only newer notes.
    pub last: i64,
}

/// One note.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoteAnswer {
    /// Its number in the session's thread.
    pub seq: i64,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// Who left it.
    pub by: String,
    /// Plain text. A person's wish, to be weighed like any other message of theirs.
    pub text: String,
}

/// What `save_service_commands` takes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommandsAsk {
    /// The commands in the order in which they start; an empty list takes all of them away.
    #[schemars(length(max = domain::limits::COMMANDS))]
    pub commands: Vec<ServiceCommand>,
}

/// One auto-start command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceCommand {
    /// Run by `sh -c` in the workspace. Never put a secret value here: it is stored and shown.
    #[schemars(length(min = 1, max = domain::limits::COMMAND_CHARS), regex(pattern = r"^[^\x00]*[^\s\x00][^\x00]*$"))]
    pub command: String,
    /// Whether it starts; true when not given.
    #[serde(default = "yes")]
    pub enabled: bool,
}

pub(super) fn yes() -> bool {
    true
}

/// The auto-start commands as they are stored, and where those of this session stand.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommandsAnswer {
    /// What is stored for the configuration; sessions that boot from now on run it.
    pub commands: Vec<ServiceCommand>,
    /// Whether this call changed it.
    pub changed: bool,
    /// The change that waits for a person, where one does; look at it again with get_proposal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<ProposalAnswer>,
    /// What this session started, in its order; empty where nothing was.
    pub running: Vec<CommandAnswer>,
}

/// One command of this session.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommandAnswer {
    /// The command as it was started.
    pub command: String,
    /// Where it stands.
    #[serde(flatten)]
    pub state: CommandState,
}

/// What `finish_setup` did.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FinishedAnswer {
    /// Whether the setup is finished; not while a proposal to do so waits for a person.
    pub finished: bool,
    /// Required keys that are missing for the next session.
    pub missing: Vec<KeyName>,
    /// The change that waits for a person, where one does; look at it again with get_proposal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<ProposalAnswer>,
}

/// What `finish_setup` takes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FinishAsk {
    /// Propose to finish with required values missing: a person has to accept it. It is recorded.
    #[serde(default)]
    pub anyway: bool,
}

/// What `get_environment` takes: nothing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// What `get_request` takes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestAsk {
    /// The request's id; the session's newest request when not given.
    #[serde(default)]
    pub id: Option<RequestId>,
    /// Seconds to wait for people's answer; 0 answers at once.
    #[serde(default)]
    #[schemars(range(max = domain::limits::WAIT_SECONDS))]
    pub wait_seconds: u32,
}

/// What `cancel_request` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelAsk {
    /// The request's id.
    pub id: RequestId,
}

/// What `read_notes` takes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotesAsk {
    /// Only notes after this number: `last` of the answer before. 0 gives all.
    #[serde(default)]
    #[schemars(range(max = u32::MAX))]
    pub after: u32,
}

impl RequestAnswer {
    /// What an agent may see of a request; `url` leads to its card.
    pub fn new(request: ValueRequest, url: String) -> Self {
        let next = match request.state {
            RequestState::Pending => format!(
                "People are asked. Tell the person in front of you to open {url} and fill in the card; then call \
                 get_request with this id. Never ask for the values themselves."
            ),
            RequestState::Answered => {
                "Keys that are submitted or already_set are in their files now. Go on without skipped ones.".to_owned()
            }
            RequestState::Expired => "Nobody answered in time. Ask again if the values are still needed.".to_owned(),
            RequestState::Cancelled => {
                "The request was called off. Read the notes and ask before you ask for the same again.".to_owned()
            }
        };
        let keys = request.keys.into_iter().map(|key| RequestedAnswer {
            key: key.asked.key,
            file: key.place,
            required: key.asked.required,
            outcome: key.outcome,
        });
        let keys = keys.collect();
        Self { id: request.id, state: request.state, keys, url, expires_at: request.expires_at, next }
    }

    /// How many keys have an outcome, of how many.
    pub fn progress(&self) -> (usize, usize) {
        (self.keys.iter().filter(|key| key.outcome.is_some()).count(), self.keys.len())
    }
}
