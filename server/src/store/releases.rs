//! Releases: which of the organization's values a configuration may use.

use super::configuration_edits::lock;
use super::error::found;
use super::reach::want;
use super::sql::{Tx, all, execute, one};
use super::{Reach, Store, StoreError};
use domain::KeyName;
use domain::ids::{ConfigurationId, MemberId, OrganizationId};
use domain::release::{ReleaseMode, Releasers};
use std::collections::BTreeSet;

#[derive(sqlx::FromRow)]
pub(super) struct Columns {
    pub configuration_id: String,
    #[sqlx(try_from = "String")]
    pub key: KeyName,
}

/// Releases one key, if the organization has a value for it. Returns whether it was not released before.
pub(super) async fn release(
    tx: &mut Tx,
    now: i64,
    organization: &OrganizationId,
    configuration: &ConfigurationId,
    key: &KeyName,
    by: &MemberId,
) -> Result<bool, StoreError> {
    let touched = execute!(
        tx,
        "INSERT INTO releases (organization_id, configuration_id, key, released_by, released_at)
         SELECT $1, $2, v.key, $4, $5 FROM secrets v
         WHERE v.organization_id = $1 AND v.repository_id IS NULL AND v.key = $3 AND v.record IS NOT NULL
         ON CONFLICT (configuration_id, key) DO NOTHING",
        organization.as_str(),
        configuration.as_str(),
        key.as_str(),
        by.as_str(),
        now,
    )?;
    Ok(touched > 0)
}

/// Forgets to whom a key was released: what is saved for it later is another value.
pub(super) async fn withdraw_everywhere(
    tx: &mut Tx,
    organization: &OrganizationId,
    key: &KeyName,
) -> Result<(), StoreError> {
    execute!(tx, "DELETE FROM releases WHERE organization_id = $1 AND key = $2", organization.as_str(), key.as_str())?;
    Ok(())
}

impl Store {
    /// Releases the organization's values of these keys to a configuration. Returns those that were not released before
    /// and for which there is a value.
    pub async fn release_values(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        keys: &[KeyName],
        by: &MemberId,
    ) -> Result<Vec<KeyName>, StoreError> {
        let (mut tx, now) = (self.begin().await?, self.now());
        lock(&mut tx, organization, configuration).await?;
        // Each in the same order, so that two releases of the same keys never wait for each other.
        let keys: BTreeSet<&KeyName> = keys.iter().collect();
        let mut released = Vec::new();
        for key in keys {
            if release(&mut tx, now, organization, configuration, key, by).await? {
                released.push(key.clone());
            }
        }
        want(&mut tx, organization, Reach::Spec(configuration)).await?;
        tx.commit().await?;
        Ok(released)
    }

    /// Takes a release back. Returns whether there was one.
    pub async fn withdraw_release(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        key: &KeyName,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, organization, configuration).await?;
        let touched = execute!(
            tx,
            "DELETE FROM releases WHERE organization_id = $1 AND configuration_id = $2 AND key = $3",
            organization.as_str(),
            configuration.as_str(),
            key.as_str(),
        )?;
        want(&mut tx, organization, Reach::Spec(configuration)).await?;
        tx.commit().await?;
        Ok(touched > 0)
    }

    /// Says how a configuration comes to the organization's values.
    pub async fn set_release_mode(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        mode: ReleaseMode,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, organization, configuration).await?;
        execute!(
            tx,
            "UPDATE configurations SET release_mode = $3 WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            configuration.as_str(),
            mode.as_str(),
        )?;
        want(&mut tx, organization, Reach::Spec(configuration)).await?;
        tx.commit().await
    }

    /// How new configurations of an organization come to its values.
    pub async fn default_release_mode(&self, organization: &OrganizationId) -> Result<ReleaseMode, StoreError> {
        let (word,) =
            one!(self.db, (String,), "SELECT release_mode FROM organizations WHERE id = $1", organization.as_str(),)?;
        Ok(ReleaseMode::try_from(word)?)
    }

    /// Says how new configurations come to the organization's values. Existing ones stay as they are.
    pub async fn set_default_release_mode(
        &self,
        organization: &OrganizationId,
        mode: ReleaseMode,
    ) -> Result<(), StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE organizations SET release_mode = $2 WHERE id = $1",
            organization.as_str(),
            mode.as_str(),
        )?;
        found(touched, "the organization")
    }

    /// Says who may release the organization's value of a key. Returns whether there is one.
    pub async fn set_releasers(
        &self,
        organization: &OrganizationId,
        key: &KeyName,
        releasers: Releasers,
    ) -> Result<bool, StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE secrets SET releasers = $3
             WHERE organization_id = $1 AND repository_id IS NULL AND key = $2 AND record IS NOT NULL",
            organization.as_str(),
            key.as_str(),
            releasers.as_str(),
        )?;
        Ok(touched > 0)
    }

    /// The keys released to one configuration, or to each of an organization's.
    pub(super) async fn read_releases(
        &self,
        organization: &OrganizationId,
        only: Option<&ConfigurationId>,
    ) -> Result<Vec<Columns>, StoreError> {
        all!(
            self.db,
            Columns,
            "SELECT configuration_id, key FROM releases
             WHERE organization_id = $1 AND (configuration_id = $2 OR $2 IS NULL)",
            organization.as_str(),
            only.map(ConfigurationId::as_str),
        )
    }
}
