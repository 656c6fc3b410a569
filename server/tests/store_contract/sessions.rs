//! Sessions, their receipts and threads.

use crate::support::{Desk, at_once};
use serde_json::{Value, json};
use server::store::{ReceiptRow, SessionKind, SessionUpdate, StoreError, ThreadEntry};
use std::collections::BTreeSet;

fn doing(state: &str) -> SessionUpdate<'_> {
    SessionUpdate { state, progress: Some("cloning 40 %"), error: None, ended: false }
}

async fn a_session_says_what_it_does_until_it_ends(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let (id, other) = (desk.session(&configuration).await, desk.session(&configuration).await);
    let row = || async { desk.store.session(&desk.organization, &id).await.unwrap().unwrap() };
    let first = row().await;
    assert_eq!((first.kind, first.state.as_str(), first.created_by.as_str()), (SessionKind::Work, "starting", "Ada"));
    assert_eq!((first.configuration, first.workspace_dir.as_str()), (configuration.clone(), "/somewhere"));
    assert!(desk.store.set_session_state(&desk.organization, &id, doing("cloning")).await.unwrap());
    assert_eq!(row().await.progress.as_deref(), Some("cloning 40 %"));
    let failed = SessionUpdate { state: "failed", progress: None, error: Some("no such branch"), ended: true };
    assert!(desk.store.set_session_state(&desk.organization, &id, failed).await.unwrap());
    assert!(!desk.store.set_session_state(&desk.organization, &id, doing("running")).await.unwrap());
    let last = row().await;
    assert_eq!((last.state.as_str(), last.progress, last.error.as_deref()), ("failed", None, Some("no such branch")));
    assert!(last.ended_at.is_some());
    let running = desk.store.running_sessions(&desk.organization).await.unwrap();
    assert_eq!(running.iter().map(|row| &row.id).collect::<Vec<_>>(), [&other]);
    let all = desk.store.sessions_of(&desk.organization, &configuration).await.unwrap();
    assert_eq!(all.iter().map(|row| &row.id).collect::<Vec<_>>(), [&other, &id]);
}

async fn receipts_are_numbered_in_each_session(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let (id, other) = (desk.session(&configuration).await, desk.session(&configuration).await);
    assert_eq!(desk.store.latest_receipt::<Value>(&desk.organization, &id).await.unwrap(), None);
    for number in 1..=3 {
        let receipt = json!({ "written": number, "missing": ["A"] });
        assert_eq!(desk.store.add_receipt(&desk.organization, &id, &receipt).await.unwrap(), number);
    }
    assert_eq!(desk.store.add_receipt(&desk.organization, &other, &json!(null)).await.unwrap(), 1);
    let latest: ReceiptRow<Value> = desk.store.latest_receipt(&desk.organization, &id).await.unwrap().unwrap();
    assert_eq!((latest.number, latest.receipt), (3, json!({ "written": 3, "missing": ["A"] })));
    let all: Vec<ReceiptRow<Value>> = desk.store.receipts(&desk.organization, &id).await.unwrap();
    assert_eq!(all.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 2, 1]);
}

async fn a_thread_has_no_gaps_however_many_write_at_once(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let id = desk.session(&configuration).await;
    let appends = (0..20).map(|number| {
        let (store, organization, id) = (desk.store.clone(), desk.organization.clone(), id.clone());
        async move { (store.append_thread_entry(&organization, &id, "note", &number).await.unwrap(), number) }
    });
    let places = at_once(appends).await;
    assert_eq!(places.iter().map(|(seq, _)| *seq).collect::<BTreeSet<_>>(), (1..=20).collect());
    let entries: Vec<ThreadEntry<i64>> = desk.store.thread_entries(&desk.organization, &id, 0).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
    assert!(entries.iter().all(|entry| entry.kind == "note" && places.contains(&(entry.seq, entry.body))));
    let rest: Vec<ThreadEntry<i64>> = desk.store.thread_entries(&desk.organization, &id, 18).await.unwrap();
    assert_eq!(rest, entries[18..]);
    let newest = desk.store.newest_thread_entry::<i64>(&desk.organization, &id).await.unwrap();
    assert_eq!(newest.as_ref(), entries.last());
}

async fn what_does_not_exist_is_told(desk: Desk) {
    let nobody = "unknown".into();
    let state = desk.store.set_session_state(&desk.organization, &nobody, doing("x")).await;
    assert!(matches!(state, Err(StoreError::NotFound("the session"))));
    let receipt = desk.store.add_receipt(&desk.organization, &nobody, &1).await;
    assert!(matches!(receipt, Err(StoreError::NotFound("the session"))));
    let entry = desk.store.append_thread_entry(&desk.organization, &nobody, "note", &1).await;
    assert!(matches!(entry, Err(StoreError::NotFound("the session"))));
}

crate::on_both!(
    a_session_says_what_it_does_until_it_ends,
    receipts_are_numbered_in_each_session,
    a_thread_has_no_gaps_however_many_write_at_once,
    what_does_not_exist_is_told,
);
