//! Importing many values at once, all or none.

use super::batch::{Changed, Checked, check_value, checked_scope};
use super::environment::Target;
use super::releases::may_release;
use super::{Keyslot, ServiceError, require};
use crate::store::{Expected, Keys, StoreError};
use app::api::environment::SlotAddress;
use app::api::import::{
    Compared, Destination, ImportBackend, ImportEntry, ImportOutcome, Imported, ImportedValue, KeyDigest,
};
use app::api::thread::ThreadEvent;
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::environment::{Environment, FileView, Scope, Seen, SlotView, StoredValue};
use domain::import::Choice;
use domain::member::Role;
use domain::spec::SlotRef;
use domain::{KeyName, SecretValue, limits};
use std::collections::BTreeSet;
use vault::SecretScope;

/// Problems that a refusal names before the rest is only counted: it may have to stand in an address.
const NAMED: usize = 5;

#[async_trait]
impl ImportBackend for Keyslot {
    async fn import_values(
        &self,
        actor: &Actor,
        destination: &Destination,
        entries: Vec<ImportEntry>,
    ) -> Result<Imported, ApiError> {
        Ok(self.import(actor, destination, entries, Vec::new()).await?)
    }

    async fn import_text(
        &self,
        actor: &Actor,
        destination: &Destination,
        choice: Choice,
        text: SecretValue,
        unlisted: bool,
    ) -> Result<Imported, ApiError> {
        Ok(self.import_lines(actor, destination, choice, &text, unlisted).await?)
    }

    async fn compare_values(
        &self,
        actor: &Actor,
        destination: &Destination,
        nonce: &str,
        digests: Vec<KeyDigest>,
    ) -> Result<Vec<Compared>, ApiError> {
        Ok(self.compare(actor, destination, nonce, digests).await?)
    }

    async fn resolve_conflict(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        seen: Option<&Seen>,
    ) -> Result<Environment, ApiError> {
        Ok(self.end_conflict(actor, address, seen).await?)
    }
}

/// A destination, looked up.
pub(super) struct Place {
    /// Nothing for an organization as such.
    pub target: Option<Target>,
    /// An organization as such has no files.
    pub environment: Environment,
    /// The organization's values of those keys that are imported and that no slot names.
    pub organization: Vec<StoredValue>,
}

impl Keyslot {
    /// Checks every value, then stores all of them or, if one cannot be, none.
    pub(super) async fn import(
        &self,
        actor: &Actor,
        destination: &Destination,
        entries: Vec<ImportEntry>,
        left_out: Vec<KeyName>,
    ) -> Result<Imported, ServiceError> {
        require(actor, Role::Member, "change values")?;
        if entries.is_empty() || entries.len() > limits::IMPORT_KEYS {
            let message = format!("An import has 1 to {} values; this one has {}.", limits::IMPORT_KEYS, entries.len());
            return Err(ServiceError::invalid("entries", message));
        }
        let keys = entries.iter().map(|entry| entry.key.clone()).collect();
        let place = self.destination(actor, destination, &keys).await?;
        let checked = place.checked_all(actor, entries)?;
        // Versions before content: who does not know what is there is not told whether it is the same.
        overtaken_by_others(&place, &checked)?;
        let data_key = self.data_key(&actor.organization).await?;
        let mut right = self.spend_guesses(actor, checked.iter().map(|one| &one.key)).await?;
        let (mut values, mut saved, mut changed) = (Vec::new(), Vec::new(), Vec::new());
        for one in checked {
            let (key, scope) = (one.key.clone(), Scope::from(&one.scope));
            let is_same = |stored: &StoredValue| {
                stored.readable && stored.fingerprint == data_key.fingerprint(&one.key, &one.value)
            };
            // The organization's own value, typed where it is held, is a release.
            let held = scope == Scope::Organization && place.held(&key).next().is_some();
            let outcome = match place.stored(&key, &scope).is_some_and(is_same) && !held {
                true => ImportOutcome::Unchanged,
                false => ImportOutcome::Saved,
            };
            if outcome == ImportOutcome::Saved {
                right.remove(&one.key);
                let slot = |(file, _): (&FileView, _)| SlotRef { file: file.place.clone(), key: key.clone() };
                saved.extend(place.files(&key).map(slot).map(|at| (at, scope.clone())));
                changed.push(one);
            }
            values.push(ImportedValue { key, scope, outcome });
        }
        self.return_guesses(actor, &right).await?;
        if !changed.is_empty() {
            self.store_import(actor, destination, &changed).await?;
            if let Some(target) = &place.target {
                self.keep_slots(actor, target, &place.environment, &saved).await?;
            }
        }
        self.tell_import(actor, &place, &changed, &values, left_out).await?;
        let environment = match destination {
            Destination::Environment(target) => Some(self.environment_of(&actor.organization, target).await?),
            Destination::Organization => None,
        };
        Ok(Imported { values, environment })
    }

