//! Applying an environment to sandboxes: at boot, and whenever a value or the spec changes while they run.

use super::{Keyslot, ServiceError};
use crate::boot;
use crate::events::Fact;
use crate::sandbox::{LocalSandbox, Sandbox};
use crate::store::SessionRow;
use crate::vault::SecretScope;
use app::api::live::Change;
use app::api::thread::ThreadEvent;
use app::domain::KeyName;
use app::domain::ids::{ConfigurationId, OrganizationId, SessionId};
use app::domain::receipt::{BootReceipt, Occasion};
use app::domain::session::SessionState;
use futures::future::join_all;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

impl Keyslot {
    pub(super) fn sandbox(&self, session: &SessionRow) -> impl Sandbox + use<> {
        LocalSandbox::new(self.config().sandbox_program(), PathBuf::from(&session.workspace_dir))
    }

    /// Applies the environment of one session as it stands now and records the receipt.
    pub async fn apply(
        &self,
        organization: &OrganizationId,
        session: SessionRow,
        occasion: Occasion,
    ) -> Result<BootReceipt, ServiceError> {
        let turn = self.turn(&session.id);
        let _waiting = turn.lock().await;
        let sandbox = self.sandbox(&session);
        let id = session.id.clone();
        let opened = self.opened(organization, session).await?;
        let report = sandbox.apply(&opened.spec, opened.input()?).await?;
        let receipt = boot::receipt(occasion, self.store().now(), &opened.environment, report);
        drop(opened);
        self.store().add_receipt(organization, &id, &receipt).await?;
        self.events().publish(organization, &id, Change::Session);
        Ok(receipt)
    }

    /// Tells everybody who watches of a changed value and carries it to every sandbox that may use it. A sandbox that
    /// fails does not undo the save: its thread says so.
    pub(super) async fn apply_value(
        &self,
        organization: &OrganizationId,
        scope: &SecretScope,
        key: &KeyName,
        asking: Option<&SessionId>,
    ) -> Result<(), ServiceError> {
        let using = self.configurations_using(organization, scope, key).await?;
        // It is stored: screens need not wait for the sandboxes.
        match scope {
            SecretScope::Session(only) => self.events().publish(organization, only, Change::Environment),
            _ => using.iter().for_each(|id| self.events().tell(organization, Fact::Environment(id.clone()))),
        }
        if let Some(session) = asking {
            self.events().publish(organization, session, Change::Environment);
        }
        let reached = self.store().running_sessions(organization).await?.into_iter().filter(|session| {
            let same = !matches!(scope, SecretScope::Session(only) if *only != session.id);
            // What an agent asked for in this session stands in no spec.
            asking == Some(&session.id) || (same && using.contains(&session.configuration))
        });
        let reached: Vec<SessionRow> = reached.collect();
        join_all(reached.iter().map(|session| self.follow(organization, session))).await;
        Ok(())
    }

    /// Applies the newest environment to a session that has its files already.
    pub(super) async fn follow(&self, organization: &OrganizationId, session: &SessionRow) {
        if !SessionState::from_word(&session.state).is_live() {
            return;
        }
        let event = match self.apply(organization, session.clone(), Occasion::Live).await {
            Ok(receipt) => match applied(&receipt) {
                ThreadEvent::Applied { refused, .. } if refused.is_empty() => return,
                event => event,
            },
            Err(error) => {
                tracing::warn!(session = %session.id, %error, "a live apply failed");
                ThreadEvent::Failure { text: format!("The files could not be brought up to date: {error}.") }
            }
        };
        if let Err(error) = self.say(organization, &session.id, event).await {
            tracing::error!(session = %session.id, %error, "a thread entry was lost");
        }
    }

    async fn configurations_using(
        &self,
        organization: &OrganizationId,
        scope: &SecretScope,
        key: &KeyName,
    ) -> Result<HashSet<ConfigurationId>, ServiceError> {
        let names =
            |spec: &app::domain::EnvSpec| spec.files.iter().flat_map(|file| &file.keys).any(|slot| slot.key == *key);
        let specs = self.store().specs(organization).await?;
        let mut using: HashSet<_> =
            specs.into_iter().filter(|row| names(&row.spec)).map(|row| row.configuration).collect();
        if let SecretScope::Repository(id) = scope {
            let rows = self.store().configurations(organization).await?;
            let attached =
                |row: &crate::store::ConfigurationRow| row.repositories.iter().any(|at| at.repository.id == *id);
            let with: HashSet<_> = rows.into_iter().filter(attached).map(|row| row.id).collect();
            using.retain(|configuration| with.contains(configuration));
        }
        Ok(using)
    }

    fn turn(&self, session: &SessionId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.turns.lock().unwrap_or_else(PoisonError::into_inner);
        // Turns that nobody holds or waits for are dropped, so the map stays as small as the work at hand.
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        turns.entry(session.clone()).or_default().clone()
    }
}

/// What the thread says of an apply.
pub(super) fn applied(receipt: &BootReceipt) -> ThreadEvent {
    let mut lacking: Vec<KeyName> = receipt.lacking().map(|(_, key)| key.key.clone()).collect();
    lacking.sort();
    lacking.dedup();
    let refused = receipt.files.iter().filter_map(|file| Some(format!("{}: {}", file.place, file.refused.as_ref()?)));
    ThreadEvent::Applied { occasion: receipt.occasion, written: receipt.written(), lacking, refused: refused.collect() }
}
