//! Saving, generating and deleting values.

use super::environment::Target;
use super::{Keyslot, ServiceError, require};
use crate::store::{Expected, NewValue, StoreError};
use crate::vault::{RecordIdentity, SecretScope};
use app::api::Actor;
use app::api::environment::{EnvironmentTarget, SlotAddress};
use app::api::thread::{ThreadEvent, ValueAction};
use app::domain::environment::{Environment, FileView, Scope, Seen, SlotView, StoredValue};
use app::domain::member::Role;
use app::domain::request::RequestedKey;
use app::domain::spec::{Format, Generate};
use app::domain::{EnvSpec, KeyName, SecretValue, dotenv, limits};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::{Display, Write};
use zeroize::Zeroizing;

/// A slot that a value may be saved for, and the scope as the vault names it.
struct Place {
    target: Target,
    environment: Environment,
    scope: SecretScope,
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
        let existed = stored_at(&place.environment, address).is_some();
        let action = if existed { ValueAction::Replaced } else { ValueAction::Saved };
        self.store_value(actor, address, place, &value, expected(address, seen), action).await
    }

    pub(super) async fn save_generated(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        seen: Option<&Seen>,
    ) -> Result<Environment, ServiceError> {
        let place = self.place(actor, address).await?;
        let (_, slot) = find(&place.environment, address)?;
        let Some(shape) = slot.generate else {
            let message = format!("The spec does not say how to generate {}.", slot.key);
            return Err(ServiceError::invalid("generate", message));
        };
        let value = random_value(shape)?;
        self.store_value(actor, address, place, &value, expected(address, seen), ValueAction::Generated).await
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
        let opened = self.open(&actor.organization, &place.target).await?;
        let Some(value) = opened.value_at(&address.key, &Scope::Session).cloned() else {
            let message = format!("{} has no readable value of this session alone.", address.key);
            return Err(ServiceError::conflict(message));
        };
        drop(opened);
        let target = place.target.session.as_ref().map(|session| session.id.clone());
        self.store_value(actor, address, place, &value, Expected::Any, ValueAction::Promoted).await?;
        self.store().delete_value(&actor.organization, &of_session, &address.key, Expected::Any).await?;
        self.apply_value(&actor.organization, &of_session, &address.key, target.as_ref()).await?;
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
        place: Place,
        value: &SecretValue,
        expected: Expected,
        action: ValueAction,
    ) -> Result<Environment, ServiceError> {
        check_value(&place.environment, address, value)?;
        match self.put_secret(actor, &place.scope, &address.key, value, expected, None).await {
            Err(ServiceError::Store(StoreError::VersionConflict { .. })) => {
                return Err(self.overtaken(actor, address).await?);
            }
            stored => stored?,
        }
        self.keep_slot(actor, address, &place).await?;
        self.value_changed(actor, address, &place, action).await?;
        self.environment_of(&actor.organization, &address.target).await
    }

    /// Seals a value for one scope and stores it if what is there is as expected.
    pub(super) async fn put_secret(
        &self,
        actor: &Actor,
        scope: &SecretScope,
        key: &KeyName,
        value: &SecretValue,
        expected: Expected,
        description: Option<&str>,
    ) -> Result<(), ServiceError> {
        let organization = &actor.organization;
        let data_key = self.data_key(organization).await?;
        let seal = |version| data_key.seal_value(&RecordIdentity { organization, scope, key, version }, value);
        let new = NewValue { scope, key, expected, description, seal: Box::new(seal) };
        self.store().put_value(organization, &actor.member, new).await?;
        Ok(())
    }

    async fn overtaken(&self, actor: &Actor, address: &SlotAddress) -> Result<ServiceError, ServiceError> {
        let environment = self.environment_of(&actor.organization, &address.target).await?;
        let by = stored_at(&environment, address).map(|value| value.set_by.as_str());
        Ok(overtaken(&address.key, by))
    }

    /// A slot that only an agent asked for becomes part of the spec when its value is kept for future sessions.
    async fn keep_slot(&self, actor: &Actor, address: &SlotAddress, place: &Place) -> Result<(), ServiceError> {
        let only_here = find(&place.environment, address).is_ok_and(|(_, slot)| slot.only_here);
        let Some(session) = place.target.session.as_ref().filter(|_| only_here && address.scope != Scope::Session)
        else {
            return Ok(());
        };
        let asked = self.store().requests(&actor.organization, &session.id).await?;
        let asked = asked.iter().flat_map(|request| &request.keys);
        let wanted = asked.filter(|key| key.place == address.file && key.asked.key == address.key);
        let wanted: Vec<RequestedKey> = wanted.cloned().collect();
        loop {
            let before = self.store().spec(&actor.organization, &session.configuration).await?;
            let (version, spec) = before.map_or((0, EnvSpec::default()), |row| (row.version, row.spec));
            let spec = spec.with_asked(&wanted).checked()?;
            let (store, configuration) = (self.store(), &session.configuration);
            match store.save_spec(&actor.organization, configuration, &spec, &actor.name, Some(version)).await {
                // Somebody else saved the spec in this very moment.
                Err(StoreError::VersionConflict { .. }) => {}
                saved => return saved.map(|_| ()).map_err(ServiceError::from),
            }
        }
    }

    /// Checks who, where and which scope.
    async fn place(&self, actor: &Actor, address: &SlotAddress) -> Result<Place, ServiceError> {
        require(actor, Role::Member, "change values")?;
        let target = self.target(&actor.organization, &address.target).await?;
        let environment = self.open(&actor.organization, &target).await?.environment;
        let (file, _) = find(&environment, address)?;
        let scope = checked_scope(&target, file, &address.scope)?;
        Ok(Place { target, environment, scope })
    }

    async fn value_changed(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        place: &Place,
        action: ValueAction,
    ) -> Result<(), ServiceError> {
        if let EnvironmentTarget::Session(session) = &address.target {
            let (key, scope, by) = (address.key.clone(), address.scope.clone(), actor.name.clone());
            self.say(&actor.organization, session, ThreadEvent::Value { action, key, scope, by }).await?;
        }
        let session = place.target.session.as_ref().map(|session| &session.id);
        self.apply_value(&actor.organization, &place.scope, &address.key, session).await?;
        // After the apply, so that an agent that goes on finds the value in the files.
        self.settle_requests(&actor.organization, &address.key).await
    }
}

