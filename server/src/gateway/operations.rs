//! Every tool with its words and shapes: the one list behind MCP's tools and the OpenAPI document.

use super::answers::{
    CancelAsk, CommandsAnswer, CommandsAsk, FinishAsk, FinishedAnswer, NotesAnswer, NotesAsk, Nothing, RequestAnswer,
    RequestAsk, SavedAnswer,
};
use super::environment::EnvironmentAnswer;
use super::proposals::{ProposalAnswer, ProposalLook};
use super::snapshots::{SnapshotAnswer, SnapshotAsk, SnapshotLook};
use domain::request::Ask;
use domain::{EnvSpec, limits};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// A tool, and the HTTP call that does the same.
pub(super) struct Operation {
    /// Name of the tool, and id of the operation.
    pub tool: &'static str,
    /// In a few words, for people.
    pub title: &'static str,
    /// When to call it and what comes back, for a model.
    pub description: String,
    /// Method of the HTTP call.
    pub method: &'static str,
    /// Its path below `/api/v1`.
    pub path: &'static str,
    /// Its status when it succeeds.
    pub status: u16,
    /// Whether its body is what the tool takes; otherwise path and query name it.
    pub has_body: bool,
    /// What its query takes: name, meaning, and the largest number.
    pub query: &'static [(&'static str, &'static str, u32)],
    /// What the tool takes.
    pub input: Shape,
    /// What it answers.
    pub output: Shape,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// Whether doing it twice is like doing it once.
    pub idempotent: bool,
}

/// The shape of a type.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// As a document of its own.
    pub root: fn(SchemaGenerator) -> Schema,
    /// As a part of another document.
    pub part: fn(&mut SchemaGenerator) -> Schema,
}

impl Shape {
    fn of<T: JsonSchema>() -> Self {
        Self { root: SchemaGenerator::into_root_schema_for::<T>, part: SchemaGenerator::subschema_for::<T> }
    }
}

const WAIT: (&str, &str, u32) =
    ("wait", "Seconds to wait for people's answer; at once when not given.", limits::WAIT_SECONDS);
const DECIDED: (&str, &str, u32) =
    ("wait", "Seconds to wait for a person's decision; at once when not given.", limits::WAIT_SECONDS);
const SAVED: (&str, &str, u32) =
    ("wait", "Seconds to wait until it is saved; at once when not given.", limits::WAIT_SECONDS);
const AFTER: (&str, &str, u32) = ("after", "Only notes after this number; all when not given.", u32::MAX);

