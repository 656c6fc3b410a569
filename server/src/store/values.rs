//! Storing sealed values: secrets of the organization and of repositories, and session values.

use super::reach::want;
use super::releases;
use super::sql::execute;
use super::value_row::Row;
use super::{Reach, Store, StoreError};
use domain::KeyName;
use domain::ids::{ConfigurationId, MemberId, OrganizationId, SessionId};
use std::collections::{BTreeMap, BTreeSet};
use vault::{SealError, Sealed, SecretScope};

/// Which version a writer believes to be the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whatever there is.
    #[default]
    Any,
    /// There is no value.
    Absent,
    /// The value has this version.
    Version(i64),
}

impl Expected {
    /// Compares with the current version, which is 0 if there is no value.
    pub(super) fn check(self, current: i64) -> Result<(), StoreError> {
        let met = match self {
            Self::Any => true,
            Self::Absent => current == 0,
            Self::Version(version) => current == version && current > 0,
        };
        if met { Ok(()) } else { Err(StoreError::VersionConflict { current }) }
    }
}

/// A value to store. `seal` is called inside the transaction, with the version that the value will have.
pub struct NewValue<'a> {
    /// Where it counts.
    pub scope: &'a SecretScope,
    /// Its key.
    pub key: &'a KeyName,
    /// What must be there before.
    pub expected: Expected,
    /// What the value is, in a person's words; nothing leaves the description as it was. Session values have none.
    pub description: Option<&'a str>,
    /// The configuration that a value of the organization is released to with this save.
    pub release_to: Option<&'a ConfigurationId>,
    /// Seals the value for the given version.
    pub seal: Box<dyn FnOnce(i64) -> Result<Sealed, SealError> + Send + 'a>,
}

impl Store {
    /// Stores one value and returns its version: 1 for the first ever, and never one that was there before, even if
    /// the value was deleted since.
    pub async fn put_value(
        &self,
        organization: &OrganizationId,
        set_by: &MemberId,
        value: NewValue<'_>,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        let row = Row { organization, scope: value.scope, key: value.key };
        let (scope, keys) = (value.scope, BTreeSet::from([value.key.clone()]));
        let version = row.put(&mut tx, self.now(), set_by, value).await?;
        want(&mut tx, organization, Reach::Values(scope, &keys)).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Stores values, all or none, and returns their versions in the order given.
    pub async fn put_values(
        &self,
        organization: &OrganizationId,
        set_by: &MemberId,
        values: Vec<NewValue<'_>>,
    ) -> Result<Vec<i64>, StoreError> {
        let mut versions = vec![0; values.len()];
        let mut ordered: Vec<_> = versions.iter_mut().zip(values).collect();
        // All batches lock their rows in one order, so that two of them cannot wait for each other.
        ordered.sort_by(|(_, a), (_, b)| (a.scope, a.key).cmp(&(b.scope, b.key)));
        let mut changed = BTreeMap::<_, BTreeSet<_>>::new();
        for (_, value) in &ordered {
            changed.entry(value.scope).or_default().insert(value.key.clone());
        }
        let (mut tx, now) = (self.begin().await?, self.now());
        for (version, value) in ordered {
            let row = Row { organization, scope: value.scope, key: value.key };
            *version = row.put(&mut tx, now, set_by, value).await?;
        }
        for (scope, keys) in changed {
            want(&mut tx, organization, Reach::Values(scope, &keys)).await?;
        }
        tx.commit().await?;
        Ok(versions)
    }

    /// Deletes a value, if it is the expected one. Returns whether there was one.
    pub async fn delete_value(
        &self,
        organization: &OrganizationId,
        scope: &SecretScope,
        key: &KeyName,
        expected: Expected,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let row = Row { organization, scope, key };
        let current = row.lock(&mut tx).await?;
        expected.check(current)?;
        if current == 0 {
            return Ok(false);
        }
        row.keep_replaced(&mut tx, self.now(), current).await?;
        row.clear(&mut tx).await?;
        if *scope == SecretScope::Organization {
            releases::withdraw_everywhere(&mut tx, organization, key).await?;
        }
        want(&mut tx, organization, Reach::Values(scope, &BTreeSet::from([key.clone()]))).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Says what a value of the organization or a repository is, in a person's words; the empty text takes the words
    /// away. Its version stays. Returns whether there is such a value.
    pub async fn describe_value(
        &self,
        organization: &OrganizationId,
        scope: &SecretScope,
        key: &KeyName,
        description: &str,
    ) -> Result<bool, StoreError> {
        let repository = match scope {
            SecretScope::Organization => None,
            SecretScope::Repository(id) => Some(id.as_str()),
            SecretScope::Session(_) => return Ok(false),
        };
        let touched = execute!(
            self.db,
            "UPDATE secrets SET description = NULLIF($4, '')
             WHERE organization_id = $1 AND coalesce(repository_id, '') = coalesce($2, '') AND key = $3
               AND record IS NOT NULL",
            organization.as_str(),
            repository,
            key.as_str(),
            description,
        )?;
        Ok(touched > 0)
    }

    /// Deletes every value of one session alone.
    pub async fn delete_session_values(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<(), StoreError> {
        execute!(
            self.db,
            "UPDATE session_values SET record = NULL, length = NULL, fingerprint = NULL, set_by = NULL, set_at = NULL
             WHERE organization_id = $1 AND session_id = $2",
            organization.as_str(),
            session.as_str(),
        )?;
        Ok(())
    }
}
