//! Secrets of the whole organization.

use super::batch::{Changed, Checked, check_files, overtaken};
use super::{Keyslot, ServiceError, require};
use crate::events::Fact;
use crate::store::{ConfigurationRow, Expected, Keys, SpecRow, StoreError, ValueRow};
use app::api::secrets::{SecretBackend, SecretView};
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::ids::OrganizationId;
use domain::member::Role;
use domain::secret_use::{FileUse, SecretUse, Without};
use domain::{Environment, KeyName, SecretValue, limits, resolve};
use std::collections::{BTreeSet, HashMap};
use vault::SecretScope;

/// What only members may do.
const CHANGE: &str = "change secrets of the organization";

#[async_trait]
impl SecretBackend for Keyslot {
    async fn secrets(&self, actor: &Actor) -> Result<Vec<SecretView>, ApiError> {
        let mut secrets = self.list_secrets(&actor.organization).await?;
        if actor.role < Role::Member {
            secrets.iter_mut().for_each(SecretView::hide_measures);
        }
        Ok(secrets)
    }

    async fn add_secret(
        &self,
        actor: &Actor,
        key: &str,
        description: &str,
        value: SecretValue,
    ) -> Result<Vec<SecretView>, ApiError> {
        Ok(self.add_new_secret(actor, key, description, value).await?)
    }

    async fn replace_secret(
        &self,
        actor: &Actor,
        key: &KeyName,
        value: SecretValue,
        seen: Option<i64>,
    ) -> Result<Vec<SecretView>, ApiError> {
        Ok(self.replace_value(actor, key, value, seen).await?)
    }

    async fn describe_secret(
        &self,
        actor: &Actor,
        key: &KeyName,
        description: &str,
    ) -> Result<Vec<SecretView>, ApiError> {
        Ok(self.describe(actor, key, description).await?)
    }

    async fn delete_secret(
        &self,
        actor: &Actor,
        key: &KeyName,
        seen: Option<i64>,
    ) -> Result<Vec<SecretView>, ApiError> {
        Ok(self.delete_everywhere(actor, key, seen).await?)
    }
}

impl Keyslot {
    /// The organization's secrets with their uses, in a constant number of queries.
    pub(super) async fn list_secrets(&self, organization: &OrganizationId) -> Result<Vec<SecretView>, ServiceError> {
        let data_key = self.data_key(organization).await?;
        let rows = self.store().secrets(organization, Keys::All).await?;
        let Uses { mut uses, held } = self.uses(organization, &rows).await?;
        let own = rows.into_iter().filter(|row| row.scope == SecretScope::Organization);
        let view = |row: ValueRow| SecretView {
            readable: data_key.open(&row.identity(organization), &row.record).is_ok(),
            uses: uses.remove(&row.key).unwrap_or_default(),
            held: held.get(&row.key).copied().unwrap_or_default(),
            releasers: row.releasers,
            key: row.key,
            description: row.description,
            version: row.version,
            set_by: row.set_by,
            set_at: row.set_at,
            length: Some(row.length),
            fingerprint: row.fingerprint,
        };
        Ok(own.map(view).collect())
    }

    /// The uses of each key of the organization, configurations by name.
    async fn uses(&self, organization: &OrganizationId, rows: &[ValueRow]) -> Result<Uses, ServiceError> {
        let specs = self.store().specs(organization).await?;
        let mut specs: HashMap<_, _> = specs.into_iter().map(|row| (row.configuration.clone(), row)).collect();
        let mut configurations = self.store().configurations(organization).await?;
        configurations.sort_by_cached_key(|row| (row.name.to_lowercase(), row.id.clone()));
        let Uses { mut uses, mut held } = Uses::default();
        for configuration in &configurations {
            let Some(spec) = specs.remove(&configuration.id) else { continue };
            let environment = environment(configuration, &spec, rows);
            for value in environment.releasable() {
                *held.entry(value.key.clone()).or_default() += 1;
            }
            for (key, file) in used(&environment) {
                let known = uses.entry(key).or_default();
                match known.last_mut().filter(|last| last.configuration == configuration.id) {
                    Some(last) => last.files.push(file),
                    None => known.push(SecretUse {
                        configuration: configuration.id.clone(),
                        name: configuration.name.clone(),
                        files: vec![file],
                    }),
                }
            }
        }
        Ok(Uses { uses, held })
    }

