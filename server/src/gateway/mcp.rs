//! The tools over MCP: streamable HTTP at `/mcp`.
//!
//! There are no MCP sessions: every call carries its token, so any server process answers it, and one that waits holds
//! its own event stream, on which progress goes out. What such a stream cannot do is ask the client something; clients
//! of protocol 2026-07-28 are offered the card's link by an input-required result, all others by the answer's text.

mod tasks;
mod wait;

use super::answers::{CancelAsk, CommandsAsk, FinishAsk, NotesAsk, Nothing, RequestAnswer, RequestAsk};
use super::operations::{self, Operation};
use super::proposals::{ProposalAnswer, ProposalLook};
use super::snapshots::{SnapshotAnswer, SnapshotLook};
use super::{Agent, Bearer, Problem, schemas};
use crate::service::Keyslot;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::EnvSpec;
use domain::limits;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams, ContentBlock, CustomRequest,
    CustomResult, ErrorCode, GetTaskParams, GetTaskResult, Implementation, JsonObject, ListToolsResult,
    PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// The protocols whose rules are kept. Older ones ask for batches (2025-03-26) or another transport (2024-11-05).
pub(super) const VERSIONS: [ProtocolVersion; 3] =
    [ProtocolVersion::V_2026_07_28, ProtocolVersion::V_2025_11_25, ProtocolVersion::V_2025_06_18];

/// The methods that the server has.
const METHODS: [&str; 8] =
    ["initialize", "server/discover", "ping", "tools/list", "tools/call", "tasks/get", "tasks/update", "tasks/cancel"];

/// The endpoint, for whoever the guard let in.
pub(super) fn service(keyslot: &Keyslot) -> StreamableHttpService<Mcp, NeverSessionManager> {
    let mcp = Mcp { keyslot: keyslot.clone(), tools: operations::all().iter().map(tool).collect() };
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_cancellation_token(keyslot.events().closing())
        .with_max_request_body_bytes(limits::CALL_BYTES)
        // The guard has looked at the origin: stricter, and with a problem as the answer.
        .disable_allowed_hosts();
    StreamableHttpService::new(move || Ok(mcp.clone()), Arc::default(), config)
}

/// One call's server. Holds nothing that outlives the call.
#[derive(Clone)]
pub(super) struct Mcp {
    keyslot: Keyslot,
    tools: Arc<[Tool]>,
}

impl ServerHandler for Mcp {
    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(&VERSIONS)
    }

    fn get_info(&self) -> ServerConfig {
        let me = Implementation::new("keyslot", env!("CARGO_PKG_VERSION")).with_title("Keyslot");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_tasks().build())
            .with_server_info(me)
            .with_instructions(operations::INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, rmcp::ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.to_vec()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, rmcp::ErrorData> {
        let agent = self.agent(&context)?;
        if self.get_tool(&call.name).is_none() {
            let words = format!("There is no tool {:?}.", call.name);
            return Err(rmcp::ErrorData::invalid_params(words, None));
        }
        Ok(run(&agent, call, &context).await.unwrap_or_else(refused))
    }

    async fn get_task(
        &self,
        asked: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, rmcp::ErrorData> {
        tasks::look(&self.agent(&context)?, &asked.task_id).await
    }

    async fn cancel_task(
        &self,
        asked: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), rmcp::ErrorData> {
        tasks::cancel(&self.agent(&context)?, &asked.task_id).await
    }

    /// A method that nobody knows, or one whose parameters the protocol's library could not read.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, rmcp::ErrorData> {
        let method = request.method.as_str();
        Err(match METHODS.contains(&method) {
            true => rmcp::ErrorData::invalid_params(format!("The parameters are not those of {method}."), None),
            false => {
                let words = format!("There is no method {method:?}.");
                rmcp::ErrorData::new(ErrorCode::METHOD_NOT_FOUND, words, None)
            }
        })
    }
}

