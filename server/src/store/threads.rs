//! A session's thread: what agent and people said and did.

use super::{Store, StoreError};
use app::domain::ids::{OrganizationId, SessionId};
use serde::Serialize;
use serde::de::DeserializeOwned;

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

impl Store {
    /// Appends an entry and returns its place.
    pub async fn append_thread_entry<T: Serialize>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        kind: &str,
        body: &T,
    ) -> Result<i64, StoreError> {
        todo!()
    }

    /// The entries after place `after` (0: all), in order.
    pub async fn thread_entries<T: DeserializeOwned>(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
        after: i64,
    ) -> Result<Vec<ThreadEntry<T>>, StoreError> {
        todo!()
    }
}
