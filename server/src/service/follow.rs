//! Who follows a change: the screens that show it, and the sandboxes on this process's disk.

use super::batch::Changed;
use super::{Keyslot, ServiceError};
use crate::events::Fact;
use crate::store::Reach;
use app::api::live::Change;
use domain::KeyName;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use domain::session::SessionState;
use futures::future::join_all;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use vault::SecretScope;

impl Keyslot {
    /// Tells everybody who watches of changed values, and has them brought to every sandbox that may use one, each of
    /// them once, **behind** the answer: a save is done when it is stored. A sandbox that fails does not undo it; the
    /// panel and the thread say so, and it is tried again.
    pub(super) async fn announce_values(
        &self,
        organization: &OrganizationId,
        changed: &Changed,
        asking: Option<&SessionId>,
    ) -> Result<(), ServiceError> {
        if changed.contains_key(&SecretScope::Organization) {
            self.events().tell(organization, Fact::Secrets);
        }
        let (mut told, mut reached) = (HashSet::new(), BTreeMap::new());
        for (scope, keys) in changed {
            let within = self.store().sessions_within(organization, Reach::Values(scope, keys)).await?;
            if let SecretScope::Session(only) = scope {
                self.events().publish(organization, only, Change::Environment);
            } else {
                // Beside the configurations whose spec names a key: sessions may have slots that stand in no spec.
                told.extend(self.configurations_using(organization, scope, keys).await?);
                told.extend(within.iter().map(|(_, of)| of.clone()));
            }
            reached.extend(within);
        }
        told.into_iter().for_each(|id| self.events().tell(organization, Fact::Environment(id)));
        if let Some(session) = asking {
            self.events().publish(organization, session, Change::Environment);
        }
        self.follow_behind(organization, reached, changed.values().flatten().cloned().collect());
        Ok(())
    }

    /// Brings a stored change to every sandbox of this process that it may reach, all at once, and waits for it: for
    /// agents, who go on with the files. Other processes hear of the change and do the same with theirs.
    pub(super) async fn follow_all(&self, organization: &OrganizationId, reach: Reach<'_>) -> Result<(), ServiceError> {
        let reached = self.store().sessions_within(organization, reach).await?;
        join_all(reached.iter().map(|(session, _)| self.follow(organization, session))).await;
        Ok(())
    }

    /// Like [`Keyslot::follow_all`], behind the answer: for people, who watch how far it is.
    pub(super) async fn follow_all_behind(
        &self,
        organization: &OrganizationId,
        reach: Reach<'_>,
    ) -> Result<(), ServiceError> {
        let reached = self.store().sessions_within(organization, reach).await?;
        self.follow_behind(organization, reached, Vec::new());
        Ok(())
    }

    /// Brings sessions' files up to date in the background. Requests that ask for one of the keys are settled when the
    /// files of their session are written, so that an agent that goes on finds the values in them. What a crash cuts
    /// off the keeper does.
    pub(super) fn follow_behind(
        &self,
        organization: &OrganizationId,
        reached: impl IntoIterator<Item = (SessionId, ConfigurationId)>,
        keys: Vec<KeyName>,
    ) {
        let keys = Arc::new(keys);
        for (session, configuration) in reached {
            // Screens show that it is on its way.
            self.delivered(organization, &configuration);
            let (keyslot, organization, keys) = (self.clone(), organization.clone(), keys.clone());
            self.0.applies.spawn(async move {
                keyslot.follow(&organization, &session).await;
                if let Err(error) = keyslot.settle_requests(&organization, &session, &keys).await {
                    tracing::error!(%session, %error, "value requests could not be settled");
                }
            });
        }
    }

    /// Brings a session's files up to date if they lie on this process's disk, are there already and want something
    /// newer than they have.
    pub(super) async fn follow(&self, organization: &OrganizationId, id: &SessionId) {
        if let Err(error) = self.try_to_follow(organization, id).await {
            tracing::error!(session = %id, %error, "a live apply could not be recorded");
        }
    }

    async fn configurations_using(
        &self,
        organization: &OrganizationId,
        scope: &SecretScope,
        keys: &BTreeSet<KeyName>,
    ) -> Result<Vec<ConfigurationId>, ServiceError> {
        let repository = match scope {
            SecretScope::Repository(id) => Some(id),
            SecretScope::Organization | SecretScope::Session(_) => None,
        };
        Ok(self.store().configurations_naming(organization, keys, repository).await?)
    }

    async fn try_to_follow(&self, organization: &OrganizationId, id: &SessionId) -> Result<(), ServiceError> {
        let turn = self.turn(id);
        let held = turn.lock().await;
        // Looked up within the turn: whoever had it before may have done the work, or ended the session.
        let session = self.session_row(organization, id).await?;
        let state = SessionState::from_word(&session.state);
        if self.hosts(&session) && state == SessionState::Waiting {
            drop(held);
            return self.knock(organization, session).await;
        }
        if !self.hosts(&session) || !state.is_live() {
            return Ok(());
        }
        let local = self.local_sandbox(organization, id).await?;
        if local.applied_revision >= local.wanted_revision {
            return Ok(());
        }
        if let Err(error) = self.catch_up(organization, &session, &local).await {
            self.record_failure(organization, &session, &local, &error).await?;
        }
        self.delivered(organization, &session.configuration);
        Ok(())
    }
}
