//! Saving, generating and deleting values.

use super::batch::{Changed, Checked, check_value, checked_scope, find, overtaken, stored_at};
use super::environment::Target;
use super::releases::may_release;
use super::{Keyslot, ServiceError, require};
use crate::boot::Opened;
use crate::store::{Expected, StoreError};
use app::api::Actor;
use app::api::environment::SlotAddress;
use app::api::thread::{ThreadEvent, ValueAction};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::SecretValue;
use domain::environment::{Environment, Scope, Seen, SlotView};
use domain::member::Role;
use domain::spec::{Generate, SlotRef};
use std::collections::BTreeSet;
use std::fmt::Write;
use vault::SecretScope;
use zeroize::Zeroizing;

/// A slot that a value may be saved for, and the scope as the vault names it.
pub(super) struct Place {
    pub target: Target,
    pub opened: Opened,
    pub at: SlotRef,
    pub scope: SecretScope,
}

impl Place {
    pub fn slot(&self) -> Option<&SlotView> {
        find(&self.opened.environment, &self.at).map(|(_, slot)| slot)
    }
}

impl Keyslot {
    pub(super) async fn save_value(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        value: SecretValue,
        seen: Option<&Seen>,
    ) -> Result<Environment, ServiceError> {
        let place = self.place(actor, address).await?;
        let existed = place.slot().is_some_and(|slot| stored_at(slot, &address.scope).is_some());
        let action = if existed { ValueAction::Replaced } else { ValueAction::Saved };
        // What stands beside it then tells whether it is the same, by fingerprints and conflicts.
        self.spend_guesses(actor, [&address.key]).await?;
        self.store_value(actor, address, &place, value, expected(address, seen), action).await?;
        self.environment_of(&actor.organization, &address.target).await
    }

    pub(super) async fn save_generated(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        seen: Option<&Seen>,
    ) -> Result<Environment, ServiceError> {
        let place = self.place(actor, address).await?;
        let Some(shape) = place.slot().and_then(|slot| slot.generate) else {
            let message = format!("The spec does not say how to generate {}.", address.key);
            return Err(ServiceError::invalid("generate", message));
        };
        let value = random_value(shape)?;
        self.store_value(actor, address, &place, value, expected(address, seen), ValueAction::Generated).await?;
        self.environment_of(&actor.organization, &address.target).await
    }

    /// Keeps the session's own value of a slot for a broader scope; the session's own is then gone.
    pub(super) async fn promote(&self, actor: &Actor, address: &SlotAddress) -> Result<Environment, ServiceError> {
        let place = self.place(actor, address).await?;
        let of_session = match &place.target.session {
            Some(session) if address.scope != Scope::Session => SecretScope::Session(session.id.clone()),
            _ => {
                return Err(ServiceError::invalid(
                    "scope",
                    "Choose the repository or the organization to keep it for.",
                ));
            }
        };
        let Some(value) = place.opened.value_at(&address.key, &Scope::Session).cloned() else {
            let message = format!("{} has no readable value of this session alone.", address.key);
            return Err(ServiceError::conflict(message));
        };
        self.store_value(actor, address, &place, value, Expected::Any, ValueAction::Promoted).await?;
        self.store().delete_value(&actor.organization, &of_session, &address.key, Expected::Any).await?;
        let changed = Changed::from([(of_session, BTreeSet::from([address.key.clone()]))]);
        let asking = place.target.session.as_ref().map(|session| &session.id);
        self.announce_values(&actor.organization, &changed, asking).await?;
        self.environment_of(&actor.organization, &address.target).await
    }

    pub(super) async fn remove_value(&self, actor: &Actor, address: &SlotAddress) -> Result<Environment, ServiceError> {
        let place = self.place(actor, address).await?;
        let gone = self.store().delete_value(&actor.organization, &place.scope, &address.key, Expected::Any).await?;
        if gone {
            self.value_changed(actor, address, &place, ValueAction::Deleted).await?;
        }
        self.environment_of(&actor.organization, &address.target).await
    }