    async fn store_import(
        &self,
        actor: &Actor,
        destination: &Destination,
        checked: &[Checked],
    ) -> Result<(), ServiceError> {
        match self.store_all(actor, checked).await {
            Err(ServiceError::Store(error @ StoreError::VersionConflict { .. })) => {
                let keys = checked.iter().map(|one| one.key.clone()).collect();
                overtaken_by_others(&self.destination(actor, destination, &keys).await?, checked)?;
                // It was overtaken, and is as it was again.
                Err(error.into())
            }
            stored => stored,
        }
    }

    /// One entry of the thread, one apply.
    async fn tell_import(
        &self,
        actor: &Actor,
        place: &Place,
        checked: &[Checked],
        values: &[ImportedValue],
        left_out: Vec<KeyName>,
    ) -> Result<(), ServiceError> {
        let mut changed = Changed::new();
        for one in checked {
            changed.entry(one.scope.clone()).or_default().insert(one.key.clone());
        }
        let keys: BTreeSet<_> = checked.iter().map(|one| one.key.clone()).collect();
        let event = ThreadEvent::Imported {
            keys: keys.into_iter().collect(),
            scopes: changed.keys().map(Scope::from).collect(),
            unchanged: values.iter().filter(|value| value.outcome == ImportOutcome::Unchanged).count(),
            left_out,
            by: actor.name.clone(),
        };
        let session = place.target.as_ref().and_then(|target| target.session.as_ref());
        self.announce_saved(actor, session.map(|session| (&session.id, event)), &changed).await
    }

    pub(super) async fn destination(
        &self,
        actor: &Actor,
        destination: &Destination,
        keys: &BTreeSet<KeyName>,
    ) -> Result<Place, ServiceError> {
        let organization = &actor.organization;
        let (target, environment, keys) = match destination {
            Destination::Environment(target) => {
                let target = self.target(organization, target).await?;
                let opened = self.open(organization, &target).await?;
                let others = keys - &opened.spec.key_names();
                (Some(target), opened.environment, others)
            }
            Destination::Organization => (None, Environment::default(), keys.clone()),
        };
        let rows = self.store().secrets(organization, Keys::Named(&keys)).await?;
        let own = rows.iter().filter(|row| row.scope == SecretScope::Organization);
        let data_key = self.data_key(organization).await?;
        let stored = own.map(|row| row.stored(data_key.open(&row.identity(organization), &row.record).is_ok()));
        Ok(Place { target, environment, organization: stored.collect() })
    }
}

impl Place {
    fn files(&self, key: &KeyName) -> impl Iterator<Item = (&FileView, &SlotView)> {
        self.environment.slots().filter(move |(_, slot)| slot.key == *key)
    }

    fn stored(&self, key: &KeyName, scope: &Scope) -> Option<&StoredValue> {
        let of_slots = self.files(key).flat_map(|(_, slot)| slot.known());
        let of_organization = self.organization.iter().filter(|value| value.key == *key);
        of_slots.chain(of_organization).find(|value| value.scope == *scope)
    }

    /// The checks of every value, or what is wrong with any.
    fn checked_all(&self, actor: &Actor, entries: Vec<ImportEntry>) -> Result<Vec<Checked>, ServiceError> {
        let (mut checked, mut problems, mut twice) = (Vec::new(), Vec::new(), BTreeSet::new());
        for entry in entries {
            let (key, scope) = (entry.key.clone(), entry.scope.clone());
            if !twice.insert((key.clone(), scope)) {
                problems.push(format!("{key}: it is given twice for the same scope"));
                continue;
            }
            match self.checked(actor, entry) {
                Ok(one) => checked.push(one),
                Err(error) => problems.push(format!("{key}: {}", words(error))),
            }
        }
        if problems.is_empty() { Ok(checked) } else { Err(refusal("entries", &problems)) }
    }