    async fn add_new_secret(
        &self,
        actor: &Actor,
        key: &str,
        description: &str,
        value: SecretValue,
    ) -> Result<Vec<SecretView>, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        let key = KeyName::new(key.trim().to_ascii_uppercase())
            .map_err(|problem| ServiceError::invalid("key", sentence(&problem.to_string())))?;
        let description = checked_description(description)?;
        let description = Some(description.as_str()).filter(|text| !text.is_empty());
        match self.store_secret(actor, &key, value, Expected::Absent, description).await {
            Err(ServiceError::Store(StoreError::VersionConflict { .. })) => Err(self.taken(actor, key).await?),
            stored => stored,
        }
    }

    async fn replace_value(
        &self,
        actor: &Actor,
        key: &KeyName,
        value: SecretValue,
        seen: Option<i64>,
    ) -> Result<Vec<SecretView>, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        match self.store_secret(actor, key, value, expected(seen), None).await {
            Err(ServiceError::Store(StoreError::VersionConflict { .. })) => Err(self.overtaken_by(actor, key).await?),
            stored => stored,
        }
    }

    async fn describe(&self, actor: &Actor, key: &KeyName, description: &str) -> Result<Vec<SecretView>, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        let (organization, description) = (&actor.organization, checked_description(description)?);
        if !self.store().describe_value(organization, &SecretScope::Organization, key, &description).await? {
            return Err(ServiceError::not_found("secret"));
        }
        self.events().tell(organization, Fact::Secrets);
        self.list_secrets(organization).await
    }

    async fn delete_everywhere(
        &self,
        actor: &Actor,
        key: &KeyName,
        seen: Option<i64>,
    ) -> Result<Vec<SecretView>, ServiceError> {
        require(actor, Role::Member, CHANGE)?;
        let (organization, scope) = (&actor.organization, SecretScope::Organization);
        match self.store().delete_value(organization, &scope, key, expected(seen)).await {
            // Somebody else deleted it already.
            Err(StoreError::VersionConflict { current: 0 }) | Ok(false) => {}
            Err(StoreError::VersionConflict { .. }) => {
                let by = self.set_by(organization, key).await?.unwrap_or_default();
                let text = format!("{by} saved another value for {key} meanwhile, so nothing was deleted. Look again.");
                return Err(ServiceError::conflict(text));
            }
            Ok(true) => self.secret_changed(actor, key).await?,
            Err(other) => return Err(other.into()),
        }
        self.list_secrets(organization).await
    }

    async fn store_secret(
        &self,
        actor: &Actor,
        key: &KeyName,
        value: SecretValue,
        expected: Expected,
        description: Option<&str>,
    ) -> Result<Vec<SecretView>, ServiceError> {
        let organization = &actor.organization;
        let specs = self.store().specs_naming(organization, &BTreeSet::from([key.clone()])).await?;
        let files = specs.iter().flat_map(|row| &row.spec.files);
        let named = files.filter(|file| file.keys.iter().any(|slot| slot.key == *key));
        check_files(&value, named.map(|file| (file.place(), file.readers.as_slice())))?;
        let (scope, description) = (SecretScope::Organization, description.map(str::to_owned));
        self.spend_guesses(actor, [key]).await?;
        let checked = Checked { scope, key: key.clone(), value, expected, description, release_to: None };
        self.store_all(actor, &[checked]).await?;
        self.secret_changed(actor, key).await?;
        self.list_secrets(organization).await
    }

    /// Running sandboxes and whoever waits follow, as after a save in a slot.
    async fn secret_changed(&self, actor: &Actor, key: &KeyName) -> Result<(), ServiceError> {
        let changed = Changed::from([(SecretScope::Organization, BTreeSet::from([key.clone()]))]);
        self.announce_saved(actor, None, &changed).await
    }

    async fn set_by(&self, organization: &OrganizationId, key: &KeyName) -> Result<Option<String>, ServiceError> {
        Ok(self.organization_value(organization, key).await?.map(|row| row.set_by))
    }

    /// The organization's value of a key, sealed.
    pub(super) async fn organization_value(
        &self,
        organization: &OrganizationId,
        key: &KeyName,
    ) -> Result<Option<ValueRow>, ServiceError> {
        let named = BTreeSet::from([key.clone()]);
        let rows = self.store().secrets(organization, Keys::Named(&named)).await?;
        Ok(rows.into_iter().find(|row| row.scope == SecretScope::Organization))
    }

    /// Says that there is one already, and whose.
    async fn taken(&self, actor: &Actor, key: KeyName) -> Result<ServiceError, ServiceError> {
        let by = self.set_by(&actor.organization, &key).await?;
        let by = by.map(|name| format!(", set by {name}")).unwrap_or_default();
        let message = format!("{key} has a value already{by}. Nothing was saved. Replace it if you mean to.");
        Ok(ServiceError::Answer(ApiError::Taken { name: key.to_string(), message }))
    }

    async fn overtaken_by(&self, actor: &Actor, key: &KeyName) -> Result<ServiceError, ServiceError> {
        let by = self.set_by(&actor.organization, key).await?;
        Ok(overtaken(key, by.as_deref()))
    }
}

