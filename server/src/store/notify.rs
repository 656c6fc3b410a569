//! Notices between the processes that share a PostgreSQL database.

use super::sql::{Db, one};
use super::{Store, StoreError};
use sqlx::postgres::{PgListener, PgPoolOptions};
use std::time::Duration;

/// How long a connection for listening may take to come about.
const PATIENCE: Duration = Duration::from_secs(10);

/// Notices as they arrive, on a connection of their own.
pub struct Notices(PgListener);

impl Notices {
    /// The text of the next notice; nothing once the connection is lost.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        Ok(self.0.try_recv().await?.map(|notice| notice.payload().to_owned()))
    }
}

impl Store {
    /// Whether several processes may use this database at once. SQLite belongs to one.
    pub fn is_shared(&self) -> bool {
        matches!(self.db, Db::Postgres(_))
    }

    /// Sends a notice (at most 7999 bytes) to every process that listens; nothing on SQLite.
    pub async fn notify(&self, channel: &str, text: &str) -> Result<(), StoreError> {
        if self.is_shared() {
            one!(self.db, (i32,), "SELECT 1 FROM pg_notify($1, $2)", channel, text)?;
        }
        Ok(())
    }

    /// Listens for notices. Those sent before this returns may be missed.
    pub async fn listen(&self, channel: &str) -> Result<Notices, StoreError> {
        let Db::Postgres(pool) = &self.db else { return Err(StoreError::NotFound("a channel on SQLite")) };
        let options = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
        let own = options.max_lifetime(None).idle_timeout(None).connect_with((*pool.connect_options()).clone());
        let mut listener = PgListener::connect_with(&own.await?).await?;
        listener.ignore_pool_close_event(true);
        // What is lost must be noticed before it is replaced.
        listener.eager_reconnect(false);
        listener.listen(channel).await?;
        Ok(Notices(listener))
    }
}
