//! The tools as a plain HTTP API under `/api/v1`.

use super::answers::{CommandsAnswer, FinishAsk, FinishedAnswer, NotesAnswer, NotesAsk, RequestAnswer, SavedAnswer};
use super::awaited::{Awaited, patience};
use super::environment::EnvironmentAnswer;
use super::proposals::ProposalAnswer;
use super::snapshots::{SnapshotAnswer, SnapshotAsk};
use super::{Agent, Bearer, Problem};
use crate::service::Keyslot;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use domain::EnvSpec;
use domain::ids::RequestId;
use domain::request::Ask;
use domain::spec::FieldProblem;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// In the place of an id: the session's newest one.
const NEWEST: &str = "newest";

/// The routes, for whoever the guard let in.
pub(super) fn routes() -> Router<Keyslot> {
    Router::new()
        .route("/env-files", put(save_env_files))
        .route("/requests", post(request_env_variables))
        .route("/requests/{id}", get(look::<RequestAnswer>).delete(cancel_request))
        .route("/proposals/{id}", get(look::<ProposalAnswer>))
        .route("/environment", get(get_environment))
        .route("/service-commands", get(get_service_commands).put(save_service_commands))
        .route("/notes", get(read_notes))
        .route("/snapshots", post(save_snapshot))
        .route("/snapshots/{id}", get(look::<SnapshotAnswer>))
        .route("/finish", post(finish_setup))
        .method_not_allowed_fallback(|| async {
            let detail = "This address takes another method; see /api/v1/openapi.json.";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "The method is not allowed", detail)
        })
        .fallback(|| async { no_such_address() })
}

fn no_such_address() -> Problem {
    let detail = "There is nothing at this address; see /api/v1/openapi.json.";
    Problem::new(StatusCode::NOT_FOUND, "not-found", "There is no such address", detail)
}

/// The id in a path. There is nothing under one that is no text, or that no database can look for.
struct Id(String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| no_such_address())?;
        if id.contains('\0') { Err(no_such_address()) } else { Ok(Self(id)) }
    }
}

impl FromRequestParts<Keyslot> for Agent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, keyslot: &Keyslot) -> Result<Self, Problem> {
        let bearer = Extension::<Bearer>::from_request_parts(parts, &()).await;
        let Extension(bearer) =
            bearer.map_err(|_| Problem::unauthorised("token-missing", "No token was looked at."))?;
        Ok(Self::new(keyslot.clone(), bearer))
    }
}

#[derive(Deserialize)]
struct WaitQuery {
    #[serde(default, deserialize_with = "whole")]
    wait: u32,
}

#[derive(Deserialize)]
struct AfterQuery {
    #[serde(default, deserialize_with = "whole")]
    after: u32,
}

/// Reads a whole number of a query however it is written, as in a body.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let text = String::deserialize(deserializer)?;
    super::json::from_bytes(text.as_bytes()).map_err(|_: Problem| D::Error::custom("no whole number"))
}

/// How long the call waits: `?wait=SECONDS`.
struct Wait(Duration);

impl<S: Send + Sync> FromRequestParts<S> for Wait {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await;
        let Query(WaitQuery { wait }) = query.map_err(|_| bad_query("wait"))?;
        patience("wait", wait).map(Self)
    }
}

async fn save_env_files(agent: Agent, headers: HeaderMap, body: Bytes) -> Result<Json<SavedAnswer>, Problem> {
    let spec: EnvSpec = read(&headers, &body)?;
    agent.save_env_files(spec).await.map(Json)
}

async fn request_env_variables(
    agent: Agent,
    Wait(patience): Wait,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let answer = agent.request_env_variables(read::<Ask>(&headers, &body)?).await?;
    created(&agent, answer, patience).await
}

async fn save_snapshot(
    agent: Agent,
    Wait(patience): Wait,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let answer = agent.save_snapshot(read::<SnapshotAsk>(&headers, &body)?).await?;
    created(&agent, answer, patience).await
}

/// Answers what was made and where it is, once it is over or has been waited for.
async fn created<T: Awaited>(agent: &Agent, mut answer: T, patience: Duration) -> Result<Response, Problem> {
    if answer.is_open() && !patience.is_zero() {
        answer = agent.look(Some(answer.id().clone()), patience).await?;
    }
    let location = format!("/api/v1/{}/{}", T::PLACE, answer.id());
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(answer)).into_response())
}

async fn look<T: Awaited>(agent: Agent, Id(id): Id, Wait(patience): Wait) -> Result<Json<T>, Problem> {
    let id = (id != NEWEST).then(|| T::Id::from(id));
    agent.look(id, patience).await.map(Json)
}

async fn cancel_request(agent: Agent, Id(id): Id) -> Result<Json<RequestAnswer>, Problem> {
    agent.cancel_request(&RequestId::from(id)).await.map(Json)
}

async fn get_environment(agent: Agent) -> Result<Json<EnvironmentAnswer>, Problem> {
    agent.get_environment().await.map(Json)
}

async fn save_service_commands(agent: Agent, headers: HeaderMap, body: Bytes) -> Result<Json<CommandsAnswer>, Problem> {
    agent.save_service_commands(read(&headers, &body)?).await.map(Json)
}

async fn get_service_commands(agent: Agent) -> Result<Json<CommandsAnswer>, Problem> {
    agent.get_service_commands().await.map(Json)
}

async fn read_notes(
    agent: Agent,
    query: Result<Query<AfterQuery>, QueryRejection>,
) -> Result<Json<NotesAnswer>, Problem> {
    let Query(AfterQuery { after }) = query.map_err(|_| bad_query("after"))?;
    agent.read_notes(NotesAsk { after }).await.map(Json)
}

async fn finish_setup(agent: Agent, headers: HeaderMap, body: Bytes) -> Result<Json<FinishedAnswer>, Problem> {
    let ask = if body.is_empty() { FinishAsk::default() } else { read(&headers, &body)? };
    agent.finish_setup(ask).await.map(Json)
}

/// Reads a JSON body; a field of another shape is named.
fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let detail = "Send JSON, with the header \"Content-Type: application/json\".";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The body is no JSON", detail));
    }
    super::json::from_bytes(body)
}

fn bad_query(field: &str) -> Problem {
    Problem::invalid(vec![FieldProblem {
        field: field.to_owned(),
        problem: "must be a whole number, 0 or more".to_owned(),
    }])
}