/// What the store must find: what the form showed, or anything where it did not say.
fn expected(seen: Option<i64>) -> Expected {
    seen.map_or(Expected::Any, Expected::Version)
}

/// What the organization's values are to its configurations.
#[derive(Default)]
struct Uses {
    /// Who uses each key.
    uses: HashMap<KeyName, Vec<SecretUse>>,
    /// How many name each key without having it released to them.
    held: HashMap<KeyName, usize>,
}

/// A configuration's environment as far as the organization's values go.
fn environment(configuration: &ConfigurationRow, spec: &SpecRow, rows: &[ValueRow]) -> Environment {
    let named = spec.spec.key_names();
    let attached = crate::boot::Opened::attached(configuration);
    // Who is used does not depend on whether it can be opened: a broader value never takes its place.
    let stored: Vec<_> = rows.iter().filter(|row| named.contains(&row.key)).map(|row| row.stored(true)).collect();
    resolve(spec.version, &spec.spec, &attached, &configuration.releases, &stored)
}

/// The slots that use a value of the organization, each with its file.
fn used(environment: &Environment) -> Vec<(KeyName, FileUse)> {
    let of_slot = |(file, slot): (&domain::environment::FileView, &domain::environment::SlotView)| {
        let without = Without::of(slot)?;
        Some((slot.key.clone(), FileUse { place: file.place.clone(), without }))
    };
    environment.slots().filter_map(of_slot).collect()
}

fn checked_description(description: &str) -> Result<String, ServiceError> {
    let text = description.replace("\r\n", "\n").trim().to_owned();
    let count = text.chars().count();
    if count > limits::DESCRIPTION_CHARS {
        let message =
            format!("A description has at most {} characters; this one has {count}.", limits::DESCRIPTION_CHARS);
        return Err(ServiceError::invalid("description", message));
    }
    if text.chars().any(|letter| letter.is_control() && letter != '\n' && letter != '\t') {
        return Err(ServiceError::invalid("description", "A description has no control characters. Type it again."));
    }
    Ok(text)
}

/// A reason as a sentence of its own.
pub(super) fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
