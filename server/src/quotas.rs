//! How much one server takes on, so that nobody uses it up. All of it can be set; the defaults are far above what a team
//! needs.

use clap::Args;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The settings.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct Quotas {
    /// Connections that may be open at once.
    #[arg(long, env = "KEYSLOT_MAX_CONNECTIONS", default_value_t = Self::default().max_connections, global = true)]
    pub max_connections: usize,
    /// Connections from one address that may be open at once. Those of trusted proxies do not count.
    #[arg(
        long,
        env = "KEYSLOT_MAX_CONNECTIONS_PER_ADDRESS",
        default_value_t = Self::default().max_connections_per_address,
        global = true
    )]
    pub max_connections_per_address: usize,
    /// Event streams that one member may have open at once; a browser tab has one or two.
    #[arg(
        long,
        env = "KEYSLOT_MAX_STREAMS_PER_MEMBER",
        default_value_t = Self::default().max_streams_per_member,
        global = true
    )]
    pub max_streams_per_member: usize,
    /// Seconds that the headers of a request may take to arrive; also how long a connection may wait for its next request.
    #[arg(long, env = "KEYSLOT_HEADER_SECONDS", default_value_t = Self::default().header_seconds, global = true)]
    pub header_seconds: u64,
    /// Seconds that the body of a request may take to arrive.
    #[arg(long, env = "KEYSLOT_BODY_SECONDS", default_value_t = Self::default().body_seconds, global = true)]
    pub body_seconds: u64,
    /// Sessions of one organization that may run at once.
    #[arg(long, env = "KEYSLOT_MAX_SESSIONS", default_value_t = Self::default().max_sessions, global = true)]
    pub max_sessions: u32,
    /// Megabytes that a session's workspace may have: while repositories are cloned into it, a snapshot is unpacked, and
    /// commands run.
    #[arg(long, env = "KEYSLOT_MAX_WORKSPACE_MB", default_value_t = Self::default().max_workspace_mb, global = true)]
    pub max_workspace_mb: u64,
    /// Megabytes of the disk that commands leave free: below that the largest session's are stopped, and none starts.
    #[arg(long, env = "KEYSLOT_KEEP_FREE_MB", default_value_t = Self::default().keep_free_mb, global = true)]
    pub keep_free_mb: u64,
    /// New versions of its files that agents may save for one configuration within a minute.
    #[arg(
        long,
        env = "KEYSLOT_MAX_SPEC_SAVES_PER_MINUTE",
        default_value_t = Self::default().max_spec_saves_per_minute,
        global = true
    )]
    pub max_spec_saves_per_minute: u32,
    /// Versions of its files that are kept of each configuration, the newest first.
    #[arg(long, env = "KEYSLOT_KEEP_SPEC_VERSIONS", default_value_t = Self::default().keep_spec_versions, global = true)]
    pub keep_spec_versions: u32,
    /// Days after which the workspace of a session that ended is removed from the disk.
    #[arg(long, env = "KEYSLOT_KEEP_WORKSPACE_DAYS", default_value_t = Self::default().keep_workspace_days, global = true)]
    pub keep_workspace_days: u32,
    /// Days after which the records of a session that ended are removed, if its workspace is gone: its thread, receipts,
    /// requests, proposals and tokens. Snapshots that were made of it stay.
    #[arg(long, env = "KEYSLOT_KEEP_SESSION_DAYS", default_value_t = Self::default().keep_session_days, global = true)]
    pub keep_session_days: u32,
}

impl Quotas {
    /// Bytes that a workspace may have.
    pub fn workspace_bytes(&self) -> u64 {
        self.max_workspace_mb.saturating_mul(1024 * 1024)
    }

    /// Bytes of the disk that commands leave free.
    pub fn free_bytes(&self) -> u64 {
        self.keep_free_mb.saturating_mul(1024 * 1024)
    }
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            max_connections: 4_096,
            max_connections_per_address: 1_024,
            max_streams_per_member: 200,
            header_seconds: 20,
            body_seconds: 60,
            max_sessions: 200,
            max_workspace_mb: 10 * 1024,
            keep_free_mb: 256,
            max_spec_saves_per_minute: 60,
            keep_spec_versions: 200,
            keep_workspace_days: 30,
            keep_session_days: 180,
        }
    }
}

/// Counts what each of many has at once.
#[derive(Debug)]
pub struct Places<K: Eq + Hash> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

/// A place that somebody took; given back when dropped.
#[derive(Debug)]
pub struct Place<K: Eq + Hash> {
    whose: K,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Clone + Eq + Hash> Places<K> {
    /// Takes one more place; nothing for somebody who has `limit` of them.
    pub fn take(&self, whose: &K, limit: usize) -> Option<Place<K>> {
        let mut taken = lock(&self.taken);
        let count = taken.get(whose).copied().unwrap_or(0);
        if count >= limit {
            return None;
        }
        taken.insert(whose.clone(), count + 1);
        Some(Place { whose: whose.clone(), taken: self.taken.clone() })
    }
}

impl<K: Eq + Hash> Default for Places<K> {
    fn default() -> Self {
        Self { taken: Arc::default() }
    }
}

impl<K: Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(count) = taken.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.whose);
            }
        }
    }
}

fn lock<K>(taken: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_have_a_place_at_once_and_one_that_ends_makes_room() {
        let places = Places::default();
        let mut held: Vec<_> = (0..3).map(|_| places.take(&"one", 3).expect("room")).collect();
        assert!(places.take(&"one", 3).is_none());
        assert!(places.take(&"other", 3).is_some());
        held.pop();
        assert!(places.take(&"one", 3).is_some());
        drop(held);
        assert!(lock(&places.taken).is_empty(), "nothing is kept of who has none");
    }
}
