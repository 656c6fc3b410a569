//! Sessions: starting, showing and finishing them.

use super::environment::Target;
use super::{Keyslot, ServiceError, require};
use crate::config;
use crate::sandbox::LocalSandbox;
use crate::store::{NewSession, SessionRow, SessionUpdate, StoreError};
use app::api::environment::EnvironmentTarget;
use app::api::live::Change;
use app::api::sessions::{SessionBackend, SessionKind, SessionState, SessionView};
use app::api::thread::ThreadEvent;
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::KeyName;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use domain::member::Role;
use domain::proposal::{Proposal, ProposedChange};

#[async_trait]
impl SessionBackend for Keyslot {
    async fn start_session(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        kind: SessionKind,
    ) -> Result<SessionId, ApiError> {
        Ok(self.start(actor, configuration, kind).await?)
    }

    async fn session(&self, actor: &Actor, session: &SessionId) -> Result<SessionView, ApiError> {
        Ok(self.session_view(actor, session).await?)
    }

    async fn finish_setup(&self, actor: &Actor, session: &SessionId, anyway: bool) -> Result<(), ApiError> {
        Ok(self.finish(actor, session, anyway).await?)
    }

    async fn end_session(&self, actor: &Actor, session: &SessionId) -> Result<(), ApiError> {
        Ok(self.end(actor, session).await?)
    }
}

/// What an agent's wish to finish a setup led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedByAgent {
    /// Required keys without a value for the next session.
    pub missing: Vec<KeyName>,
    /// The proposal that waits for a person; the setup is finished where there is none.
    pub proposal: Option<Proposal>,
}

fn must_be_open_setup(session: &SessionRow) -> Result<(), ServiceError> {
    if session.kind == SessionKind::Setup && SessionState::from_word(&session.state) == SessionState::Open {
        return Ok(());
    }
    Err(ServiceError::conflict("Only a setup session that is open can be finished."))
}

impl Keyslot {
    /// Starts a session and does its work in the background.
    pub(super) async fn start(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        kind: SessionKind,
    ) -> Result<SessionId, ServiceError> {
        require(actor, Role::Member, "start sessions")?;
        self.configuration(&actor.organization, configuration).await?;
        let id = self.store().new_session_id();
        let folder = self.config().sandbox(id.as_str());
        config::make_private_folder(&LocalSandbox::workspace(&folder))?;
        let new = NewSession {
            id: &id,
            configuration,
            kind,
            state: SessionState::Cloning.as_str(),
            workspace_dir: &folder.to_string_lossy(),
            host: self.0.instance.as_str(),
            created_by: &actor.member,
            most: self.config().quotas.max_sessions,
        };
        if let Err(error) = self.store().create_session(&actor.organization, new).await {
            // Nothing is in it yet.
            std::fs::remove_dir(LocalSandbox::workspace(&folder)).and_then(|()| std::fs::remove_dir(&folder))?;
            return Err(match error {
                StoreError::TooMany(_) => ServiceError::conflict(format!(
                    "This organization has {} running sessions, as many as this server allows. End one, then try again.",
                    new.most
                )),
                other => other.into(),
            });
        }
        self.events().publish(&actor.organization, &id, Change::Session);
        self.run_in_background(actor.organization.clone(), id.clone());
        Ok(id)
    }

    /// Moves a session to a state and tells whoever watches.
    pub(super) async fn enter(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        state: SessionState,
        progress: Option<&str>,
        error: Option<&str>,
    ) -> Result<(), ServiceError> {
        let ended = state.is_over();
        let update = SessionUpdate { state: state.as_str(), progress, error, ended };
        self.store().set_session_state(organization, session, update).await?;
        self.events().publish(organization, session, Change::Session);
        Ok(())
    }

