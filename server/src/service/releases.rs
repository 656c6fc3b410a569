//! Releasing values of the organization to configurations.

use super::{Keyslot, ServiceError, require};
use crate::boot::Opened;
use crate::events::Fact;
use crate::store::{ConfigurationRow, Keys, Reach, SessionRow, SpecRow};
use app::api::environment::EnvironmentTarget;
use app::api::live::Change;
use app::api::releases::ReleaseBackend;
use app::api::secrets::SecretView;
use app::api::thread::ThreadEvent;
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::environment::{Environment, Scope, StoredValue};
use domain::ids::ConfigurationId;
use domain::member::Role;
use domain::release::{ReleaseMode, Releasers, Releases};
use domain::secret_use::SecretReach;
use domain::spec::SlotRef;
use domain::{KeyName, limits, resolve};
use std::collections::HashMap;

#[async_trait]
impl ReleaseBackend for Keyslot {
    async fn release_values(
        &self,
        actor: &Actor,
        target: &EnvironmentTarget,
        keys: Vec<KeyName>,
    ) -> Result<Environment, ApiError> {
        Ok(self.release(actor, target, keys).await?)
    }

    async fn withdraw_release(
        &self,
        actor: &Actor,
        target: &EnvironmentTarget,
        key: &KeyName,
    ) -> Result<Environment, ApiError> {
        Ok(self.withdraw_one(actor, target, key).await?)
    }

    async fn set_release_mode(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        mode: ReleaseMode,
    ) -> Result<(), ApiError> {
        Ok(self.change_release_mode(actor, configuration, mode).await?)
    }

    async fn default_release_mode(&self, actor: &Actor) -> Result<ReleaseMode, ApiError> {
        Ok(self.store().default_release_mode(&actor.organization).await.map_err(ServiceError::from)?)
    }

    async fn set_default_release_mode(&self, actor: &Actor, mode: ReleaseMode) -> Result<(), ApiError> {
        require(actor, Role::Owner, "decide what new configurations use")?;
        self.store().set_default_release_mode(&actor.organization, mode).await.map_err(ServiceError::from)?;
        tracing::info!(by = %actor.name, mode = mode.as_str(), "the default for releases changed");
        self.events().tell(&actor.organization, Fact::Secrets);
        Ok(())
    }

    async fn set_releasers(
        &self,
        actor: &Actor,
        key: &KeyName,
        releasers: Releasers,
    ) -> Result<Vec<SecretView>, ApiError> {
        Ok(self.change_releasers(actor, key, releasers).await?)
    }

    async fn secret_reach(
        &self,
        actor: &Actor,
        keys: &[KeyName],
        target: Option<&EnvironmentTarget>,
    ) -> Result<SecretReach, ApiError> {
        Ok(self.reach_of(actor, keys, target).await?)
    }
}

impl Keyslot {
    async fn release(
        &self,
        actor: &Actor,
        target: &EnvironmentTarget,
        keys: Vec<KeyName>,
    ) -> Result<Environment, ServiceError> {
        require(actor, Role::Member, "use values of the organization")?;
        if keys.is_empty() || keys.len() > limits::IMPORT_KEYS {
            let message = format!("Name 1 to {} keys to use the organization's values of.", limits::IMPORT_KEYS);
            return Err(ServiceError::invalid("keys", message));
        }
        let organization = &actor.organization;
        let looked_up = self.target(organization, target).await?;
        let environment = self.open(organization, &looked_up).await?.environment;
        let mut held_keys = Vec::new();
        for key in &keys {
            let mut slots = environment.slots().filter(|(_, slot)| slot.key == *key).peekable();
            if slots.peek().is_none() {
                let message = format!("No file asks for {key} (any more), so nothing was released.");
                return Err(ServiceError::conflict(message));
            }
            // Only what was looked at: a value that is saved in this moment is not released with it.
            if let Some(held) = slots.find_map(|(_, slot)| slot.held.as_ref()) {
                may_release(actor, held)?;
                held_keys.push(key.clone());
            }
        }
        let configuration = &looked_up.configuration.id;
        let released = self.store().release_values(organization, configuration, &held_keys, &actor.member).await?;
        let named = released.iter().map(KeyName::as_str).collect::<Vec<_>>().join(" ");
        tracing::info!(%configuration, by = %actor.name, keys = named, "values of the organization were released");
        // What only an agent asked for becomes part of the spec, as when a value is saved for it.
        let slots = environment.slots().filter(|(_, slot)| keys.contains(&slot.key));
        let slots = slots
            .map(|(file, slot)| (SlotRef { file: file.place.clone(), key: slot.key.clone() }, Scope::Organization));
        let slots: Vec<_> = slots.collect();
        self.keep_slots(actor, &looked_up, &environment, &slots).await?;
        if !released.is_empty() {
            let event = ThreadEvent::Released { keys: released.clone(), by: actor.name.clone() };
            self.releases_changed(actor, configuration, looked_up.session.as_ref(), Some(event), released).await?;
        }
        self.environment_of(organization, target).await
    }

    async fn withdraw_one(
        &self,
        actor: &Actor,
        target: &EnvironmentTarget,
        key: &KeyName,
    ) -> Result<Environment, ServiceError> {
        require(actor, Role::Member, "change what configurations use")?;
        let organization = &actor.organization;
        let looked_up = self.target(organization, target).await?;
        if looked_up.configuration.releases.mode == ReleaseMode::All {
            let message = "This configuration uses all organization values. Let it ask for each key first.";
            return Err(ServiceError::conflict(message));
        }
        // Whoever may not give it back must not take it away.
        let own = self.organization_value(organization, key).await?;
        own.map_or(Ok(()), |row| may_release(actor, &row.stored(true)))?;
        let configuration = &looked_up.configuration.id;
        if self.store().withdraw_release(organization, configuration, key).await? {
            tracing::info!(%configuration, by = %actor.name, %key, "a release was taken back");
            let event = ThreadEvent::Withdrawn { key: key.clone(), by: actor.name.clone() };
            self.releases_changed(actor, configuration, looked_up.session.as_ref(), Some(event), Vec::new()).await?;
        }
        self.environment_of(organization, target).await
    }

