//! Value requests.

use crate::support::{Desk, at_once};
use domain::EnvSpec;
use domain::ids::SessionId;
use domain::request::{Ask, KeyOutcome, RequestState, ValueRequest};
use serde_json::json;
use server::store::{NewRequest, StoreError};

const LATER: i64 = 60_000;

async fn request(desk: &Desk, session: &SessionId, keys: &[&str], expires_at: i64) -> ValueRequest {
    let keys: Vec<_> = keys.iter().map(|key| json!({ "key": key })).collect();
    let ask: Ask = serde_json::from_value(json!({ "keys": keys })).unwrap();
    let keys = ask.checked(&EnvSpec::default()).unwrap();
    let new = NewRequest { session, asked_by: "Agent", message: Some("why".to_owned()), keys, expires_at };
    desk.store.add_request(&desk.organization, new).await.unwrap()
}

fn answer(mut request: ValueRequest, key: &str) -> ValueRequest {
    let found = request.keys.iter_mut().find(|one| one.asked.key.as_str() == key).expect("the key");
    found.outcome = Some(KeyOutcome::Submitted);
    request
}

async fn a_request_comes_back_as_it_was_stored_and_only_in_its_session(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let (session, other) = (desk.session(&configuration).await, desk.session(&configuration).await);
    let stored = request(&desk, &session, &["A", "B"], desk.store.now() + LATER).await;
    let found = |session: SessionId| {
        let (desk, id) = (&desk, stored.id.clone());
        async move { desk.store.request(&desk.organization, &session, &id).await.unwrap() }
    };
    assert_eq!(found(session.clone()).await.as_ref(), Some(&stored));
    assert_eq!(found(other.clone()).await, None);
    let second = request(&desk, &session, &["A"], desk.store.now() + LATER).await;
    assert_eq!(desk.store.requests(&desk.organization, &session).await.unwrap(), [stored.clone(), second]);
    assert_eq!(desk.store.requests(&desk.organization, &other).await.unwrap(), []);
    let foreign = desk.other_organization().await;
    assert_eq!(foreign.store.request(&foreign.organization, &session, &stored.id).await.unwrap(), None);
    assert_eq!(foreign.store.pending_requests(&foreign.organization, &session).await.unwrap(), []);
    let change = |request: ValueRequest, _| Ok::<_, StoreError>(answer(request, "A"));
    assert_eq!(foreign.store.change_request(&foreign.organization, &stored.id, change).await.unwrap(), None);
}

async fn answers_that_arrive_together_all_count(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let keys: Vec<String> = (0..8).map(|n| format!("K{n}")).collect();
    let names: Vec<&str> = keys.iter().map(String::as_str).collect();
    let stored = request(&desk, &session, &names, desk.store.now() + LATER).await;
    at_once(keys.into_iter().map(|key| {
        let (store, organization, id) = (desk.store.clone(), desk.organization.clone(), stored.id.clone());
        async move {
            let change = |request, now| Ok::<_, StoreError>(answer(request, &key).settled(now));
            store.change_request(&organization, &id, change).await
        }
    }))
    .await;
    let after = desk.store.request(&desk.organization, &session, &stored.id).await.unwrap().unwrap();
    assert_eq!((after.state, after.open_keys().count()), (RequestState::Answered, 0));
    let late =
        desk.store.change_request(&desk.organization, &stored.id, |request, _| Ok::<_, StoreError>(request)).await;
    assert_eq!(late.unwrap(), None, "a closed request is not changed any more");
}

async fn a_change_that_is_refused_changes_nothing(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let stored = request(&desk, &session, &["A"], desk.store.now() + LATER).await;
    let refuse = |_, _| Err::<ValueRequest, _>(StoreError::NotFound("the reason"));
    assert!(desk.store.change_request(&desk.organization, &stored.id, refuse).await.is_err());
    assert_eq!(desk.store.requests(&desk.organization, &session).await.unwrap(), [stored]);
}

async fn what_is_overdue_is_found_in_every_organization(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let overdue = request(&desk, &session, &["A"], desk.store.now() - 1).await;
    request(&desk, &session, &["A"], desk.store.now() + LATER).await;
    let found = desk.store.overdue_requests().await.unwrap();
    assert!(found.contains(&(desk.organization.clone(), session.clone(), overdue.id.clone())));
    assert_eq!(found.len(), 1);
}

crate::on_both!(
    a_request_comes_back_as_it_was_stored_and_only_in_its_session,
    answers_that_arrive_together_all_count,
    a_change_that_is_refused_changes_nothing,
    what_is_overdue_is_found_in_every_organization,
);
