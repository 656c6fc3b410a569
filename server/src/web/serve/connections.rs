//! Which connections there are, and who has to go when there are too many.
//!
//! A connection over which nothing is being answered (it never sent a whole request, body included, or waits for its next
//! one) makes room for a new one, the oldest first. So whoever opens connections and says nothing, or half of something,
//! keeps nobody out.

use super::ServeLimits;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

/// The open connections.
pub(super) struct Connections {
    limits: ServeLimits,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    /// In the order of their arrival.
    all: BTreeMap<u64, Entry>,
    by_source: HashMap<Source, usize>,
    next: u64,
}

struct Entry {
    source: Source,
    busy: Busy,
    evicted: CancellationToken,
}

/// Who connects: an IPv4 address, or the network of an IPv6 address, of which one machine has as many as it likes.
type Source = IpAddr;

/// A connection's place; given back when dropped.
pub(super) struct Admitted {
    id: u64,
    busy: Busy,
    evicted: CancellationToken,
    all: Arc<Connections>,
}

/// How many requests of a connection are being answered.
#[derive(Clone, Default)]
pub(super) struct Busy(Arc<AtomicUsize>);

/// A request on its way to an answer. It keeps its connection busy from when it has arrived whole until this is dropped.
pub(super) struct Answering {
    busy: Busy,
    has_arrived: AtomicBool,
}

impl Connections {
    pub fn new(limits: ServeLimits) -> Self {
        Self { limits, open: Mutex::default() }
    }

    /// Makes room for one more; nothing if every connection that would have to go is busy.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Admitted> {
        let source = source_of(address);
        let mut open = self.open();
        let of_source = open.by_source.get(&source).copied().unwrap_or(0);
        let is_proxy = self.limits.proxies.contains(&address.to_canonical());
        let has_room = (is_proxy || of_source < self.limits.per_address || open.evict(Some(source)))
            && (open.all.len() < self.limits.connections || open.evict(None));
        if !has_room {
            tracing::warn!(%source, "a connection was refused: all the others are busy");
            return None;
        }
        let (id, busy, evicted) = (open.next, Busy::default(), CancellationToken::new());
        open.next += 1;
        open.all.insert(id, Entry { source, busy: busy.clone(), evicted: evicted.clone() });
        *open.by_source.entry(source).or_default() += 1;
        Some(Admitted { id, busy, evicted, all: self.clone() })
    }

    /// Ends the oldest connection that nothing is answered over.
    pub fn make_room(&self) {
        self.open().evict(None);
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Ends the oldest idle connection, of one source if it is given. Returns whether there was one.
    fn evict(&mut self, of: Option<Source>) -> bool {
        let mut idle =
            self.all.iter().filter(|(_, entry)| of.is_none_or(|of| entry.source == of) && entry.busy.is_idle());
        let Some(id) = idle.next().map(|(id, _)| *id) else { return false };
        if let Some(entry) = self.remove(id) {
            entry.evicted.cancel();
        }
        true
    }

    fn remove(&mut self, id: u64) -> Option<Entry> {
        let entry = self.all.remove(&id)?;
        if let Some(count) = self.by_source.get_mut(&entry.source) {
            *count -= 1;
            if *count == 0 {
                self.by_source.remove(&entry.source);
            }
        }
        Some(entry)
    }
}

impl Admitted {
    /// What tells whether the connection is idle.
    pub fn busy(&self) -> Busy {
        self.busy.clone()
    }

    /// Over when the connection must make room.
    pub fn evicted(&self) -> WaitForCancellationFuture<'_> {
        self.evicted.cancelled()
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.all.open().remove(self.id);
    }
}

impl Busy {
    /// A request began to arrive.
    pub fn begin(&self) -> Arc<Answering> {
        Arc::new(Answering { busy: self.clone(), has_arrived: AtomicBool::new(false) })
    }

    /// Whether nothing is being answered.
    pub fn is_idle(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }
}

impl Answering {
    /// The request is here, with its whole body.
    pub fn arrived(&self) {
        if !self.has_arrived.swap(true, Ordering::AcqRel) {
            self.busy.0.fetch_add(1, Ordering::AcqRel);
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if *self.has_arrived.get_mut() {
            self.busy.0.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

fn source_of(address: IpAddr) -> Source {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let mut parts = address.segments();
            parts[4..].fill(0);
            IpAddr::V6(parts.into())
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(connections: usize, per_address: usize) -> Arc<Connections> {
        let time = std::time::Duration::ZERO;
        Arc::new(Connections::new(ServeLimits {
            connections,
            per_address,
            proxies: vec![address("192.0.2.9")],
            header_time: time,
            body_time: time,
        }))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn answered(admitted: &Admitted) -> Arc<Answering> {
        let answering = admitted.busy().begin();
        answering.arrived();
        answering
    }

    #[test]
    fn a_request_keeps_its_place_only_when_all_of_it_is_here() {
        let all = limited(1, 1);
        let me = address("192.0.2.1");
        let half = all.admit(me).expect("room");
        let sending = half.busy().begin();
        let whole = all.admit(me).expect("half a request makes room");
        let _answering = answered(&whole);
        sending.arrived();
        assert!(half.evicted.is_cancelled() && !whole.evicted.is_cancelled());
        assert!(all.admit(me).is_none());
    }

    #[test]
    fn who_says_nothing_goes_first_and_who_is_answered_stays() {
        let all = limited(10, 3);
        let me = address("192.0.2.1");
        let [oldest, silent, newest] = [(); 3].map(|()| all.admit(me).expect("room"));
        let answering = answered(&oldest);
        let next = all.admit(me).expect("room is made");
        assert!(silent.evicted.is_cancelled() && !oldest.evicted.is_cancelled() && !newest.evicted.is_cancelled());
        let more = [answered(&newest), answered(&next)];
        assert!(all.admit(me).is_none(), "all are busy");
        assert!(all.admit(address("192.0.2.2")).is_some(), "others are not their business");
        drop((answering, more));
        assert!(all.admit(me).is_some());
        drop((oldest, silent, newest, next));
        assert!(all.open().by_source.is_empty(), "nothing is kept of who is gone");
    }

    #[test]
    fn a_proxy_connects_for_many() {
        let all = limited(9, 1);
        let held: Vec<_> = (0..9).map(|_| all.admit(address("::ffff:192.0.2.9")).expect("room")).collect();
        assert!(held.iter().all(|admitted| !admitted.evicted.is_cancelled()));
    }

    #[test]
    fn an_address_that_fills_the_server_is_the_first_to_make_room() {
        let all = limited(3, 3);
        let held: Vec<_> = (0..3).map(|_| all.admit(address("192.0.2.1")).expect("room")).collect();
        let other = all.admit(address("192.0.2.2")).expect("room is made");
        assert!(held[0].evicted.is_cancelled() && !other.evicted.is_cancelled());
        assert_eq!(all.open().all.len(), 3);
    }

    #[test]
    fn addresses_of_one_ipv6_network_and_mapped_ones_are_one() {
        assert_eq!(source_of(address("2001:db8:1:2::7")), source_of(address("2001:db8:1:2:ffff::1")));
        assert_ne!(source_of(address("2001:db8:1:2::7")), source_of(address("2001:db8:1:3::7")));
        assert_eq!(source_of(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }
}
