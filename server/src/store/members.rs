//! Members and their roles.

use super::{Store, StoreError};
use app::domain::ids::{MemberId, OrganizationId};

pub use app::domain::member::Role;

/// A member of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub id: MemberId,
    /// Their name.
    pub name: String,
    /// What they may do.
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
        todo!()
    }

    /// One member.
    pub async fn member(
        &self,
        organization: &OrganizationId,
        member: &MemberId,
    ) -> Result<Option<MemberRow>, StoreError> {
        todo!()
    }

    /// All members, oldest first.
    pub async fn members(&self, organization: &OrganizationId) -> Result<Vec<MemberRow>, StoreError> {
        todo!()
    }
}
