//! A session's thread: what agent and people said and did.

use super::sql::{all, execute, from_json, optional, to_json};
use super::{Store, StoreError};
use domain::ids::{OrganizationId, SessionId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::types::Json;

/// One entry of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadEntry<T> {
    /// Place in the thread, from 1 without gaps.
    pub seq: i64,
    /// What kind of entry, a word of the caller's.
    pub kind: String,
    /// Its content.
    pub body: T,
    /// When.
    pub created_at: i64,
}

type Columns = (i64, String, Json<Value>, i64);

fn read<T: DeserializeOwned>((seq, kind, body, created_at): Columns) -> Result<ThreadEntry<T>, StoreError> {
    Ok(ThreadEntry { seq, kind, body: from_json("the thread entry", body)?, created_at })
}

impl Store {
    /// Appends an entry and returns its place.
    pub async fn append_thread_entry<T: Serialize>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        kind: &str,
        body: &T,
    ) -> Result<i64, StoreError> {
        let body = to_json("the thread entry", body)?;
        let mut tx = self.begin().await?;
        let (seq,) = optional!(
            tx,
            (i64,),
            "UPDATE sessions SET last_entry = last_entry + 1 WHERE organization_id = $1 AND id = $2
             RETURNING last_entry",
            organization.as_str(),
            session.as_str(),
        )?
        .ok_or(StoreError::NotFound("the session"))?;
        execute!(
            tx,
            "INSERT INTO thread_entries (organization_id, session_id, seq, kind, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            organization.as_str(),
            session.as_str(),
            seq,
            kind,
            body,
            self.now(),
        )?;
        tx.commit().await?;
        Ok(seq)
    }

    /// The newest entry; none while the thread is empty.
    pub async fn newest_thread_entry<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<Option<ThreadEntry<T>>, StoreError> {
        let row = optional!(
            self.db,
            Columns,
            "SELECT seq, kind, body, created_at FROM thread_entries
             WHERE organization_id = $1 AND session_id = $2 ORDER BY seq DESC LIMIT 1",
            organization.as_str(),
            session.as_str(),
        )?;
        row.map(read).transpose()
    }

    /// The entries after place `after` (0: all), in order.
    pub async fn thread_entries<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        after: i64,
    ) -> Result<Vec<ThreadEntry<T>>, StoreError> {
        let rows = all!(
            self.db,
            Columns,
            "SELECT seq, kind, body, created_at FROM thread_entries
             WHERE organization_id = $1 AND session_id = $2 AND seq > $3 ORDER BY seq",
            organization.as_str(),
            session.as_str(),
            after,
        )?;
        rows.into_iter().map(read).collect()
    }
}
