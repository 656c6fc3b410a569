//! Who follows a change: the screens that show it, and the sandboxes on this process's disk.

use super::batch::Changed;
use super::{Keyslot, ServiceError};
use crate::events::Fact;
use crate::store::{ConfigurationRow, Reach};
use crate::vault::SecretScope;
use app::api::live::Change;
use app::domain::ids::{ConfigurationId, OrganizationId, SessionId};
use app::domain::session::SessionState;
use app::domain::{EnvSpec, KeyName};
use futures::future::join_all;
use std::collections::{BTreeSet, HashSet};

impl Keyslot {
    /// Tells everybody who watches of changed values and carries them to every sandbox that may use one, each of them
    /// once. A sandbox that fails does not undo the save: the thread and the panel say so, and it is tried again.
    pub(super) async fn apply_values(
        &self,
        organization: &OrganizationId,
        changed: &Changed,
        asking: Option<&SessionId>,
    ) -> Result<(), ServiceError> {
        if changed.contains_key(&SecretScope::Organization) {
            self.events().tell(organization, Fact::Secrets);
        }
        let (mut told, mut reached) = (HashSet::new(), HashSet::new());
        for (scope, keys) in changed {
            let within = self.store().sessions_within(organization, Reach::Value(scope)).await?;
            if let SecretScope::Session(only) = scope {
                self.events().publish(organization, only, Change::Environment);
            } else {
                // Beside the configurations whose spec names a key: sessions may have slots that stand in no spec.
                told.extend(self.configurations_using(organization, scope, keys).await?);
                told.extend(within.iter().map(|(_, of)| of.clone()));
            }
            reached.extend(within.into_iter().map(|(session, _)| session));
        }
        // They are stored: screens need not wait for the sandboxes.
        told.into_iter().for_each(|id| self.events().tell(organization, Fact::Environment(id)));
        if let Some(session) = asking {
            self.events().publish(organization, session, Change::Environment);
        }
        join_all(reached.iter().map(|session| self.follow(organization, session))).await;
        Ok(())
    }

    /// Carries a stored change to every sandbox of this process that it may reach, all at once. Other processes hear of
    /// the change and do the same with theirs.
    pub(super) async fn follow_all(&self, organization: &OrganizationId, reach: Reach<'_>) -> Result<(), ServiceError> {
        let reached = self.store().sessions_within(organization, reach).await?;
        join_all(reached.iter().map(|(session, _)| self.follow(organization, session))).await;
        Ok(())
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
    ) -> Result<HashSet<ConfigurationId>, ServiceError> {
        let names = |spec: &EnvSpec| spec.files.iter().flat_map(|file| &file.keys).any(|slot| keys.contains(&slot.key));
        let specs = self.store().specs(organization).await?;
        let mut using: HashSet<_> =
            specs.into_iter().filter(|row| names(&row.spec)).map(|row| row.configuration).collect();
        if let SecretScope::Repository(id) = scope {
            let rows = self.store().configurations(organization).await?;
            let attached = |row: &ConfigurationRow| row.repositories.iter().any(|at| at.repository.id == *id);
            let with: HashSet<_> = rows.into_iter().filter(attached).map(|row| row.id).collect();
            using.retain(|configuration| with.contains(configuration));
        }
        Ok(using)
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
