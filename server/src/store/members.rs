//! Members and their roles.

use super::connect::new_id;
use super::sql::{all, execute, optional};
use super::{Store, StoreError};
use domain::ids::{MemberId, OrganizationId};

pub use domain::member::Role;

/// A member of an organization.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MemberRow {
    /// Who.
    #[sqlx(try_from = "String")]
    pub id: MemberId,
    /// Their name.
    pub name: String,
    /// What they may do.
    #[sqlx(try_from = "String")]
    pub role: Role,
    /// When they joined.
    pub created_at: i64,
}

impl Store {
    /// Adds a member.
    pub async fn create_member(
        &self,
        organization: &OrganizationId,
        name: &str,
        role: Role,
    ) -> Result<MemberId, StoreError> {
        let id = MemberId(new_id());
        execute!(
            self.db,
            "INSERT INTO members (organization_id, id, name, role, created_at) VALUES ($1, $2, $3, $4, $5)",
            organization.as_str(),
            id.as_str(),
            name,
            role.as_str(),
            self.now(),
        )
        .map_err(|error| error.or_not_found("the organization"))?;
        Ok(id)
    }

    /// One member.
    pub async fn member(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
    ) -> Result<Option<MemberRow>, StoreError> {
        optional!(
            self.db,
            MemberRow,
            "SELECT id, name, role, created_at FROM members WHERE organization_id = $1 AND id = $2",
            organization.as_str(),
            member.as_str(),
        )
    }

    /// All members, oldest first.
    pub async fn members(&self, organization: &OrganizationId) -> Result<Vec<MemberRow>, StoreError> {
        all!(
            self.db,
            MemberRow,
            "SELECT id, name, role, created_at FROM members WHERE organization_id = $1 ORDER BY created_at, id",
            organization.as_str(),
        )
    }
}
