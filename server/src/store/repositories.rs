//! Connected repositories.

use super::connect::new_id;
use super::error::found;
use super::sql::{all, execute, optional};
use super::{Store, StoreError};
use domain::ids::{MemberId, OrganizationId, RepositoryId};

/// A connected repository.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RepositoryRow {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: RepositoryId,
    /// Its short name.
    pub name: String,
    /// Git URL or local path.
    pub location: String,
    /// The branch that a clone gets; unknown until the first clone.
    pub default_branch: Option<String>,
    /// When it was connected.
    pub created_at: i64,
    /// Name of the member who connected it.
    pub created_by: String,
}

/// A repository to connect.
#[derive(Clone, Copy, Debug)]
pub struct NewRepository<'a> {
    /// Its short name.
    pub name: &'a str,
    /// Git URL or local path; one organization connects a location once.
    pub location: &'a str,
    /// The branch that a clone gets.
    pub default_branch: Option<&'a str>,
    /// Who connects it.
    pub created_by: &'a MemberId,
}

/// The head of every statement that reads repositories; a macro, so that `concat!` can take it.
macro_rules! repositories {
    () => {
        "SELECT r.id, r.name, r.location, r.default_branch, r.created_at, m.name AS created_by
         FROM repositories r
         JOIN members m ON m.organization_id = r.organization_id AND m.id = r.created_by
         WHERE r.organization_id = $1"
    };
}

impl Store {
    /// Connects a repository; [`StoreError::AlreadyExists`] if the location is connected.
    pub async fn create_repository(
        &self,
        organization: &OrganizationId,
        new: NewRepository<'_>,
    ) -> Result<RepositoryId, StoreError> {
        let id = RepositoryId(new_id());
        execute!(
            self.db,
            "INSERT INTO repositories (organization_id, id, name, location, default_branch, created_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            organization.as_str(),
            id.as_str(),
            new.name,
            new.location,
            new.default_branch,
            new.created_by.as_str(),
            self.now(),
        )
        .map_err(|error| error.or_exists("a repository at this location").or_not_found("the member"))?;
        Ok(id)
    }

    /// One repository.
    pub async fn repository(
        &self,
        organization: &OrganizationId,
        repository: &RepositoryId,
    ) -> Result<Option<RepositoryRow>, StoreError> {
        optional!(
            self.db,
            RepositoryRow,
            concat!(repositories!(), " AND r.id = $2"),
            organization.as_str(),
            repository.as_str(),
        )
    }

    /// The repository that is connected at this location.
    pub async fn repository_at(
        &self,
        organization: &OrganizationId,
        location: &str,
    ) -> Result<Option<RepositoryRow>, StoreError> {
        optional!(
            self.db,
            RepositoryRow,
            concat!(repositories!(), " AND r.location = $2"),
            organization.as_str(),
            location,
        )
    }

    /// All repositories, by name.
    pub async fn repositories(&self, organization: &OrganizationId) -> Result<Vec<RepositoryRow>, StoreError> {
        let mut rows = all!(self.db, RepositoryRow, repositories!(), organization.as_str(),)?;
        // Sorted here, because databases collate differently.
        rows.sort_by_cached_key(|row| (row.name.to_lowercase(), row.id.clone()));
        Ok(rows)
    }

    /// Records the default branch that a clone found.
    pub async fn set_default_branch(
        &self,
        organization: &OrganizationId,
        repository: &RepositoryId,
        branch: &str,
    ) -> Result<(), StoreError> {
        let touched = execute!(
            self.db,
            "UPDATE repositories SET default_branch = $3 WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            repository.as_str(),
            branch,
        )?;
        found(touched, "the repository")
    }
}
