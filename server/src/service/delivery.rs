//! How far changes have reached the sandboxes that run, for people.

use super::{Keyslot, ServiceError, require};
use crate::events::Fact;
use crate::store::SandboxRow;
use app::api::delivery::{Delivery, DeliveryBackend, DeliveryState, SandboxKind, SandboxView};
use app::api::environment::EnvironmentTarget;
use app::api::live::Change;
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use domain::member::Role;
use domain::session::SessionState;
use std::sync::PoisonError;
use std::time::Duration;

/// How long acknowledgements are gathered before they are announced: sandboxes of one configuration acknowledge
/// together, and each announcement makes every page of theirs fetch.
const GATHER: Duration = Duration::from_millis(50);
/// A sandbox elsewhere that did not ask for so long, in milliseconds, does not run any more. It asks at least twice a
/// minute, however bad the connection.
const GONE_AFTER: i64 = 2 * 60 * 1000;

#[async_trait]
impl DeliveryBackend for Keyslot {
    async fn delivery(&self, actor: &Actor, target: &EnvironmentTarget) -> Result<Delivery, ApiError> {
        Ok(self.delivery_of(&actor.organization, target).await?)
    }

    async fn retry_apply(&self, actor: &Actor, session: &SessionId) -> Result<(), ApiError> {
        Ok(self.try_again(actor, session).await?)
    }
}

impl Keyslot {
    pub(super) async fn delivery_of(
        &self,
        organization: &OrganizationId,
        target: &EnvironmentTarget,
    ) -> Result<Delivery, ServiceError> {
        let configuration = match target {
            EnvironmentTarget::Configuration(id) => self.configuration(organization, id).await?.id,
            EnvironmentTarget::Session(id) => self.session_row(organization, id).await?.configuration,
        };
        let now = self.store().now();
        let rows = self.store().sandboxes_of(organization, &configuration).await?;
        Ok(Delivery { sandboxes: rows.into_iter().filter(|row| runs(row, now)).map(view).collect() })
    }

    /// Has the files of a session's sandboxes written again now.
    pub(super) async fn try_again(&self, actor: &Actor, session: &SessionId) -> Result<(), ServiceError> {
        require(actor, Role::Member, "write files of sandboxes again")?;
        let organization = &actor.organization;
        let row = self.session_row(organization, session).await?;
        if row.ended_at.is_some() {
            return Err(ServiceError::conflict("This session has ended, so its sandboxes get no values any more."));
        }
        self.store().want_again(organization, session).await?;
        // Other processes and sandboxes elsewhere act on it as on a change.
        self.events().publish(organization, session, Change::Environment);
        self.follow_behind(organization, [(session.clone(), row.configuration)], Vec::new());
        Ok(())
    }

    /// Announces soon that sandboxes of a configuration acknowledged, failed, came or went.
    pub(super) fn delivered(&self, organization: &OrganizationId, configuration: &ConfigurationId) {
        let which = (organization.clone(), configuration.clone());
        let waiting = || self.0.delivered.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting().insert(which.clone()) {
            return;
        }
        let keyslot = self.clone();
        self.0.tasks.spawn(async move {
            tokio::time::sleep(GATHER).await;
            keyslot.0.delivered.lock().unwrap_or_else(PoisonError::into_inner).remove(&which);
            let (organization, configuration) = which;
            keyslot.events().tell(&organization, Fact::Delivery(configuration));
        });
    }
}

/// Whether a sandbox has its files and follows changes.
fn runs(row: &SandboxRow, now: i64) -> bool {
    match row.kind {
        SandboxKind::Local => SessionState::from_word(&row.session_state).is_live(),
        SandboxKind::Remote => row.last_seen_at.is_some_and(|seen| now - seen < GONE_AFTER),
    }
}

fn view(row: SandboxRow) -> SandboxView {
    let state = match row.error {
        _ if row.applied_revision >= row.wanted_revision => DeliveryState::Applied,
        Some(reason) => DeliveryState::Failed { reason },
        None => DeliveryState::Pending,
    };
    SandboxView {
        id: row.id,
        session: row.session,
        started_by: row.started_by,
        started_at: row.started_at,
        kind: row.kind,
        name: row.name,
        state,
        applied_at: row.applied_at,
        last_seen_at: row.last_seen_at,
    }
}
