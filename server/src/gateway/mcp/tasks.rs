//! Waits that may outlast a client's patience, as tasks of the protocol's extension. What is waited for is stored, so a
//! task is nothing but its name, and every server of the instance answers for it.

use super::{answered, refused};
use crate::gateway::answers::RequestAnswer;
use crate::gateway::awaited::Awaited;
use crate::gateway::proposals::ProposalAnswer;
use crate::gateway::snapshots::SnapshotAnswer;
use crate::gateway::{Agent, Problem};
use domain::ids::RequestId;
use jiff::Timestamp;
use rmcp::ErrorData;
use rmcp::model::{
    CallToolResponse, CreateTaskResult, DetailedTask, GetTaskResult, JsonObject, Task, TaskPayload, TaskStatus,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// How long a client should rest between two looks, in milliseconds.
const REST: u64 = 2_000;

/// Whether the client takes a task in the place of an answer.
pub(super) fn takes_tasks(context: &RequestContext<RoleServer>) -> bool {
    context.client_capabilities().is_some_and(|capabilities| capabilities.supports_tasks())
}

/// The task that stands for something that is not over.
pub(super) fn begun<T: Awaited>(answer: &T) -> CallToolResponse {
    CallToolResponse::Task(CreateTaskResult::new(task(answer)))
}

/// How a task stands; once it is over, with the answer of the call that began it.
pub(super) async fn look(agent: &Agent, name: &str) -> Result<GetTaskResult, ErrorData> {
    let (place, id) = name.split_once('/').ok_or_else(|| unknown(name))?;
    match place {
        RequestAnswer::PLACE => state::<RequestAnswer>(agent, id, name).await,
        ProposalAnswer::PLACE => state::<ProposalAnswer>(agent, id, name).await,
        SnapshotAnswer::PLACE => state::<SnapshotAnswer>(agent, id, name).await,
        _ => Err(unknown(name)),
    }
}

/// Calls off what can be: a request for values. Proposals are people's to decide, and snapshots are saved to their end.
pub(super) async fn cancel(agent: &Agent, name: &str) -> Result<(), ErrorData> {
    let begun = look(agent, name).await?;
    let request = name.strip_prefix(RequestAnswer::PLACE).and_then(|rest| rest.strip_prefix('/'));
    if let (TaskPayload::Working, Some(id)) = (&begun.task.payload, request) {
        // Whoever answers at this moment comes first.
        let _ = agent.cancel_request(&RequestId::from(id)).await;
    }
    Ok(())
}

async fn state<T: Awaited>(agent: &Agent, id: &str, name: &str) -> Result<GetTaskResult, ErrorData> {
    let payload = match agent.look::<T>(Some(T::Id::from(id.to_owned())), Duration::ZERO).await {
        Ok(answer) if answer.is_open() => {
            return Ok(GetTaskResult::new(DetailedTask::new(task(&answer), TaskPayload::Working)));
        }
        Ok(answer) => (task(&answer), answered(Ok(answer))),
        Err(Problem { status: 404, .. }) => return Err(unknown(name)),
        Err(problem) => return Err(ErrorData::internal_error(problem.detail, None)),
    };
    let (task, answer) = payload;
    let result = completed(answer.unwrap_or_else(refused))?;
    Ok(GetTaskResult::new(DetailedTask::new(task, TaskPayload::Completed { result })))
}

fn completed(answer: CallToolResponse) -> Result<JsonObject, ErrorData> {
    let CallToolResponse::Complete(result) = answer else { return Ok(JsonObject::new()) };
    match serde_json::to_value(result) {
        Ok(Value::Object(result)) => Ok(result),
        _ => Err(ErrorData::internal_error("the answer cannot be written", None)),
    }
}

fn task<T: Awaited>(answer: &T) -> Task {
    let id = answer.id().to_string();
    let now = Timestamp::now();
    let status = if answer.is_open() { TaskStatus::Working } else { TaskStatus::Completed };
    Task::new(format!("{}/{id}", T::PLACE), status, begin(&id).unwrap_or(now).to_string(), now.to_string())
        .with_status_message(answer.words())
        .with_poll_interval_ms(REST)
}

/// When something began, which its id tells.
fn begin(id: &str) -> Option<Timestamp> {
    let (seconds, nanos) = Uuid::parse_str(id).ok()?.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?).ok()
}

fn unknown(name: &str) -> ErrorData {
    ErrorData::invalid_params(format!("There is no task {name:?} in this session."), None)
}