impl Mcp {
    /// The agent whose token the guard has looked at.
    fn agent(&self, context: &RequestContext<RoleServer>) -> Result<Agent, rmcp::ErrorData> {
        let bearer = context.extensions.get::<Parts>().and_then(|parts| parts.extensions.get::<Bearer>()).cloned();
        let bearer = bearer.ok_or_else(|| rmcp::ErrorData::internal_error("no token was looked at", None))?;
        Ok(Agent::new(self.keyslot.clone(), bearer))
    }
}

async fn run(
    agent: &Agent,
    call: CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, Problem> {
    let given = call.arguments.clone().unwrap_or_default();
    match call.name.as_ref() {
        "save_env_files" => answered(agent.save_env_files(arguments::<EnvSpec>(given)?).await),
        "request_env_variables" => wait::request_env_variables(agent, call, context).await,
        "save_snapshot" => wait::save_snapshot(agent, given, context).await,
        "get_snapshot" => {
            let ask = arguments::<SnapshotLook>(given)?;
            wait::look::<SnapshotAnswer>(agent, ask.id, ask.wait_seconds, context).await
        }
        "get_proposal" => {
            let ask = arguments::<ProposalLook>(given)?;
            wait::look::<ProposalAnswer>(agent, ask.id, ask.wait_seconds, context).await
        }
        "get_request" => {
            let ask = arguments::<RequestAsk>(given)?;
            wait::look::<RequestAnswer>(agent, ask.id, ask.wait_seconds, context).await
        }
        "cancel_request" => answered(agent.cancel_request(&arguments::<CancelAsk>(given)?.id).await),
        "get_environment" => {
            arguments::<Nothing>(given)?;
            answered(agent.get_environment().await)
        }
        "save_service_commands" => answered(agent.save_service_commands(arguments::<CommandsAsk>(given)?).await),
        "get_service_commands" => {
            arguments::<Nothing>(given)?;
            answered(agent.get_service_commands().await)
        }
        "read_notes" => answered(agent.read_notes(arguments::<NotesAsk>(given)?).await),
        "finish_setup" => answered(agent.finish_setup(arguments::<FinishAsk>(given)?).await),
        name => {
            let detail = format!("There is no tool {name:?}.");
            Err(Problem::new(StatusCode::NOT_FOUND, "not-found", "There is no such tool", detail))
        }
    }
}

/// Reads a tool's arguments; a field of another shape is named.
fn arguments<T: DeserializeOwned>(given: JsonObject) -> Result<T, Problem> {
    super::json::from_value(Value::Object(given))
}

fn answered<T: Serialize>(answer: Result<T, Problem>) -> Result<CallToolResponse, Problem> {
    let answer = serde_json::to_value(answer?).map_err(crate::service::ServiceError::from)?;
    Ok(CallToolResult::structured(answer).into())
}

/// A problem as a tool's answer, so that the model reads what is wrong and what to do. It is JSON in the text: clients
/// hold structured content against the tool's output schema, also when it tells of an error.
fn refused(problem: Problem) -> CallToolResponse {
    let text = serde_json::to_string(&problem).unwrap_or(problem.detail);
    CallToolResult::error(vec![ContentBlock::text(text)]).into()
}

/// A tool as the client lists it.
fn tool(operation: &Operation) -> Tool {
    let input = (operation.input.root)(schemas::settings_for_calls().into_generator());
    let output = (operation.output.root)(schemas::settings().for_serialize().into_generator());
    let mut input = object(input.to_value());
    if let "request_env_variables" | "save_snapshot" = operation.tool {
        wait::add_to(&mut input, operation.tool);
    }
    let annotations = ToolAnnotations::from_raw(
        Some(operation.title.to_owned()),
        Some(operation.read_only),
        Some(operation.tool == "finish_setup"),
        Some(operation.idempotent),
        Some(false),
    );
    Tool::new(operation.tool, operation.description.clone(), Arc::new(input))
        .with_title(operation.title)
        .with_raw_output_schema(Arc::new(object(output.to_value())))
        .with_annotations(annotations)
}

fn object(schema: Value) -> JsonObject {
    match schema {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}