    /// The organization's value of a key that files ask for, where it was not released.
    fn held(&self, key: &KeyName) -> impl Iterator<Item = &StoredValue> {
        self.files(key).filter_map(|(_, slot)| slot.held.as_ref())
    }

    /// The organization's value of a key that no file asks for, where it was not released.
    fn unreleased(&self, key: &KeyName) -> Option<&StoredValue> {
        let releases = &self.target.as_ref()?.configuration.releases;
        self.organization.iter().find(|value| value.key == *key && !releases.cover(key))
    }

    /// The checks of a single save, for the file that is meant or every file that asks for the key.
    fn checked(&self, actor: &Actor, entry: ImportEntry) -> Result<Checked, ServiceError> {
        let ImportEntry { key, file, scope, value, seen } = entry;
        let value = value.into_secret().ok_or_else(|| ServiceError::invalid("value", "The value is missing."))?;
        let scope = match &self.target {
            Some(target) => self.scope(target, &key, file.as_ref(), &scope)?,
            None if scope == Scope::Organization && file.is_none() => SecretScope::Organization,
            None => {
                let message = "Only values of the whole organization can be saved here.";
                return Err(ServiceError::invalid("scope", message));
            }
        };
        check_value(&self.environment, &key, &value)?;
        if self.target.is_some() && scope == SecretScope::Organization {
            self.held(&key).chain(self.unreleased(&key)).try_for_each(|held| may_release(actor, held))?;
        }
        let expected = match seen {
            None => Expected::Any,
            Some(0) => Expected::Absent,
            Some(version) => Expected::Version(version),
        };
        let release_to = self.target.as_ref().map(|target| target.configuration.id.clone());
        Ok(Checked { scope, key, value, expected, description: None, release_to })
    }

    fn scope(
        &self,
        target: &Target,
        key: &KeyName,
        place: Option<&domain::RelativePath>,
        scope: &Scope,
    ) -> Result<SecretScope, ServiceError> {
        let files = self.files(key).filter(|(file, _)| place.is_none_or(|place| file.place == *place));
        // The first file that takes the scope; else what the first one says of it.
        let mut refused = None;
        for (file, _) in files {
            match checked_scope(target, file, scope) {
                Ok(scope) => return Ok(scope),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        match (refused, place, scope) {
            (Some(refused), ..) => Err(refused),
            (None, None, Scope::Organization) => Ok(SecretScope::Organization),
            (None, Some(place), _) => Err(ServiceError::conflict(format!("{place} does not ask for it (any more)."))),
            (None, None, _) => {
                Err(ServiceError::conflict("No file asks for it (any more), so only the organization can keep it."))
            }
        }
    }
}

/// Refuses what others changed since the preview was shown.
fn overtaken_by_others(now: &Place, checked: &[Checked]) -> Result<(), ServiceError> {
    let changed = checked.iter().filter_map(|one| {
        let seen = match one.expected {
            Expected::Any => return None,
            Expected::Absent => 0,
            Expected::Version(version) => version,
        };
        let is = now.stored(&one.key, &Scope::from(&one.scope));
        (is.map_or(0, |is| is.version) != seen).then(|| match is {
            Some(is) => format!("{} saved {} meanwhile", is.set_by, one.key),
            None => format!("{} was deleted meanwhile", one.key),
        })
    });
    let changed: Vec<_> = changed.collect();
    if changed.is_empty() {
        return Ok(());
    }
    let words = listed(&changed);
    let message = format!("{words}. Nothing was imported yet: look at the preview, then import again.");
    Err(ServiceError::conflict(message))
}

/// The words of a refusal.
fn words(error: ServiceError) -> String {
    ApiError::from(error).to_string().trim_end_matches('.').to_owned()
}

pub(super) fn refusal(field: &str, problems: &[String]) -> ServiceError {
    ServiceError::invalid(field, format!("Nothing was imported. {}.", listed(problems)))
}

/// The first few of many things, and how many more there are.
pub(super) fn listed(problems: &[String]) -> String {
    let named = problems.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    match problems.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}