    async fn store_value(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        place: &Place,
        value: SecretValue,
        expected: Expected,
        action: ValueAction,
    ) -> Result<(), ServiceError> {
        check_value(&place.opened.environment, &address.key, &value)?;
        if place.scope == SecretScope::Organization {
            // Who replaces it here also has it used here.
            place.slot().and_then(|slot| slot.held.as_ref()).map_or(Ok(()), |held| may_release(actor, held))?;
        }
        let (scope, key) = (place.scope.clone(), address.key.clone());
        let release_to = Some(place.target.configuration.id.clone());
        let checked = Checked { scope, key, value, expected, description: None, release_to };
        match self.store_all(actor, &[checked]).await {
            Err(ServiceError::Store(StoreError::VersionConflict { .. })) => {
                return Err(self.overtaken(actor, address).await?);
            }
            stored => stored?,
        }
        let saved = [(place.at.clone(), address.scope.clone())];
        self.keep_slots(actor, &place.target, &place.opened.environment, &saved).await?;
        self.value_changed(actor, address, place, action).await
    }

    async fn overtaken(&self, actor: &Actor, address: &SlotAddress) -> Result<ServiceError, ServiceError> {
        let environment = self.environment_of(&actor.organization, &address.target).await?;
        let at = SlotRef { file: address.file.clone(), key: address.key.clone() };
        let now = find(&environment, &at).and_then(|(_, slot)| stored_at(slot, &address.scope));
        Ok(overtaken(&address.key, now.map(|value| value.set_by.as_str())))
    }

    /// Checks who, where and which scope.
    pub(super) async fn place(&self, actor: &Actor, address: &SlotAddress) -> Result<Place, ServiceError> {
        require(actor, Role::Member, "change values")?;
        let target = self.target(&actor.organization, &address.target).await?;
        let opened = self.open(&actor.organization, &target).await?;
        let at = SlotRef { file: address.file.clone(), key: address.key.clone() };
        let (file, _) = find(&opened.environment, &at).ok_or_else(|| {
            ServiceError::conflict(format!(
                "{} is no longer asked for in {}: the spec changed meanwhile. Nothing was saved.",
                at.key, at.file
            ))
        })?;
        let scope = checked_scope(&target, file, &address.scope)?;
        Ok(Place { opened, target, at, scope })
    }

    async fn value_changed(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        place: &Place,
        action: ValueAction,
    ) -> Result<(), ServiceError> {
        let (key, scope, by) = (address.key.clone(), address.scope.clone(), actor.name.clone());
        let event = ThreadEvent::Value { action, key, scope, by };
        let session = place.target.session.as_ref().map(|session| (&session.id, event));
        let changed = Changed::from([(place.scope.clone(), BTreeSet::from([address.key.clone()]))]);
        self.announce_saved(actor, session, &changed).await
    }
}

/// What the store must find: what the form showed, or anything where it did not say.
fn expected(address: &SlotAddress, seen: Option<&Seen>) -> Expected {
    seen.map_or(Expected::Any, |seen| seen.at(&address.scope).map_or(Expected::Absent, Expected::Version))
}

/// A random value of the shape that the spec asks for.
fn random_value(shape: Generate) -> Result<SecretValue, ServiceError> {
    let count = match shape {
        Generate::Hex16 | Generate::Uuid => 16,
        Generate::Hex32 | Generate::Base64 => 32,
        Generate::Hex64 => 64,
    };
    let mut bytes = Zeroizing::new(vec![0; count]);
    getrandom::fill(&mut bytes).map_err(|_| vault::SealError::Randomness)?;
    Ok(SecretValue::new(match shape {
        Generate::Base64 => STANDARD.encode(&*bytes),
        Generate::Uuid => {
            let mut sixteen = [0; 16];
            sixteen.copy_from_slice(&bytes);
            uuid::Builder::from_random_bytes(sixteen).into_uuid().to_string()
        }
        Generate::Hex16 | Generate::Hex32 | Generate::Hex64 => {
            let mut text = String::with_capacity(count * 2);
            for byte in &*bytes {
                // Writing to a String cannot fail.
                let _ = write!(text, "{byte:02x}");
            }
            text
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_values_have_the_shape_that_was_asked_for_and_differ() {
        for (shape, length) in [
            (Generate::Hex16, 32),
            (Generate::Hex32, 64),
            (Generate::Hex64, 128),
            (Generate::Base64, 44),
            (Generate::Uuid, 36),
        ] {
            let (one, other) = (random_value(shape).expect("random"), random_value(shape).expect("random"));
            assert_eq!(one.len(), length, "{shape:?}");
            assert_ne!(one.expose(), other.expose());
        }
    }
}
