//! Calls that wait for people, with progress while they do.

use super::{answered, arguments, tasks};
use crate::gateway::answers::RequestAnswer;
use crate::gateway::awaited::{self, Awaited};
use crate::gateway::snapshots::SnapshotAsk;
use crate::gateway::{Agent, Problem, json};
use app::api::ApiError;
use domain::ids::RequestId;
use domain::limits;
use domain::request::{Ask, RequestState};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ElicitRequest, ElicitRequestParams, InputRequest, InputRequiredResult,
    JsonObject, ProgressNotificationParam, ProtocolVersion,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How often a waiting client hears that it still goes on, and the token is looked at again.
const BEAT: Duration = Duration::from_secs(5);
/// How long a call waits whose client asked for no progress: below the 60 seconds after which most give up.
const SILENT: Duration = Duration::from_secs(45);
/// Name of the argument, beside those of [`Ask`].
const WAIT: &str = "waitSeconds";
/// Name of the question that offers the card's link.
const CARD: &str = "card";

/// Adds the argument that says how long to wait.
pub(super) fn add_to(schema: &mut JsonObject, tool: &str) {
    let what = if tool == "save_snapshot" { "until it is saved" } else { "until they answered" };
    let description = format!(
        "Longest time to wait, in seconds; 0 answers at once. When not given: {what} if the client takes progress \
         notifications, else 45 seconds."
    );
    let maximum = limits::REQUEST_SECONDS_MAX;
    let wait = serde_json::json!({ "type": "integer", "minimum": 0, "maximum": maximum, "description": description });
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(WAIT.to_owned(), wait);
    }
}

/// `request_env_variables`: asks, offers the link where the client can show one, and waits.
pub(super) async fn request_env_variables(
    agent: &Agent,
    call: CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, Problem> {
    let mut given = call.arguments.unwrap_or_default();
    let patience = patience(&mut given)?;
    let answer = match call.request_state {
        // The client comes back from showing the link; a request of another session is not found.
        Some(state) => {
            let answer = agent.look::<RequestAnswer>(Some(RequestId::from(state)), Duration::ZERO).await?;
            let shown = call.input_responses.as_ref().and_then(|given| given.get(CARD)).map(|card| &card["action"]);
            if shown.is_some_and(|action| action != "accept") {
                // The person at the agent opened no page; others are asked all the same, and nobody is kept waiting.
                return answered(Ok(answer));
            }
            answer
        }
        None => {
            let asked = agent.request_env_variables(arguments::<Ask>(given)?).await?;
            let waits = asked.state == RequestState::Pending && patience != Some(Duration::ZERO);
            if waits && shows_links(context) {
                return Ok(CallToolResponse::InputRequired(offer(&asked)));
            }
            asked
        }
    };
    over_or_task(agent, answer, patience, context).await
}

/// `save_snapshot`: begins, and waits until it is saved or over.
pub(super) async fn save_snapshot(
    agent: &Agent,
    mut given: JsonObject,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, Problem> {
    let patience = patience(&mut given)?;
    let answer = agent.save_snapshot(arguments::<SnapshotAsk>(given)?).await?;
    over_or_task(agent, answer, patience, context).await
}

/// `get_request`, `get_proposal` and `get_snapshot`: looks, and waits if asked to.
pub(super) async fn look<T: Awaited>(
    agent: &Agent,
    id: Option<T::Id>,
    wait_seconds: u32,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, Problem> {
    let patience = awaited::patience(WAIT, wait_seconds)?;
    let answer = agent.look::<T>(id, Duration::ZERO).await?;
    over_or_task(agent, answer, Some(patience), context).await
}

/// Waits; or, where that may take longer than clients have patience, answers a task to those that take one.
async fn over_or_task<T: Awaited>(
    agent: &Agent,
    answer: T,
    patience: Option<Duration>,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, Problem> {
    let is_long = patience.is_none_or(|patience| patience > SILENT);
    if answer.is_open() && is_long && tasks::takes_tasks(context) {
        return Ok(tasks::begun(&answer));
    }
    answered(until_over(agent, answer, patience, context).await)
}

/// Waits until it is over, `patience` is or the token is out of force.
async fn until_over<T: Awaited>(
    agent: &Agent,
    mut answer: T,
    patience: Option<Duration>,
    context: &RequestContext<RoleServer>,
) -> Result<T, Problem> {
    let token = context.meta.get_progress_token();
    let patience = patience.or(token.is_none().then_some(SILENT));
    let (started, mut beats) = (Instant::now(), 0.0);
    let left = || patience.map(|patience| patience.saturating_sub(started.elapsed()));
    // Whoever keeps enough calls waiting already is answered at once.
    let Some(_waiting) = agent.may_wait() else { return Ok(answer) };
    while answer.is_open() && left() != Some(Duration::ZERO) {
        if let Some(token) = token.clone() {
            let progress = ProgressNotificationParam::new(token, beats).with_message(answer.words());
            // A client that does not listen any more cancels the call, which ends the loop below.
            let _ = context.peer.notify_progress(progress).await;
            beats += 1.0;
        }
        let slice = left().map_or(BEAT, |left| left.min(BEAT));
        tokio::select! {
            () = context.ct.cancelled() => return Ok(answer),
            () = agent.closing() => return Ok(answer),
            looked = T::later(agent, answer.id(), slice) => answer = looked?,
        }
        agent.still_welcome().await.or_else(|problem| if answer.is_open() { Err(problem) } else { Ok(()) })?;
    }
    Ok(answer)
}

/// Whether the client can show a person a link, and takes an input-required result. Clients of older protocols say so
/// only once, when they connect, which a later call does not know.
///
/// Claude Code opens links but declares elicitation without its `url` mode, so it is known by its name.
fn shows_links(context: &RequestContext<RoleServer>) -> bool {
    let new = context.meta.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
    let elicitation = context.meta.client_capabilities().and_then(|capabilities| capabilities.elicitation);
    let by_name = || context.meta.client_info().is_some_and(|client| client.name == "claude-code");
    new && elicitation.is_some_and(|elicitation| elicitation.url.is_some() || by_name())
}

/// Offers the link to the card. It holds neither a secret nor a right: whoever opens it must be signed in.
fn offer(asked: &RequestAnswer) -> InputRequiredResult {
    let keys: Vec<_> = asked.keys.iter().filter(|key| key.outcome.is_none()).map(|key| key.key.as_str()).collect();
    let question = ElicitRequestParams::UrlElicitationParams {
        meta: None,
        message: format!("Values are needed for {}. Fill them in on Keyslot's page.", keys.join(", ")),
        url: asked.url.clone(),
        elicitation_id: asked.id.to_string(),
    };
    let question = InputRequest::Elicitation(ElicitRequest::new(question));
    InputRequiredResult::new(Some(BTreeMap::from([(CARD.to_owned(), question)])), Some(asked.id.to_string()))
}

/// How long a call may take that asks for something, as it says itself; nothing when it does not.
fn patience(given: &mut JsonObject) -> Result<Option<Duration>, Problem> {
    let wait = match given.remove(WAIT).unwrap_or(Value::Null) {
        Value::Null => return Ok(None),
        wait => wait,
    };
    let limit = u64::from(limits::REQUEST_SECONDS_MAX);
    let seconds = json::from_value::<u64>(wait).ok().filter(|seconds| *seconds <= limit);
    let seconds =
        seconds.ok_or_else(|| ApiError::invalid(WAIT, format!("must be a whole number from 0 to {limit}")))?;
    Ok(Some(Duration::from_secs(seconds)))
}
