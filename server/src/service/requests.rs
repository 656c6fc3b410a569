//! Value requests: an agent asks, people answer, the agent hears names and outcomes.

use super::environment::Target;
use super::settling::is_set;
use super::{Keyslot, ServiceError, require};
use crate::store::{NewRequest, SessionRow};
use app::api::live::Change;
use app::api::requests::RequestBackend;
use app::api::thread::ThreadEvent;
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::ids::{OrganizationId, RequestId, SessionId};
use domain::member::Role;
use domain::request::{Ask, KeyOutcome, RequestState, ValueRequest};
use domain::session::SessionState;
use domain::{KeyName, limits};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

#[async_trait]
impl RequestBackend for Keyslot {
    async fn requests(&self, actor: &Actor, session: &SessionId) -> Result<Vec<ValueRequest>, ApiError> {
        Ok(self.requests_of(&actor.organization, session).await?)
    }

    async fn skip_key(
        &self,
        actor: &Actor,
        session: &SessionId,
        request: &RequestId,
        key: &KeyName,
    ) -> Result<Vec<ValueRequest>, ApiError> {
        Ok(self.skip(actor, session, request, key).await?)
    }

    async fn cancel_request(
        &self,
        actor: &Actor,
        session: &SessionId,
        request: &RequestId,
    ) -> Result<Vec<ValueRequest>, ApiError> {
        Ok(self.call_off(actor, session, request).await?)
    }
}

impl Keyslot {
    /// Asks people for values, as `request_env_variables` does. Keys that have a value already are answered at once; if
    /// all have, nobody is asked.
    pub async fn ask(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
        asked_by: &str,
        ask: Ask,
    ) -> Result<ValueRequest, ServiceError> {
        if SessionState::from_word(&session.state).is_over() {
            return Err(ServiceError::conflict("This session has ended, so nobody is asked any more."));
        }
        let known = self.store().requests(organization, &session.id).await?;
        let pending = known.iter().filter(|request| request.state == RequestState::Pending).count();
        if pending >= limits::REQUESTS {
            let text =
                format!("{pending} requests of this session wait for people already. Cancel some of them first.");
            return Err(ServiceError::conflict(text));
        }
        let spec =
            self.store().spec(organization, &session.configuration).await?.map(|row| row.spec).unwrap_or_default();
        let expires_at =
            self.store().now() + 1000 * i64::from(ask.expires_in_seconds.unwrap_or(limits::REQUEST_SECONDS));
        let message = ask.message.clone();
        let mut keys = ask.checked(&spec)?;
        let configuration = self.configuration(organization, &session.configuration).await?;
        let target = Target { configuration, session: Some(session.clone()) };
        let environment = self.open_asking(organization, &target, &keys).await?.environment;
        for key in &mut keys {
            key.outcome = is_set(&environment, key).then_some(KeyOutcome::AlreadySet);
        }
        let new = NewRequest { session: &session.id, asked_by, message, keys, expires_at };
        let request = self.store().add_request(organization, new).await?;
        let event = ThreadEvent::Request {
            request: request.id.clone(),
            author: asked_by.to_owned(),
            keys: request.keys.iter().map(|key| key.asked.key.clone()).collect(),
        };
        self.say(organization, &session.id, event).await?;
        self.request_changed(organization, &session.id);
        // A key that the spec lacks but the organization has a value for is in the files from here on.
        self.follow(organization, &session.id).await;
        Ok(request)
    }

    /// One request of a session as it stands.
    pub async fn request(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &RequestId,
    ) -> Result<ValueRequest, ServiceError> {
        let found = self.store().request(organization, session, id).await?;
        let request = found.ok_or_else(|| ServiceError::not_found("request"))?;
        if request.state != RequestState::Pending || request.expires_at > self.store().now() {
            return Ok(request);
        }
        self.expire(organization, session, id).await?;
        Ok(self.store().request(organization, session, id).await?.unwrap_or(request))
    }