/// All of them.
pub(super) fn all() -> Vec<Operation> {
    let base = |tool, title, description: String| Operation {
        tool,
        title,
        description,
        method: "get",
        path: "",
        status: 200,
        has_body: false,
        query: &[],
        input: Shape::of::<Nothing>(),
        output: Shape::of::<Nothing>(),
        read_only: true,
        idempotent: true,
    };
    vec![
        Operation {
            method: "put",
            path: "/env-files",
            has_body: true,
            input: Shape::of::<EnvSpec>(),
            output: Shape::of::<SavedAnswer>(),
            read_only: false,
            ..base("save_env_files", "Save which env files the project needs", save())
        },
        Operation {
            method: "post",
            path: "/requests",
            status: 201,
            has_body: true,
            query: &[WAIT],
            input: Shape::of::<Ask>(),
            output: Shape::of::<RequestAnswer>(),
            read_only: false,
            idempotent: false,
            ..base("request_env_variables", "Ask people for values", request())
        },
        Operation {
            path: "/requests/{id}",
            query: &[WAIT],
            input: Shape::of::<RequestAsk>(),
            output: Shape::of::<RequestAnswer>(),
            ..base("get_request", "Look at a request for values", look())
        },
        Operation {
            method: "delete",
            path: "/requests/{id}",
            input: Shape::of::<CancelAsk>(),
            output: Shape::of::<RequestAnswer>(),
            read_only: false,
            idempotent: false,
            ..base("cancel_request", "Call a request for values off", cancel())
        },
        Operation {
            path: "/proposals/{id}",
            query: &[DECIDED],
            input: Shape::of::<ProposalLook>(),
            output: Shape::of::<ProposalAnswer>(),
            ..base("get_proposal", "Look at a proposal", look_at_proposal())
        },
        Operation {
            path: "/environment",
            output: Shape::of::<EnvironmentAnswer>(),
            ..base("get_environment", "Look at the environment", environment())
        },
        Operation {
            method: "put",
            path: "/service-commands",
            has_body: true,
            input: Shape::of::<CommandsAsk>(),
            output: Shape::of::<CommandsAnswer>(),
            read_only: false,
            ..base("save_service_commands", "Propose the auto-start commands", save_commands())
        },
        Operation {
            path: "/service-commands",
            output: Shape::of::<CommandsAnswer>(),
            ..base("get_service_commands", "Look at the auto-start commands", commands())
        },
        Operation {
            path: "/notes",
            query: &[AFTER],
            input: Shape::of::<NotesAsk>(),
            output: Shape::of::<NotesAnswer>(),
            ..base("read_notes", "Read what people left for you", notes())
        },
        Operation {
            method: "post",
            path: "/snapshots",
            status: 201,
            has_body: true,
            query: &[SAVED],
            input: Shape::of::<SnapshotAsk>(),
            output: Shape::of::<SnapshotAnswer>(),
            read_only: false,
            idempotent: false,
            ..base("save_snapshot", "Save a snapshot of the workspace", save_snapshot())
        },
        Operation {
            path: "/snapshots/{id}",
            query: &[SAVED],
            input: Shape::of::<SnapshotLook>(),
            output: Shape::of::<SnapshotAnswer>(),
            ..base("get_snapshot", "Look at a snapshot", look_at_snapshot())
        },
        Operation {
            method: "post",
            path: "/finish",
            has_body: true,
            input: Shape::of::<FinishAsk>(),
            output: Shape::of::<FinishedAnswer>(),
            read_only: false,
            idempotent: false,
            ..base("finish_setup", "Finish the setup", finish())
        },
    ]
}

/// What an agent should know before it calls anything.
pub(super) const INSTRUCTIONS: &str = "Keyslot manages the environment variables of this session. Save which env \
    files the project needs with save_env_files as soon as you know some of them, and again whenever you learn more. \
    People fill in the values on a page that you never see; you get names and outcomes, and the values are in the \
    env files of the sandbox. What changes more than this session (auto-start commands, the snapshot that others start \
    from, files that are no env files by name, finishing with values missing) is a proposal: the answer holds it as \
    pending, a person accepts or declines it, and get_proposal waits for that. Never ask for a secret value in the chat, never print one, and do not write env files \
    yourself. Read people's notes with read_notes before you decide something for them.";

fn save() -> String {
    format!(
        "Save which env files the project needs and which keys stand in them. Call it as soon as you know the first \
         keys (from .env.example files, docker compose files, uses in code) and again whenever you learn more: each \
         call replaces the whole spec, so send all files and keys, not only new ones. Give every key a description \
         that tells a person where to get the value, and evidence (path and line) where the code uses it. Do not put \
         secret values into default or suggestions. Files that are no env files by their name (.npmrc, config.json) \
         are not saved at once: the answer's proposal says that a person has to accept them. A spec with a mistake is refused whole and every wrong field is \
         named. Saving the same spec twice changes nothing. Answers the version, what changed, and how many required \
         values are missing. At most {} files, {} keys a file and {} keys in all.",
        limits::FILES,
        limits::KEYS_PER_FILE,
        limits::KEYS
    )
}

fn request() -> String {
    "Ask people for values that you need now. Keys that have a value are answered already_set at once; people see a \
     card with the others. Over MCP the call waits, with progress, until every key is submitted or skipped, the \
     request expires or is called off; with \"waitSeconds\": 0, or when your client cannot wait, it answers pending \
     with an id for get_request. Give people the link in the answer while it is pending. Comes back: each key with \
     its outcome (submitted, skipped, already_set, expired, cancelled) and never a value; submitted values are in the \
     env files by then. You need not ask for required keys of the spec just to have them filled in: people are asked \
     for those anyway."
        .to_owned()
}

