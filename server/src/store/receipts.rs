//! Boot receipts: what each boot of a session did, without values.

use super::sql::{all, execute, from_json, optional, to_json};
use super::{Store, StoreError};
use domain::ids::{OrganizationId, SessionId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::types::Json;

/// What a boot did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow<T> {
    /// From 1 in each session.
    pub number: i64,
    /// The receipt.
    pub receipt: T,
    /// When.
    pub created_at: i64,
}

type Columns = (i64, Json<Value>, i64);

fn read<T: DeserializeOwned>((number, receipt, created_at): Columns) -> Result<ReceiptRow<T>, StoreError> {
    Ok(ReceiptRow { number, receipt: from_json("the receipt", receipt)?, created_at })
}

impl Store {
    /// Adds a boot receipt and returns its number.
    pub async fn add_receipt<T: Serialize>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        receipt: &T,
    ) -> Result<i64, StoreError> {
        let receipt = to_json("the receipt", receipt)?;
        let mut tx = self.begin().await?;
        let (number,) = optional!(
            tx,
            (i64,),
            "UPDATE sessions SET last_receipt = last_receipt + 1 WHERE organization_id = $1 AND id = $2
             RETURNING last_receipt",
            organization.as_str(),
            session.as_str(),
        )?
        .ok_or(StoreError::NotFound("the session"))?;
        execute!(
            tx,
            "INSERT INTO receipts (organization_id, session_id, number, receipt, created_at)
             VALUES ($1, $2, $3, $4, $5)",
            organization.as_str(),
            session.as_str(),
            number,
            receipt,
            self.now(),
        )?;
        tx.commit().await?;
        Ok(number)
    }

    /// A session's receipts, newest first.
    pub async fn receipts<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Vec<ReceiptRow<T>>, StoreError> {
        let rows = all!(
            self.db,
            Columns,
            "SELECT number, receipt, created_at FROM receipts
             WHERE organization_id = $1 AND session_id = $2 ORDER BY number DESC",
            organization.as_str(),
            session.as_str(),
        )?;
        rows.into_iter().map(read).collect()
    }

    /// A session's newest receipt.
    pub async fn latest_receipt<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Option<ReceiptRow<T>>, StoreError> {
        let row = optional!(
            self.db,
            Columns,
            "SELECT number, receipt, created_at FROM receipts
             WHERE organization_id = $1 AND session_id = $2 ORDER BY number DESC LIMIT 1",
            organization.as_str(),
            session.as_str(),
        )?;
        row.map(read).transpose()
    }
}