/// What the store must find: what the form showed, or anything where it did not say.
fn expected(address: &SlotAddress, seen: Option<&Seen>) -> Expected {
    seen.map_or(Expected::Any, |seen| seen.at(&address.scope).map_or(Expected::Absent, Expected::Version))
}

fn find<'a>(environment: &'a Environment, address: &SlotAddress) -> Result<(&'a FileView, &'a SlotView), ServiceError> {
    let mut slots = environment.slots();
    slots.find(|(file, slot)| file.place == address.file && slot.key == address.key).ok_or_else(|| {
        ServiceError::conflict(format!(
            "{} is no longer asked for in {}: the spec changed meanwhile. Nothing was saved.",
            address.key, address.file
        ))
    })
}

/// The value that stands at this very scope.
fn stored_at<'a>(environment: &'a Environment, address: &SlotAddress) -> Option<&'a StoredValue> {
    let (_, slot) = find(environment, address).ok()?;
    let mut known = slot.winner.iter().chain(&slot.hidden).chain(&slot.conflict);
    known.find(|value| value.scope == address.scope)
}

/// A repository's value may only be saved where a file of that repository can use it, a session's only in a session.
fn checked_scope(target: &Target, file: &FileView, scope: &Scope) -> Result<SecretScope, ServiceError> {
    match scope {
        Scope::Organization => Ok(SecretScope::Organization),
        Scope::Session => match &target.session {
            Some(session) if session.ended_at.is_none() => Ok(SecretScope::Session(session.id.clone())),
            Some(_) => Err(ServiceError::invalid("scope", "This session has ended. Save for the repository instead.")),
            None => Err(ServiceError::invalid("scope", "A value for one session can only be saved in that session.")),
        },
        Scope::Repository(id) => {
            let attached = target.configuration.repositories.iter().any(|row| row.repository.id == *id);
            let owns = file.owner.as_ref().is_none_or(|owner| owner.id == *id);
            if attached && owns {
                return Ok(SecretScope::Repository(id.clone()));
            }
            let message = format!("{} does not belong to that repository, so its values never reach it.", file.place);
            Err(ServiceError::invalid("scope", message))
        }
    }
}

/// Says who was faster.
pub(super) fn overtaken(key: &KeyName, set_by: Option<&str>) -> ServiceError {
    let what = match set_by {
        Some(name) => format!("{name} saved a value for {key} meanwhile"),
        None => format!("The value of {key} was deleted meanwhile"),
    };
    ServiceError::conflict(format!("{what}. Yours is not saved yet: save it again to replace what is there now."))
}

/// Refuses what no environment variable or no file of this environment could carry.
fn check_value(environment: &Environment, address: &SlotAddress, value: &SecretValue) -> Result<(), ServiceError> {
    let named = environment.slots().filter(|(_, slot)| slot.key == address.key);
    check_carried(value, named.map(|(file, _)| (&file.place, file.format)))
}

/// Refuses what no environment variable or none of these files could carry.
pub(super) fn check_carried<P: Display>(
    value: &SecretValue,
    files: impl IntoIterator<Item = (P, Format)>,
) -> Result<(), ServiceError> {
    if value.len() > limits::VALUE_BYTES {
        let message = format!("The value has {} bytes; at most {} are kept.", value.len(), limits::VALUE_BYTES);
        return Err(ServiceError::invalid("value", message));
    }
    for (place, format) in files {
        dotenv::write::check(format, value.expose())
            .map_err(|problem| ServiceError::invalid("value", format!("{place} cannot hold this value: {problem}.")))?;
    }
    Ok(())
}

/// A random value of the shape that the spec asks for.
fn random_value(shape: Generate) -> Result<SecretValue, ServiceError> {
    let count = match shape {
        Generate::Hex16 | Generate::Uuid => 16,
        Generate::Hex32 | Generate::Base64 => 32,
        Generate::Hex64 => 64,
    };
    let mut bytes = Zeroizing::new(vec![0; count]);
    getrandom::fill(&mut bytes).map_err(|_| crate::vault::SealError::Randomness)?;
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
