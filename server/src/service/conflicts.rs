//! Ending a conflict: one repository's value is stored for the other attached ones that disagree.

use super::batch::{Changed, Checked};
use super::{Keyslot, ServiceError};
use crate::store::{Expected, StoreError};
use app::api::Actor;
use app::api::environment::SlotAddress;
use app::api::thread::ThreadEvent;
use domain::Environment;
use domain::environment::{Scope, Seen, Status};
use std::collections::BTreeSet;
use vault::SecretScope;

impl Keyslot {
    /// Copies the value of the address's scope to the other sides of the conflict, sealed anew and shown to nobody.
    pub(super) async fn end_conflict(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        seen: Option<&Seen>,
    ) -> Result<Environment, ServiceError> {
        let place = self.place(actor, address).await?;
        let (key, organization) = (&address.key, &actor.organization);
        let overtaken =
            || ServiceError::conflict(format!("The values of {key} changed meanwhile. Look again, then decide."));
        let slot = place.slot().filter(|slot| slot.status == Status::Conflict);
        let slot = slot.ok_or_else(|| ServiceError::conflict(format!("{key} is in no conflict any more.")))?;
        let chosen = slot.conflict.iter().find(|value| value.scope == address.scope);
        let chosen =
            chosen.ok_or_else(|| ServiceError::invalid("scope", "Choose one of the repositories in conflict."))?;
        if seen.is_some_and(|seen| slot.conflict.iter().any(|value| seen.at(&value.scope) != Some(value.version))) {
            return Err(overtaken());
        }
        let Some(value) = place.opened.value_at(key, &address.scope).cloned() else {
            let message = format!("That value of {key} cannot be opened, so it cannot be used. Save it again first.");
            return Err(ServiceError::conflict(message));
        };
        let others = slot.conflict.iter().filter(|other| other.fingerprint != chosen.fingerprint);
        let replaced: Vec<_> = others.map(|other| (other.scope.clone(), other.version)).collect();
        let checked = replaced.iter().filter_map(|(scope, version)| {
            let Scope::Repository(id) = scope else { return None };
            let (scope, value) = (SecretScope::Repository(id.clone()), value.clone());
            Some(Checked {
                scope,
                key: key.clone(),
                value,
                expected: Expected::Version(*version),
                description: None,
                release_to: None,
            })
        });
        let checked: Vec<_> = checked.collect();
        match self.store_all(actor, &checked).await {
            Err(ServiceError::Store(StoreError::VersionConflict { .. })) => return Err(overtaken()),
            stored => stored?,
        }
        let mut changed = Changed::new();
        for one in &checked {
            changed.insert(one.scope.clone(), BTreeSet::from([key.clone()]));
        }
        let (scope, by) = (address.scope.clone(), actor.name.clone());
        let replaced = replaced.into_iter().map(|(scope, _)| scope).collect();
        let event = ThreadEvent::Resolved { key: key.clone(), scope, replaced, by };
        let session = place.target.session.as_ref().map(|session| (&session.id, event));
        self.announce_saved(actor, session, &changed).await?;
        self.environment_of(organization, &address.target).await
    }
}
