//! Opening the database.

use super::StoreError;
use super::sql::Db;
use std::sync::Arc;

/// The opened database. Cheap to clone. Its `Debug` shows which kind of database it is, and nothing else.
#[derive(Clone)]
pub struct Store {
    pub(super) db: Db,
    pub(super) clock: Clock,
}

/// Gives the time, in milliseconds since 1970 UTC.
pub(super) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

impl Store {
    /// Connects to `sqlite:PATH` (made if it does not exist) or `postgres://…`. Changes no table: see
    /// [`Store::unlock`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        todo!()
    }

    /// The same store with another clock, for tests of what expires.
    pub fn with_clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The time, in milliseconds since 1970 UTC: the one clock behind every stored time.
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        todo!()
    }

    /// Closes every connection and waits for it.
    pub async fn close(&self) {
        todo!()
    }
}
