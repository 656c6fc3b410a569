//! The readiness gate: a work session of a configuration that blocks waits until every required value is there.
//!
//! Nothing is written while it waits, neither into its own sandbox nor into others. Everything that could let it go on
//! (a value, a spec, the configuration's policy, a person) ends in [`Keyslot::follow`], which knocks here; so does the
//! keeper, on what other processes told and after a restart.

use super::environment::Target;
use super::{Keyslot, ServiceError, require, runs};
use crate::events::Fact;
use crate::store::{BootPolicy, Reach, SessionRow};
use app::api::gate::GateBackend;
use app::api::live::Change;
use app::api::thread::ThreadEvent;
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::KeyName;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use domain::member::Role;
use domain::session::SessionState;
use futures::future::BoxFuture;

#[async_trait]
impl GateBackend for Keyslot {
    async fn set_boot_policy(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        policy: BootPolicy,
        session: Option<&SessionId>,
    ) -> Result<(), ApiError> {
        Ok(self.change_policy(actor, configuration, policy, session).await?)
    }

    async fn start_anyway(&self, actor: &Actor, session: &SessionId) -> Result<(), ApiError> {
        Ok(self.let_start(actor, session).await?)
    }
}

impl Keyslot {
    /// Has a session that is about to boot wait if it must. Answers whether it waits, or went on by itself meanwhile.
    pub(super) async fn waits(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
    ) -> Result<bool, ServiceError> {
        let missing = self.in_the_way(organization, session).await?;
        if missing.is_empty() {
            return Ok(false);
        }
        self.enter(organization, &session.id, SessionState::Waiting, None, None).await?;
        self.say(organization, &session.id, ThreadEvent::Waiting { missing }).await?;
        // What arrived in between found nobody waiting.
        self.knock(organization, self.session_row(organization, &session.id).await?).await?;
        Ok(true)
    }

    /// Lets a waiting session on this process's disk go on if nothing is in its way any more.
    pub(super) async fn knock(&self, organization: &OrganizationId, session: SessionRow) -> Result<(), ServiceError> {
        if !self.in_the_way(organization, &session).await?.is_empty() {
            return Ok(());
        }
        // Several may knock at once; one of them has it go on.
        if self.store().end_waiting(organization, &session.id, runs::WRITING).await? {
            self.events().publish(organization, &session.id, Change::Session);
            self.go_on(organization.clone(), session).await;
        }
        Ok(())
    }

    /// Boots a session that waited. Boxed: a boot follows what changed meanwhile, and whoever follows may knock.
    fn go_on(&self, organization: OrganizationId, session: SessionRow) -> BoxFuture<'_, ()> {
        let id = session.id.clone();
        let course = {
            let (keyslot, organization) = (self.clone(), organization.clone());
            // A task of its own: whoever knocked may hang up, and even a panic ends the session in words.
            self.0.tasks.spawn(async move {
                let id = session.id.clone();
                keyslot.boot_now(&organization, session).await?;
                keyslot.settle_all(&organization, &id).await
            })
        };
        Box::pin(async move {
            if let Err(error) = course.await.unwrap_or_else(|broken| Err(ServiceError::Task(broken))) {
                self.fail(&organization, &id, error).await;
            }
        })
    }

    /// The required keys that a session must wait for; none if it may start as it is.
    async fn in_the_way(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
    ) -> Result<Vec<KeyName>, ServiceError> {
        let configuration = self.configuration(organization, &session.configuration).await?;
        if configuration.boot_policy == BootPolicy::Warn || session.started_anyway_by.is_some() {
            return Ok(Vec::new());
        }
        let target = Target { configuration, session: Some(session.clone()) };
        Ok(self.open(organization, &target).await?.environment.lacking())
    }

    async fn let_start(&self, actor: &Actor, id: &SessionId) -> Result<(), ServiceError> {
        require(actor, Role::Member, "start sessions")?;
        let organization = &actor.organization;
        let row = self.session_row(organization, id).await?;
        let configuration = row.configuration.clone();
        let missing = self.opened(organization, row).await?.environment.lacking();
        if !self.store().let_start_anyway(organization, id, &actor.name).await? {
            return Err(ServiceError::conflict("This session does not wait for values any more."));
        }
        let by = actor.name.clone();
        self.say(organization, id, ThreadEvent::StartedAnyway { by, missing }).await?;
        // The process that has the session on its disk hears of it.
        self.events().publish(organization, id, Change::Session);
        self.follow_behind(organization, [(id.clone(), configuration)], Vec::new());
        Ok(())
    }

    async fn change_policy(
        &self,
        actor: &Actor,
        id: &ConfigurationId,
        policy: BootPolicy,
        session: Option<&SessionId>,
    ) -> Result<(), ServiceError> {
        require(actor, Role::Member, "change what missing values do at boot")?;
        let organization = &actor.organization;
        if self.configuration(organization, id).await?.boot_policy == policy {
            return Ok(());
        }
        self.store().set_boot_policy(organization, id, policy).await?;
        let mut told = Vec::new();
        for session in self.store().sessions_of(organization, id).await? {
            if session.ended_at.is_none() {
                self.events().publish(organization, &session.id, Change::Session);
            }
            if SessionState::from_word(&session.state) == SessionState::Waiting {
                told.push(session.id);
            }
        }
        if let Some(session) = session {
            let row = self.session_row(organization, session).await?;
            if row.configuration == *id && !told.contains(session) {
                told.push(row.id);
            }
        }
        for session in &told {
            let by = actor.name.clone();
            self.say(organization, session, ThreadEvent::Policy { by, policy }).await?;
        }
        self.events().tell(organization, Fact::Environment(id.clone()));
        self.follow_all_behind(organization, Reach::Spec(id)).await
    }
}