    /// Waits until a request is no longer pending, at most for `patience`; answers how it stands then.
    pub async fn await_answer(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &RequestId,
        patience: Duration,
    ) -> Result<ValueRequest, ServiceError> {
        let until = Instant::now() + patience;
        // Listening before looking: what changes between the two is heard.
        let mut heard = self.events().subscribe();
        loop {
            let request = self.request(organization, session, id).await?;
            if request.state != RequestState::Pending || Instant::now() >= until {
                return Ok(request);
            }
            let left = u64::try_from(request.expires_at - self.store().now()).unwrap_or_default();
            let until = until.min(Instant::now() + Duration::from_millis(left + 1));
            let news = async {
                // A listener that lags may have missed it, so it looks again.
                while let Ok(news) = heard.recv().await {
                    if news.may_be(session, Change::Request) {
                        break;
                    }
                }
            };
            let _ = timeout_at(until, news).await;
        }
    }

    /// Calls a request off on behalf of its agent.
    pub async fn withdraw(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &RequestId,
    ) -> Result<ValueRequest, ServiceError> {
        // Asked first, so that a request of another session is not found.
        self.request(organization, session, id).await?;
        let change = |request: ValueRequest, now| {
            Ok::<_, ServiceError>(request.closed(RequestState::Cancelled, KeyOutcome::Cancelled, now))
        };
        let closed = self.store().change_request(organization, id, change).await?;
        let closed = closed.ok_or_else(|| ServiceError::conflict("This request is closed already."))?;
        self.request_changed(organization, session);
        Ok(closed)
    }

    /// Closes every request whose time is over, of every organization.
    pub async fn expire_requests(&self) -> Result<(), ServiceError> {
        for (organization, session, id) in self.store().overdue_requests().await? {
            self.expire(&organization, &session, &id).await?;
        }
        Ok(())
    }

    pub(super) async fn requests_of(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Vec<ValueRequest>, ServiceError> {
        self.session_row(organization, session).await?;
        Ok(self.store().requests(organization, session).await?)
    }

    pub(super) async fn skip(
        &self,
        actor: &Actor,
        session: &SessionId,
        request: &RequestId,
        key: &KeyName,
    ) -> Result<Vec<ValueRequest>, ServiceError> {
        require(actor, Role::Member, "answer requests")?;
        let organization = &actor.organization;
        self.request(organization, session, request).await?;
        let change = |request: ValueRequest, now| skipped(request, key).map(|request| request.settled(now));
        let changed = self.store().change_request(organization, request, change).await?;
        changed.ok_or_else(|| ServiceError::conflict("This request is closed already."))?;
        self.request_changed(organization, session);
        self.requests_of(organization, session).await
    }

    pub(super) async fn call_off(
        &self,
        actor: &Actor,
        session: &SessionId,
        request: &RequestId,
    ) -> Result<Vec<ValueRequest>, ServiceError> {
        require(actor, Role::Member, "dismiss requests")?;
        self.withdraw(&actor.organization, session, request).await?;
        self.requests_of(&actor.organization, session).await
    }

    /// Calls off what a session that ends still asks for.
    pub(super) async fn close_requests(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<(), ServiceError> {
        for request in self.store().requests(organization, session).await? {
            if request.state == RequestState::Pending {
                self.withdraw(organization, session, &request.id).await?;
            }
        }
        Ok(())
    }

    async fn expire(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        id: &RequestId,
    ) -> Result<(), ServiceError> {
        let change = |request: ValueRequest, now| {
            Ok::<_, ServiceError>(request.closed(RequestState::Expired, KeyOutcome::Expired, now))
        };
        if self.store().change_request(organization, id, change).await?.is_some() {
            self.request_changed(organization, session);
        }
        Ok(())
    }

    /// A request adds slots to its session and takes them away again.
    fn request_changed(&self, organization: &OrganizationId, session: &SessionId) {
        self.events().publish(organization, session, Change::Request);
        self.events().publish(organization, session, Change::Environment);
    }
}

fn skipped(mut request: ValueRequest, key: &KeyName) -> Result<ValueRequest, ServiceError> {
    let found = request.keys.iter_mut().find(|one| one.asked.key == *key);
    let asked = found.ok_or_else(|| ServiceError::invalid("key", format!("The request does not ask for {key}.")))?;
    if asked.asked.required {
        return Err(ServiceError::invalid("key", format!("{key} is required, so it cannot be skipped.")));
    }
    // A value that arrived in the meantime stands.
    asked.outcome.get_or_insert(KeyOutcome::Skipped);
    Ok(request)
}
