//! What takes its time, and what a call may wait for: people's answers, and snapshots being saved.

use super::answers::RequestAnswer;
use super::{Agent, Bearer, Problem};
use crate::service::ServiceError;
use app::api::ApiError;
use app::api::requests::RequestBackend;
use domain::ids::RequestId;
use domain::limits;
use domain::request::RequestState;
use serde::Serialize;
use std::fmt::Display;
use std::time::Duration;

/// How something stands that takes its time.
pub(super) trait Awaited: Serialize + Send + Sized + 'static {
    /// What names it.
    type Id: From<String> + Display + Clone + Send + Sync;
    /// Where each of them has its address, below `/api/v1`.
    const PLACE: &'static str;

    /// Which one it is.
    fn id(&self) -> &Self::Id;
    /// Whether there is still something to wait for.
    fn is_open(&self) -> bool;
    /// How far it is, for whoever waits.
    fn words(&self) -> String;
    /// The session's newest one.
    fn newest(agent: &Agent) -> impl Future<Output = Result<Self::Id, Problem>> + Send;
    /// How it stands once it is over, or after so long.
    fn later(agent: &Agent, id: &Self::Id, patience: Duration) -> impl Future<Output = Result<Self, Problem>> + Send;
}

impl Agent {
    /// Looks at one of them, the newest if none is named; waits until it is over, at most so long. Whoever keeps enough
    /// calls waiting already is answered at once.
    pub(super) async fn look<T: Awaited>(&self, id: Option<T::Id>, patience: Duration) -> Result<T, Problem> {
        let id = match id {
            Some(id) => id,
            None => T::newest(self).await?,
        };
        let waiting = (!patience.is_zero()).then(|| self.may_wait()).flatten();
        let patience = if waiting.is_some() { patience } else { Duration::ZERO };
        T::later(self, &id, patience).await
    }
}

/// How long a call that looks may wait; `field` is what the call names it.
pub(super) fn patience(field: &str, seconds: u32) -> Result<Duration, Problem> {
    let limit = limits::WAIT_SECONDS;
    if seconds > limit {
        return Err(ApiError::invalid(field, format!("at most {limit} seconds")).into());
    }
    Ok(Duration::from_secs(seconds.into()))
}

impl Awaited for RequestAnswer {
    type Id = RequestId;
    const PLACE: &'static str = "requests";

    fn id(&self) -> &RequestId {
        &self.id
    }

    fn is_open(&self) -> bool {
        self.state == RequestState::Pending
    }

    fn words(&self) -> String {
        let (answered, all) = self.progress();
        format!("{answered} of {all} keys answered. People fill in the card at {}", self.url)
    }

    async fn newest(agent: &Agent) -> Result<RequestId, Problem> {
        let all = agent.keyslot.requests(&agent.actor(), &agent.bearer.session).await?;
        let newest = all.iter().rfind(|request| request.state == RequestState::Pending).or(all.last());
        let newest = newest.ok_or_else(|| ServiceError::not_found("request"))?;
        Ok(newest.id.clone())
    }

    async fn later(agent: &Agent, id: &RequestId, patience: Duration) -> Result<Self, Problem> {
        let Bearer { organization, session, .. } = &agent.bearer;
        let request = tokio::select! {
            request = agent.keyslot.await_answer(organization, session, id, patience) => request?,
            // A server that closes waits for nobody: the client asks another one again.
            () = agent.closing() => agent.keyslot.request(organization, session, id).await?,
        };
        Ok(RequestAnswer::new(request, agent.url()))
    }
}
