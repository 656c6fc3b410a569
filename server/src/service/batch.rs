//! What every save of values goes through, of one or of many: the checks, one transaction, one apply.

use super::environment::Target;
use super::{Keyslot, ServiceError};
use crate::store::{Expected, NewValue, StoreError};
use app::api::Actor;
use app::api::thread::ThreadEvent;
use domain::environment::{Environment, FileView, Scope, SlotView, StoredValue};
use domain::ids::{ConfigurationId, SessionId};
use domain::reader::{self, Reader};
use domain::request::RequestedKey;
use domain::spec::SlotRef;
use domain::{EnvSpec, KeyName, SecretValue, limits};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use vault::{RecordIdentity, SecretScope};

/// A value that may be stored.
pub(super) struct Checked {
    pub scope: SecretScope,
    pub key: KeyName,
    pub value: SecretValue,
    /// What the store must find.
    pub expected: Expected,
    /// What the value is, in a person's words; nothing leaves the words as they were.
    pub description: Option<String>,
    /// The configuration in whose panel it was typed: a value of the organization is released to it.
    pub release_to: Option<ConfigurationId>,
}

/// Which keys changed, by scope.
pub(super) type Changed = BTreeMap<SecretScope, BTreeSet<KeyName>>;

impl Keyslot {
    /// Seals values and stores all of them or none.
    pub(super) async fn store_all(&self, actor: &Actor, values: &[Checked]) -> Result<(), ServiceError> {
        let data_key = self.data_key(&actor.organization).await?;
        let (data_key, organization) = (&*data_key, &actor.organization);
        let new = values.iter().map(|one| {
            let Checked { scope, key, value, expected, description, release_to } = one;
            let seal = move |version| data_key.seal_value(&RecordIdentity { organization, scope, key, version }, value);
            let description = description.as_deref();
            let release_to = release_to.as_ref();
            NewValue { scope, key, expected: *expected, description, release_to, seal: Box::new(seal) }
        });
        let new = new.collect();
        self.store().put_values(&actor.organization, &actor.member, new).await?;
        Ok(())
    }

    /// Tells everybody of values that were stored or deleted, and has them brought to the sandboxes.
    pub(super) async fn announce_saved(
        &self,
        actor: &Actor,
        session: Option<(&SessionId, ThreadEvent)>,
        changed: &Changed,
    ) -> Result<(), ServiceError> {
        let asking = session.as_ref().map(|(session, _)| *session);
        if let Some((session, event)) = session {
            self.say(&actor.organization, session, event).await?;
        }
        self.announce_values(&actor.organization, changed, asking).await
    }

    /// Slots that only an agent asked for become part of the spec when their values are kept for future sessions.
    pub(super) async fn keep_slots(
        &self,
        actor: &Actor,
        target: &Target,
        environment: &Environment,
        saved: &[(SlotRef, Scope)],
    ) -> Result<(), ServiceError> {
        let only_here = |(at, scope): &&(SlotRef, Scope)| {
            *scope != Scope::Session && find(environment, at).is_some_and(|(_, slot)| slot.only_here)
        };
        let kept: Vec<&SlotRef> = saved.iter().filter(only_here).map(|(at, _)| at).collect();
        let Some(session) = target.session.as_ref().filter(|_| !kept.is_empty()) else { return Ok(()) };
        let asked = self.store().requests(&actor.organization, &session.id).await?;
        let asked = asked.iter().flat_map(|request| &request.keys);
        let wanted = asked.filter(|key| kept.iter().any(|at| key.place == at.file && key.asked.key == at.key));
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
}

/// A slot of an environment with its file.
pub(super) fn find<'a>(environment: &'a Environment, at: &SlotRef) -> Option<(&'a FileView, &'a SlotView)> {
    environment.slots().find(|(file, slot)| file.place == at.file && slot.key == at.key)
}

/// The value of a slot that stands at this very scope.
pub(super) fn stored_at<'a>(slot: &'a SlotView, scope: &Scope) -> Option<&'a StoredValue> {
    slot.known().find(|value| value.scope == *scope)
}

/// Says who was faster.
pub(super) fn overtaken(key: &KeyName, set_by: Option<&str>) -> ServiceError {
    let what = match set_by {
        Some(name) => format!("{name} saved a value for {key} meanwhile"),
        None => format!("The value of {key} was deleted meanwhile"),
    };
    ServiceError::conflict(format!("{what}. Yours is not saved yet: save it again to replace what is there now."))
}

/// A repository's value may only be saved where a file of that repository can use it, a session's only in a session.
pub(super) fn checked_scope(target: &Target, file: &FileView, scope: &Scope) -> Result<SecretScope, ServiceError> {
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

/// Refuses what no environment variable or no file of this environment could carry.
pub(super) fn check_value(environment: &Environment, key: &KeyName, value: &SecretValue) -> Result<(), ServiceError> {
    let named = environment.slots().filter(|(_, slot)| slot.key == *key);
    check_files(value, named.map(|(file, _)| (&file.place, file.readers.as_slice())))
}

/// Refuses what no environment variable or none of the files that ask for it could carry.
pub(super) fn check_files<'a, P: Display>(
    value: &SecretValue,
    files: impl IntoIterator<Item = (P, &'a [Reader])>,
) -> Result<(), ServiceError> {
    if value.len() > limits::VALUE_BYTES {
        let message = format!("The value has {} bytes; at most {} are kept.", value.len(), limits::VALUE_BYTES);
        return Err(ServiceError::invalid("value", message));
    }
    let mut files = files.into_iter().peekable();
    if files.peek().is_none() {
        // No file asks for it yet; one without named readers may.
        return reader::check(&[], value.expose())
            .map_err(|problem| ServiceError::invalid("value", format!("No env file can hold this value: {problem}.")));
    }
    for (place, readers) in files {
        reader::check(readers, value.expose())
            .map_err(|problem| ServiceError::invalid("value", format!("{place} cannot hold this value: {problem}.")))?;
    }
    Ok(())
}
