//! Tests of what waits to be sent. That processes hear each other is told by `tests/road/events.rs`.

use super::{Entry, Notice, Numbers, Outbox, PAYLOAD_LIMIT, WAITING_LIMIT, Waiting};
use crate::events::Fact;
use app::api::live::Change;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use std::sync::atomic::{AtomicU64, Ordering};

fn entry(session: usize, change: Change) -> Entry {
    // As long as real ids are.
    let (organization, session) = (format!("{:036}", 0), format!("{session:036}"));
    (OrganizationId::from(organization), Fact::Session(SessionId::from(session), change))
}

fn waiting(entries: impl IntoIterator<Item = Entry>) -> Waiting {
    let mut waiting = Waiting::default();
    entries.into_iter().for_each(|entry| waiting.put(entry));
    waiting
}

fn sent(waiting: &Waiting) -> (Vec<Entry>, bool) {
    let (mut facts, mut missed) = (Vec::new(), false);
    for payload in waiting.payloads("epoch", &AtomicU64::new(7)).expect("JSON") {
        assert!(payload.len() <= PAYLOAD_LIMIT, "{}", payload.len());
        let notice: Notice<Vec<Entry>> = serde_json::from_str(&payload).expect("a notice");
        assert_eq!(notice.from, "epoch");
        facts.extend(notice.facts);
        missed |= notice.missed;
    }
    (facts, missed)
}

#[test]
fn a_burst_about_the_same_thing_is_sent_once_and_in_order() {
    let burst = [1, 2, 1, 1, 2].map(|session| entry(session, Change::Environment));
    let other = entry(1, Change::Thread);
    let (facts, missed) = sent(&waiting(burst.into_iter().chain([other.clone()])));
    assert_eq!(facts, [entry(1, Change::Environment), entry(2, Change::Environment), other]);
    assert!(!missed);
}

#[test]
fn many_facts_are_split_into_notices_that_postgres_takes() {
    let many: Vec<_> = (0..500).map(|session| entry(session, Change::Session)).collect();
    let waiting = waiting(many.clone());
    assert_eq!(sent(&waiting), (many, false));
    let notices = waiting.payloads("epoch", &AtomicU64::new(0)).expect("JSON").len();
    assert!((2..20).contains(&notices), "{notices} notices for 500 facts");
}

#[test]
fn too_many_facts_become_one_request_to_fetch_everything() {
    let mut waiting = waiting((0..WAITING_LIMIT).map(|session| entry(session, Change::Session)));
    assert!(!waiting.missed);
    waiting.put(entry(WAITING_LIMIT, Change::Session));
    waiting.put(entry(0, Change::Thread));
    assert_eq!(sent(&waiting), (Vec::new(), true));
}

#[test]
fn what_could_not_be_sent_goes_before_what_came_since() {
    let outbox = Outbox::default();
    outbox.open.store(true, Ordering::Relaxed);
    let put = |(organization, fact): Entry| outbox.put(&organization, fact);
    put(entry(1, Change::Thread));
    let failed = outbox.take().expect("something waits");
    put(entry(2, Change::Thread));
    put(entry(1, Change::Thread));
    outbox.put_back(failed);
    let (facts, _) = sent(&outbox.take().expect("something waits"));
    assert_eq!(facts, [entry(1, Change::Thread), entry(2, Change::Thread)]);
    assert!(outbox.take().is_none(), "nothing is sent twice");
}

#[test]
fn a_notice_that_is_repeated_is_not_heard_again() {
    let mut numbers = Numbers::default();
    let heard = [("a", 3), ("b", 1), ("a", 3), ("a", 2), ("a", 5), ("b", 2)];
    assert_eq!(heard.map(|(from, number)| numbers.is_new(from, number)), [true, true, false, false, true, true]);
}

#[test]
fn nothing_waits_where_nobody_else_listens() {
    let outbox = Outbox::default();
    outbox.put(&OrganizationId::from("o"), Fact::Environment(ConfigurationId::from("c")));
    assert!(outbox.take().is_none());
}
