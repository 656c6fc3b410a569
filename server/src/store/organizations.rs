//! Organizations and their wrapped data keys.

use super::connect::new_id;
use super::sql::{all, execute, one, optional};
use super::{Role, Store, StoreError};
use domain::ids::OrganizationId;
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};
use uuid::Uuid;
use vault::WrappedDataKey;

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
        execute!(
            self.db,
            "INSERT INTO organizations (id, name, data_key_id, data_key, created_at) VALUES ($1, $2, $3, $4, $5)",
            organization.as_str(),
            name,
            data_key.id.to_string(),
            &data_key.bytes,
            self.now(),
        )
        .map_err(|error| error.or_exists("the organization"))?;
        Ok(())
    }

    /// Makes the organization of a first start, with its owner. Returns whether it did: of several instances that start
    /// together one is first.
    pub async fn create_first_organization(
        &self,
        organization: &OrganizationId,
        name: &str,
        data_key: &WrappedDataKey,
        owner: &str,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        // The one row that is there before any organization makes the others wait.
        execute!(tx, "UPDATE root_key_check SET only_row = only_row")?;
        let (count,) = one!(tx, (i64,), "SELECT COUNT(*) FROM organizations")?;
        if count > 0 {
            return Ok(false);
        }
        execute!(
            tx,
            "INSERT INTO organizations (id, name, data_key_id, data_key, created_at) VALUES ($1, $2, $3, $4, $5)",
            organization.as_str(),
            name,
            data_key.id.to_string(),
            &data_key.bytes,
            self.now(),
        )?;
        execute!(
            tx,
            "INSERT INTO members (organization_id, id, name, role, created_at) VALUES ($1, $2, $3, $4, $5)",
            organization.as_str(),
            new_id(),
            owner,
            Role::Owner.as_str(),
            self.now(),
        )?;
        tx.commit().await?;
        Ok(true)
    }

    /// All organizations, oldest first: to open their data keys at start, and to see whether this is the first run.
    pub async fn organizations(&self) -> Result<Vec<OrganizationRow>, StoreError> {
        all!(
            self.db,
            OrganizationRow,
            "SELECT id, name, data_key_id, data_key, created_at FROM organizations ORDER BY created_at, id",
        )
    }

    /// One organization.
    pub async fn organization(&self, organization: &OrganizationId) -> Result<Option<OrganizationRow>, StoreError> {
        optional!(
            self.db,
            OrganizationRow,
            "SELECT id, name, data_key_id, data_key, created_at FROM organizations WHERE id = $1",
            organization.as_str(),
        )
    }

    /// An id for a new organization.
    pub fn new_organization_id(&self) -> OrganizationId {
        new_id().into()
    }
}

impl<'r, R: Row> FromRow<'r, R> for OrganizationRow
where
    &'static str: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let id: String = row.try_get("data_key_id")?;
        let id = Uuid::parse_str(&id).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok(Self {
            id: row.try_get::<String, _>("id")?.into(),
            name: row.try_get("name")?,
            data_key: WrappedDataKey { id, bytes: row.try_get("data_key")? },
            created_at: row.try_get("created_at")?,
        })
    }
}