fn look() -> String {
    format!(
        "Look at a request for values again, for instance after request_env_variables answered pending. Without an id \
         it is the session's newest pending request. With waitSeconds (at most {}) it waits for people, which is \
         better than asking again and again. Comes back: the same as from request_env_variables.",
        limits::WAIT_SECONDS
    )
}

fn cancel() -> String {
    "Call off a pending request whose values you no longer need. People see that they are no longer asked. A request \
     that is closed already is refused."
        .to_owned()
}

fn look_at_proposal() -> String {
    format!(
        "Look at a proposal, for instance after save_service_commands answered with a pending one. Without an id it is \
         the session's newest pending one. With waitSeconds (at most {}) it waits until a person accepts or declines it, \
         which is better than asking again and again. Comes back: pending, accepted, declined (with the person's reason), \
         superseded by what you proposed since, or expired with the session.",
        limits::WAIT_SECONDS
    )
}

fn environment() -> String {
    "Look at the env files of this session: every key with its status (set, default, missing, conflict, unreadable), \
     where its value comes from, counts, whether a boot would be complete, whether the session waits for values, and \
     the receipt of the newest boot: what was written into which file, and what was left out. Never a value. Call it when you start, \
     and before you finish the setup."
        .to_owned()
}

fn save_commands() -> String {
    format!(
        "Propose the commands that every work session of this configuration runs once its env files are written, such as \
         the installation and the development server. Each call stands for the whole list. A person has to accept it: the answer holds the pending proposal, \
         for get_proposal. What is stored already needs nobody. They start one after the \
         other by sh -c in the workspace: the next one when the one before has ended with status 0 or has stayed up \
         for 2 seconds, and none after one that fails. They get no values in their environment or arguments: have \
         them read the env files. Never put a secret value into a command; it is stored and shown. This session's own \
         commands go on as they are. At most {} commands of {} characters.",
        limits::COMMANDS,
        limits::COMMAND_CHARS
    )
}

fn commands() -> String {
    "Look at the auto-start commands: what is stored for the configuration, and where those stand that this session \
     started (waiting, running, exited, failed with its status, stopped). Never what they printed: people see that in \
     the session's Auto-start tab. Call it before you save them, and to see whether a service runs."
        .to_owned()
}

fn notes() -> String {
    "Read notes that people left for you in the session's thread. Call it when you start, after you waited, and before \
     you finish. Pass the answer's last as after to get only newer ones."
        .to_owned()
}

fn save_snapshot() -> String {
    "Save a snapshot of the workspace, from which later sessions start instead of cloning and installing again. Call \
     it when the project is installed and built, before finish_setup. Keyslot takes its values out of the env files, \
     searches every file and git object for all values, archives the workspace and writes the values back; the env \
     files are away meanwhile. A workspace that holds a value anywhere is not kept: the answer is blocked and names \
     file, line and key, never the value. That later sessions start from it is a proposal, which a person has to accept: \
     wait for that with get_proposal before you finish. Over MCP the call waits, with progress, until it is saved; with \
     \"waitSeconds\": 0 it answers saving with an id for get_snapshot."
        .to_owned()
}

fn look_at_snapshot() -> String {
    format!(
        "Look at a snapshot again, for instance after save_snapshot answered saving. Without an id it is the session's \
         newest one. With waitSeconds (at most {}) it waits until the snapshot is saved. Comes back: the same as from \
         save_snapshot.",
        limits::WAIT_SECONDS
    )
}

fn finish() -> String {
    "Finish the setup session when the spec is complete and required values are filled in. While required values are \
     missing it is refused and names them; ask people for them. With anyway it is proposed to people instead, and \
     finished when a person accepts that. The session ends with it, and so do your access and every other proposal that \
     is pending."
        .to_owned()
}
