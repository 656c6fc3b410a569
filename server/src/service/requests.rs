//! Value requests: an agent asks, people answer, the agent hears names and outcomes.

use super::{Keyslot, ServiceError};
use crate::store::SessionRow;
use app::api::Actor;
use app::domain::KeyName;
use app::domain::ids::{OrganizationId, RequestId, SessionId};
use app::domain::request::{Ask, ValueRequest};
use std::time::Duration;

impl Keyslot {
    /// Asks people for values, as `request_env_variables` does. Keys that have a value already are answered at once.
    pub async fn ask(
        &self,
        _organization: &OrganizationId,
        _session: &SessionRow,
        _asked_by: &str,
        _ask: Ask,
    ) -> Result<ValueRequest, ServiceError> {
        Err(ServiceError::conflict("not there yet"))
    }

    /// One request of a session as it stands.
    pub async fn request(
        &self,
        _organization: &OrganizationId,
        _session: &SessionId,
        _id: &RequestId,
    ) -> Result<ValueRequest, ServiceError> {
        Err(ServiceError::not_found("request"))
    }

    /// Waits until a request is no longer pending, at most for `patience`; answers how it stands then.
    pub async fn await_answer(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &RequestId,
        _patience: Duration,
    ) -> Result<ValueRequest, ServiceError> {
        self.request(organization, session, id).await
    }

    /// Calls a request off on behalf of its agent.
    pub async fn withdraw(
        &self,
        _organization: &OrganizationId,
        _session: &SessionId,
        _id: &RequestId,
    ) -> Result<ValueRequest, ServiceError> {
        Err(ServiceError::not_found("request"))
    }

    pub(super) async fn requests_of(
        &self,
        _organization: &OrganizationId,
        _session: &SessionId,
    ) -> Result<Vec<ValueRequest>, ServiceError> {
        Ok(Vec::new())
    }

    pub(super) async fn skip(
        &self,
        actor: &Actor,
        session: &SessionId,
        _request: &RequestId,
        _key: &KeyName,
    ) -> Result<Vec<ValueRequest>, ServiceError> {
        self.requests_of(&actor.organization, session).await
    }

    pub(super) async fn call_off(
        &self,
        actor: &Actor,
        session: &SessionId,
        _request: &RequestId,
    ) -> Result<Vec<ValueRequest>, ServiceError> {
        self.requests_of(&actor.organization, session).await
    }
}
