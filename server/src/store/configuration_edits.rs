//! Changing and deleting a configuration. What changes more than its row locks that first, so that no two cross.

use super::error::found;
use super::reach::want;
use super::sql::{Tx, execute, one};
use super::{BootPolicy, NewAttachment, Reach, Store, StoreError};
use domain::RelativePath;
use domain::ids::{ConfigurationId, MemberId, OrganizationId, RepositoryId};

/// What stands in the way of two repositories at one place.
const TAKEN: &str = "a repository at this workspace path";

/// Locks a configuration that is there for the rest of the transaction.
pub(super) async fn lock(
    tx: &mut Tx,
    organization: &OrganizationId,
    configuration: &ConfigurationId,
) -> Result<(), StoreError> {
    let locked = execute!(
        tx,
        "UPDATE configurations SET id = id WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL",
        organization.as_str(),
        configuration.as_str(),
    )?;
    found(locked, "the configuration")
}

impl Store {
    /// Gives a configuration another name.
    pub async fn rename_configuration(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        name: &str,
    ) -> Result<(), StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE configurations SET name = $3 WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL",
            organization.as_str(),
            configuration.as_str(),
            name,
        )?;
        found(touched, "the configuration")
    }

    /// Says what missing required keys do at boot.
    pub async fn set_boot_policy(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        policy: BootPolicy,
    ) -> Result<(), StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE configurations SET boot_policy = $3 WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            configuration.as_str(),
            policy.as_str(),
        )?;
        found(touched, "the configuration")
    }

    /// Records that setup was finished, with so many required keys missing; `anyway` if a person insisted.
    pub async fn finish_configuration(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        by: &MemberId,
        anyway: bool,
        missing: i64,
    ) -> Result<(), StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE configurations
             SET finished_at = $3, finished_by = $4, finished_anyway = $5, missing_at_finish = $6
             WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            configuration.as_str(),
            self.now(),
            by.as_str(),
            anyway,
            missing,
        )
        .map_err(|error| error.or_not_found("the member"))?;
        found(touched, "the configuration")
    }

    /// Attaches a repository, after those that are there.
    pub async fn attach_repository(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        new: &NewAttachment,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, organization, configuration).await?;
        execute!(
            tx,
            "INSERT INTO configuration_repositories
             (organization_id, configuration_id, position, repository_id, workspace_path)
             SELECT $1, $2, coalesce(max(position), 0) + 1, $3, $4
             FROM configuration_repositories WHERE configuration_id = $2",
            organization.as_str(),
            configuration.as_str(),
            new.repository.as_str(),
            new.workspace_path.as_str(),
        )
        .map_err(|error| error.or_not_found("the repository").or_exists(TAKEN))?;
        want(&mut tx, organization, Reach::Spec(configuration)).await?;
        tx.commit().await
    }

    /// Gives an attached repository another place.
    pub async fn move_repository(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        repository: &RepositoryId,
        path: &RelativePath,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, organization, configuration).await?;
        let touched = execute!(
            tx,
            "UPDATE configuration_repositories SET workspace_path = $4
             WHERE organization_id = $1 AND configuration_id = $2 AND repository_id = $3",
            organization.as_str(),
            configuration.as_str(),
            repository.as_str(),
            path.as_str(),
        )
        .map_err(|error| error.or_exists(TAKEN))?;
        found(touched, "the repository")?;
        want(&mut tx, organization, Reach::Spec(configuration)).await?;
        tx.commit().await
    }

    /// Detaches a repository. Returns whether it was done: the last one stays.
    pub async fn detach_repository(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        repository: &RepositoryId,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, organization, configuration).await?;
        let touched = execute!(
            tx,
            "DELETE FROM configuration_repositories
             WHERE organization_id = $1 AND configuration_id = $2 AND repository_id = $3",
            organization.as_str(),
            configuration.as_str(),
            repository.as_str(),
        )?;
        found(touched, "the repository")?;
        let (left,) = one!(
            tx,
            (i64,),
            "SELECT count(*) FROM configuration_repositories WHERE organization_id = $1 AND configuration_id = $2",
            organization.as_str(),
            configuration.as_str(),
        )?;
        if left == 0 {
            return Ok(false);
        }
        want(&mut tx, organization, Reach::Spec(configuration)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Deletes a configuration. Returns whether it was done: one with a running session stays.
    pub async fn delete_configuration(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, organization, configuration).await?;
        let (running,) = one!(
            tx,
            (i64,),
            "SELECT count(*) FROM sessions
             WHERE organization_id = $1 AND configuration_id = $2 AND ended_at IS NULL",
            organization.as_str(),
            configuration.as_str(),
        )?;
        if running > 0 {
            return Ok(false);
        }
        execute!(
            tx,
            "UPDATE configurations SET deleted_at = $3 WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            configuration.as_str(),
            self.now(),
        )?;
        tx.commit().await?;
        Ok(true)
    }
}