    pub(super) async fn session_view(&self, actor: &Actor, id: &SessionId) -> Result<SessionView, ServiceError> {
        let row = self.session_row(&actor.organization, id).await?;
        let configuration = self.configuration(&actor.organization, &row.configuration).await?;
        let receipt = self.store().latest_receipt(&actor.organization, id).await?;
        let missing = configuration.finished.as_ref().and_then(|finish| usize::try_from(finish.missing).ok());
        let state = SessionState::from_word(&row.state);
        let wall = self.hosts(&row).then(|| self.wall().to_string());
        Ok(SessionView {
            id: row.id,
            kind: row.kind,
            state,
            progress: row.progress,
            error: row.error,
            configuration: configuration.id,
            configuration_name: configuration.name,
            locations: configuration.repositories.iter().map(|at| at.location.clone()).collect(),
            repositories: configuration.repositories.into_iter().map(|at| at.repository).collect(),
            created_by: row.created_by,
            created_at: row.created_at,
            boot_policy: configuration.boot_policy,
            trust_agent_commands: configuration.trust_agent_commands,
            receipt: receipt.map(|row| row.receipt),
            finished_missing: missing.filter(|_| row.kind == SessionKind::Setup && state == SessionState::Finished),
            wall,
        })
    }

    /// Ends a work session; a setup is finished instead.
    pub(super) async fn end(&self, actor: &Actor, id: &SessionId) -> Result<(), ServiceError> {
        require(actor, Role::Member, "end sessions")?;
        let session = self.session_row(&actor.organization, id).await?;
        if session.kind != SessionKind::Work || session.ended_at.is_some() {
            return Err(ServiceError::conflict("Only a work session that has not ended can be ended."));
        }
        self.enter(&actor.organization, id, SessionState::Finished, None, None).await?;
        let event = ThreadEvent::Ended { by: actor.name.clone() };
        self.say(&actor.organization, id, event).await?;
        self.wind_up(&actor.organization, id).await
    }

    /// Leaves no open request, no proposal and no value of its own behind of a session that ended.
    pub(super) async fn forget(&self, organization: &OrganizationId, session: &SessionId) -> Result<(), ServiceError> {
        self.close_requests(organization, session).await?;
        self.expire_proposals(organization, session).await?;
        self.store().delete_session_values(organization, session).await?;
        self.store().delete_replaced_values(organization).await?;
        self.store().delete_hand_overs(organization, session).await?;
        self.events().publish(organization, session, Change::Environment);
        Ok(())
    }

    /// The same, and takes every value out of the session's files: nobody works in its sandboxes any more.
    async fn wind_up(&self, organization: &OrganizationId, session: &SessionId) -> Result<(), ServiceError> {
        self.forget(organization, session).await?;
        self.scrub_ended(organization, session).await;
        Ok(())
    }

    /// Finishes a setup on behalf of an agent, or proposes to finish it with required values missing.
    pub async fn finish_for_agent(
        &self,
        actor: &Actor,
        session: &SessionRow,
        anyway: bool,
    ) -> Result<FinishedByAgent, ServiceError> {
        must_be_open_setup(session)?;
        let target = EnvironmentTarget::Session(session.id.clone());
        let missing = self.environment_of(&actor.organization, &target).await?.lacking_next();
        if !missing.is_empty() && anyway {
            let change = ProposedChange::Finish { missing: missing.clone() };
            let proposal = self.propose(&actor.organization, session, &actor.name, change).await?;
            return Ok(FinishedByAgent { missing, proposal: Some(proposal) });
        }
        self.finish(actor, &session.id, false).await?;
        Ok(FinishedByAgent { missing, proposal: None })
    }

    /// Finishes a setup: refused while required values are missing, unless `anyway`, which is recorded.
    pub(super) async fn finish(&self, actor: &Actor, id: &SessionId, anyway: bool) -> Result<(), ServiceError> {
        require(actor, Role::Member, "finish a setup")?;
        let organization = &actor.organization;
        let session = self.session_row(organization, id).await?;
        must_be_open_setup(&session)?;
        let configuration = self.configuration(organization, &session.configuration).await?;
        let target = Target { configuration, session: Some(session) };
        let environment = self.open(organization, &target).await?.environment;
        let missing = environment.lacking_next();
        if !missing.is_empty() && !anyway {
            return Err(ServiceError::conflict(format!(
                "The next session would boot without {}. Fill in what is missing, or finish anyway.",
                missing.iter().map(KeyName::as_str).collect::<Vec<_>>().join(", ")
            )));
        }
        let count = i64::try_from(missing.len()).unwrap_or(i64::MAX);
        let (configuration, by) = (&target.configuration.id, &actor.member);
        self.store().finish_configuration(organization, configuration, by, anyway, count).await?;
        self.enter(organization, id, SessionState::Finished, None, None).await?;
        self.say(organization, id, ThreadEvent::Finished { by: actor.name.clone(), missing }).await?;
        self.wind_up(organization, id).await
    }
}