    async fn change_release_mode(
        &self,
        actor: &Actor,
        id: &ConfigurationId,
        mode: ReleaseMode,
    ) -> Result<(), ServiceError> {
        require(actor, Role::Admin, "decide whether a configuration uses all organization values")?;
        let organization = &actor.organization;
        self.store().set_release_mode(organization, id, mode).await?;
        tracing::info!(configuration = %id, by = %actor.name, mode = mode.as_str(), "a configuration's releases changed");
        self.events().tell(organization, Fact::Configurations);
        let spec = self.store().spec(organization, id).await?;
        let keys = spec.map(|row| row.spec.key_names()).unwrap_or_default();
        self.releases_changed(actor, id, None, None, keys.into_iter().collect()).await
    }

    async fn change_releasers(
        &self,
        actor: &Actor,
        key: &KeyName,
        releasers: Releasers,
    ) -> Result<Vec<SecretView>, ServiceError> {
        require(actor, Role::Admin, "decide who may release a secret")?;
        if !self.store().set_releasers(&actor.organization, key, releasers).await? {
            return Err(ServiceError::not_found("secret"));
        }
        self.events().tell(&actor.organization, Fact::Secrets);
        self.list_secrets(&actor.organization).await
    }

    /// How a configuration that is being made comes to the organization's values.
    pub(super) async fn first_release_mode(
        &self,
        actor: &Actor,
        asked: Option<ReleaseMode>,
    ) -> Result<ReleaseMode, ServiceError> {
        let usual = self.store().default_release_mode(&actor.organization).await?;
        let mode = asked.unwrap_or(usual);
        if mode == ReleaseMode::All && usual != ReleaseMode::All {
            require(actor, Role::Admin, "let a configuration use all organization values")?;
        }
        Ok(mode)
    }

    /// Screens, running sandboxes, waiting sessions and requests for these keys follow, behind the answer as after a
    /// save.
    async fn releases_changed(
        &self,
        actor: &Actor,
        configuration: &ConfigurationId,
        session: Option<&SessionRow>,
        event: Option<ThreadEvent>,
        keys: Vec<KeyName>,
    ) -> Result<(), ServiceError> {
        let organization = &actor.organization;
        if let Some((session, event)) = session.zip(event) {
            self.say(organization, &session.id, event).await?;
            self.events().publish(organization, &session.id, Change::Environment);
        }
        self.events().tell(organization, Fact::Environment(configuration.clone()));
        self.events().tell(organization, Fact::Secrets);
        let reached = self.store().sessions_within(organization, Reach::Spec(configuration)).await?;
        self.follow_behind(organization, reached, keys);
        Ok(())
    }

    async fn reach_of(
        &self,
        actor: &Actor,
        keys: &[KeyName],
        target: Option<&EnvironmentTarget>,
    ) -> Result<SecretReach, ServiceError> {
        let organization = &actor.organization;
        let here = match target {
            Some(target) => Some(self.target(organization, target).await?.configuration.id),
            None => None,
        };
        let named = keys.iter().cloned().collect();
        let rows = self.store().secrets(organization, Keys::Named(&named)).await?;
        let before: Vec<_> = rows.iter().map(|row| row.stored(true)).collect();
        let mut after = before.clone();
        for key in keys {
            if !after.iter().any(|value| value.scope == Scope::Organization && value.key == *key) {
                after.push(new_value(key));
            }
        }
        let specs = self.store().specs_naming(organization, &named).await?;
        let specs: HashMap<_, SpecRow> = specs.into_iter().map(|row| (row.configuration.clone(), row)).collect();
        let mut reach = SecretReach::default();
        for row in self.store().configurations(organization).await? {
            let Some(spec) = specs.get(&row.id) else { continue };
            let mut then = row.releases.clone();
            if here.as_ref() == Some(&row.id) {
                then.keys.extend(keys.iter().cloned());
            }
            let environment =
                |releases: &Releases, stored: &[StoredValue]| environment_with(&row, spec, releases, stored);
            reach.add(keys, &environment(&row.releases, &before), &environment(&then, &after));
        }
        Ok(reach)
    }
}

fn environment_with(
    row: &ConfigurationRow,
    spec: &SpecRow,
    releases: &Releases,
    stored: &[StoredValue],
) -> Environment {
    resolve(spec.version, &spec.spec, &Opened::attached(row), releases, stored)
}

/// A value of the organization that nobody saved yet.
fn new_value(key: &KeyName) -> StoredValue {
    StoredValue {
        key: key.clone(),
        scope: Scope::Organization,
        version: 1,
        set_by: String::new(),
        set_at: 0,
        length: Some(0),
        fingerprint: String::new(),
        readable: true,
        releasers: Releasers::default(),
        warnings: Vec::new(),
    }
}

/// Refuses whoever may not release this value of the organization.
pub(super) fn may_release(actor: &Actor, value: &StoredValue) -> Result<(), ServiceError> {
    if value.releasers.include(actor.role) {
        return Ok(());
    }
    require(actor, Role::Admin, &format!("let a configuration use the organization's value of {}", value.key))
}
