//! Organizations and their wrapped data keys.

use super::{Store, StoreError};
use crate::vault::WrappedDataKey;
use app::domain::ids::OrganizationId;

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationRow {
    /// Its id.
    pub id: OrganizationId,
    /// Its name, for people.
    pub name: String,
    /// Its data key, sealed by the root key.
    pub data_key: WrappedDataKey,
    /// When it was made.
    pub created_at: i64,
}

impl Store {
    /// Makes an organization. Its id is made by the caller, with [`Store::new_organization_id`], because the data key
    /// is bound to it.
    pub async fn create_organization(
        &self,
        organization: &OrganizationId,
        name: &str,
        data_key: &WrappedDataKey,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// All organizations, oldest first: to open their data keys at start, and to see whether this is the first run.
    pub async fn organizations(&self) -> Result<Vec<OrganizationRow>, StoreError> {
        todo!()
    }

    /// One organization.
    pub async fn organization(&self, organization: &OrganizationId) -> Result<Option<OrganizationRow>, StoreError> {
        todo!()
    }

    /// An id for a new organization.
    pub fn new_organization_id(&self) -> OrganizationId {
        todo!()
    }
}
