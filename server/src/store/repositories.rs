//! Connected repositories.

use super::{Store, StoreError};
use app::domain::ids::{MemberId, OrganizationId, RepositoryId};

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

impl Store {
    /// Connects a repository; [`StoreError::AlreadyExists`] if the location is connected.
    pub async fn create_repository(
        &self,
        organization: &OrganizationId,
        new: NewRepository<'_>,
    ) -> Result<RepositoryId, StoreError> {
        todo!()
    }

    /// One repository.
    pub async fn repository(
        &self,
        organization: &OrganizationId,
        repository: &RepositoryId,
    ) -> Result<Option<RepositoryRow>, StoreError> {
        todo!()
    }

    /// The repository that is connected at this location.
    pub async fn repository_at(
        &self,
        organization: &OrganizationId,
        location: &str,
    ) -> Result<Option<RepositoryRow>, StoreError> {
        todo!()
    }

    /// All repositories, by name.
    pub async fn repositories(&self, organization: &OrganizationId) -> Result<Vec<RepositoryRow>, StoreError> {
        todo!()
    }

    /// Records the default branch that a clone found.
    pub async fn set_default_branch(
        &self,
        organization: &OrganizationId,
        repository: &RepositoryId,
        branch: &str,
    ) -> Result<(), StoreError> {
        todo!()
    }
}
