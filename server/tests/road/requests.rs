//! An agent asks for values; people answer wherever they are.

use crate::support::{Person, Site, json_spec, slot, status};
use app::api::ApiError;
use domain::environment::{Scope, Status};
use domain::ids::SessionId;
use domain::request::{Ask, KeyOutcome, RequestState, ValueRequest};
use serde_json::{Value, json};
use server::service::ServiceError;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);

async fn work(site: &Site, owner: &Person) -> SessionId {
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    owner.work(&configuration).await.id
}

async fn ask(site: &Site, session: &SessionId, ask: Value) -> Result<ValueRequest, ServiceError> {
    let organization = site.organization().await;
    let row = site.keyslot.store().session(&organization, session).await.unwrap().unwrap();
    let ask: Ask = serde_json::from_value(ask).expect("an ask");
    site.keyslot.ask(&organization, &row, "Agent", ask).await
}

async fn answered(site: &Site, request: &ValueRequest) -> ValueRequest {
    let organization = site.organization().await;
    site.keyslot.await_answer(&organization, &request.session, &request.id, LONG).await.expect("an answer")
}

fn outcomes(request: &ValueRequest) -> Vec<(&str, Option<KeyOutcome>)> {
    request.keys.iter().map(|key| (key.asked.key.as_str(), key.outcome)).collect()
}

async fn a_request_waits_until_every_key_is_given_or_skipped_and_hears_no_value(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let target = format!("session:{session}");
    owner.save((&target, ".env", "A"), "organization", "known").await.expect("saved");
    let asked = json!({"message": "for the tests", "keys": [
        {"key": "A"}, {"key": "TOKEN", "description": "from the console"}, {"key": "REGION", "required": false}]});
    let request = ask(&site, &session, asked).await.expect("asked");
    assert_eq!(request.state, RequestState::Pending);
    assert_eq!(outcomes(&request), [("A", Some(KeyOutcome::AlreadySet)), ("TOKEN", None), ("REGION", None)]);
    let environment = owner.environment(&target).await;
    assert_eq!((status(&environment, ".env", "TOKEN"), environment.missing_required()), (Status::Missing, 1));
    assert!(slot(&environment, ".env", "TOKEN").only_here && !slot(&environment, ".env", "A").only_here);

    let waiting = answered(&site, &request);
    let answering = async {
        let fields = [("session", session.as_str()), ("request", request.id.as_str()), ("key", "TOKEN")];
        let refused = owner.call::<Vec<ValueRequest>>("skip_key", &fields).await.expect_err("TOKEN is required");
        assert!(matches!(refused.error, ApiError::Invalid { .. }), "{refused:?}");
        owner.save((&target, ".env", "TOKEN"), "session", "t0ken-value").await.expect("saved");
        let fields = [("session", session.as_str()), ("request", request.id.as_str()), ("key", "REGION")];
        owner.call::<Vec<ValueRequest>>("skip_key", &fields).await.expect("skipped");
    };
    let (after, ()) = tokio::join!(waiting, answering);
    assert_eq!(after.state, RequestState::Answered);
    let expected = [("A", KeyOutcome::AlreadySet), ("TOKEN", KeyOutcome::Submitted), ("REGION", KeyOutcome::Skipped)];
    assert_eq!(outcomes(&after), expected.map(|(key, outcome)| (key, Some(outcome))));
    assert!(!serde_json::to_string(&after).unwrap().contains("t0ken-value"));
    let written = site.assigned(&session, ".env");
    assert!(written.contains(&("TOKEN".to_owned(), "t0ken-value".to_owned())), "it is in the files: {written:?}");
    assert_eq!(owner.requests(&session).await, [after]);
}

async fn what_is_set_already_is_answered_without_asking_anybody(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    owner.save((&format!("session:{session}"), ".env", "A"), "organization", "known").await.expect("saved");
    let request = ask(&site, &session, json!({"keys": [{"key": "A"}]})).await.expect("asked");
    assert_eq!((request.state, request.closed_at.is_some()), (RequestState::Answered, true));
}

async fn two_requests_for_one_key_are_one_slot_and_one_value_answers_both(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let one = ask(&site, &session, json!({"keys": [{"key": "NEW"}]})).await.expect("asked");
    let other = ask(&site, &session, json!({"keys": [{"key": "NEW"}, {"key": "A"}]})).await.expect("asked");
    let target = format!("session:{session}");
    assert_eq!(owner.environment(&target).await.slots().count(), 2);
    owner.save((&target, ".env", "NEW"), "session", "1").await.expect("saved");
    assert_eq!(answered(&site, &one).await.state, RequestState::Answered);
    owner.save((&target, ".env", "A"), "organization", "1").await.expect("saved");
    assert_eq!(answered(&site, &other).await.state, RequestState::Answered);
}

async fn a_kept_value_brings_its_slot_into_the_spec_and_one_for_this_session_does_not(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let target = format!("session:{session}");
    ask(&site, &session, json!({"keys": [{"key": "KEPT"}, {"key": "HERE"}]})).await.expect("asked");
    let fields = |key, future| {
        let shared = [("target", &*target), ("file", ".env"), ("key", key), ("scope", "organization")];
        [&shared[..], &[("value", "v"), ("asks_future", "true"), ("future", future)]].concat()
    };
    let call = |fields: Vec<(&'static str, &str)>| {
        let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        let owner = owner.clone();
        async move {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            owner.call::<domain::Environment>("set_value", &fields).await.expect("saved")
        }
    };
    call(fields("KEPT", "true")).await;
    let environment = call(fields("HERE", "false")).await;
    assert!(!slot(&environment, ".env", "KEPT").only_here);
    let here = slot(&environment, ".env", "HERE");
    assert!(here.only_here && here.winner.as_ref().unwrap().scope == Scope::Session);
    let configuration = owner.session(&session).await.unwrap().configuration;
    let next = owner.environment(&format!("configuration:{configuration}")).await;
    let keys: Vec<_> = next.slots().map(|(_, slot)| slot.key.to_string()).collect();
    assert_eq!(keys, ["A", "KEPT"]);

    let kept = owner.promote((&target, ".env", "HERE"), "organization").await.expect("promoted");
    let winner = slot(&kept, ".env", "HERE").winner.clone().expect("a value");
    assert_eq!((winner.scope, winner.length), (Scope::Organization, Some(1)));
    let next = owner.environment(&format!("configuration:{configuration}")).await;
    assert_eq!(status(&next, ".env", "HERE"), Status::Set);
    assert!(site.assigned(&session, ".env").contains(&("HERE".to_owned(), "v".to_owned())));
    let again = owner.promote((&target, ".env", "HERE"), "organization").await.expect_err("nothing is left to keep");
    assert_eq!(again.status, 409);
}

async fn a_request_expires_and_a_dismissed_one_tells_its_agent(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let request = ask(&site, &session, json!({"keys": [{"key": "B"}], "expiresInSeconds": 5})).await.expect("asked");
    let dismissed = ask(&site, &session, json!({"keys": [{"key": "C"}]})).await.expect("asked");
    let fields = [("session", session.as_str()), ("request", dismissed.id.as_str())];
    owner.call::<Vec<ValueRequest>>("cancel_request", &fields).await.expect("dismissed");
    assert_eq!(outcomes(&answered(&site, &dismissed).await), [("C", Some(KeyOutcome::Cancelled))]);
    let again = owner.call::<Vec<ValueRequest>>("cancel_request", &fields).await.expect_err("it is closed");
    assert_eq!(again.status, 409);
    let expired = answered(&site, &request).await;
    assert_eq!((expired.state, outcomes(&expired)), (RequestState::Expired, vec![("B", Some(KeyOutcome::Expired))]));
    let environment = owner.environment(&format!("session:{session}")).await;
    assert_eq!(environment.slots().count(), 1, "its slots are gone with it");
}

async fn a_pending_request_survives_a_restart(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let request = ask(&site, &session, json!({"keys": [{"key": "B"}]})).await.expect("asked");
    let again = Site::start_in(&site.url, &site.folder).await;
    let waiting = answered(&again, &request);
    let (after, _) = tokio::join!(waiting, async {
        let person = Person::new(again.router.clone(), Some(owner.cookie().to_owned()));
        person.save((&format!("session:{session}"), ".env", "B"), "session", "1").await.expect("saved")
    });
    assert_eq!(after.state, RequestState::Answered);
}

async fn an_ended_session_keeps_no_request_no_value_of_its_own_and_nothing_in_its_files(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let target = format!("session:{session}");
    let request = ask(&site, &session, json!({"keys": [{"key": "B"}]})).await.expect("asked");
    owner.save((&target, ".env", "A"), "session", "mine").await.expect("saved");
    owner.end(&session).await.expect("ended");
    assert_eq!(answered(&site, &request).await.state, RequestState::Cancelled);
    assert_eq!(status(&owner.environment(&target).await, ".env", "A"), Status::Missing);
    assert_eq!(site.file(&session, ".env"), None);
    let late = ask(&site, &session, json!({"keys": [{"key": "B"}]})).await.expect_err("it has ended");
    assert!(matches!(late, ServiceError::Answer(ApiError::Conflict { .. })), "{late}");
    assert_eq!(owner.end(&session).await.expect_err("it has ended").status, 409);
}

async fn a_save_over_what_somebody_else_just_saved_is_refused_until_it_was_seen(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let target = format!("session:{session}");
    let ada = site.member(&site.organization().await, "Ada", domain::member::Role::Member).await;
    let before = slot(&owner.environment(&target).await, ".env", "A").seen().to_string();
    let after = ada.save((&target, ".env", "A"), "organization", "adas").await.expect("saved");
    let save = |seen: String| {
        let (owner, target) = (owner.clone(), target.clone());
        async move {
            let fields = [("target", &*target), ("file", ".env"), ("key", "A"), ("scope", "organization")];
            let fields = [&fields[..], &[("value", "mine"), ("seen", &*seen)]].concat();
            owner.call::<domain::Environment>("set_value", &fields).await
        }
    };
    let refused = save(before).await.expect_err("Ada was faster");
    assert!(refused.status == 409 && refused.error.to_string().contains("Ada"), "{refused:?}");
    assert_eq!(site.assigned(&session, ".env"), [("A".to_owned(), "adas".to_owned())]);
    save(slot(&after, ".env", "A").seen().to_string()).await.expect("now it was seen");
    assert_eq!(site.assigned(&session, ".env"), [("A".to_owned(), "mine".to_owned())]);
}

crate::on_both!(
    a_request_waits_until_every_key_is_given_or_skipped_and_hears_no_value,
    what_is_set_already_is_answered_without_asking_anybody,
    two_requests_for_one_key_are_one_slot_and_one_value_answers_both,
    a_kept_value_brings_its_slot_into_the_spec_and_one_for_this_session_does_not,
    a_request_expires_and_a_dismissed_one_tells_its_agent,
    a_pending_request_survives_a_restart,
    an_ended_session_keeps_no_request_no_value_of_its_own_and_nothing_in_its_files,
    a_save_over_what_somebody_else_just_saved_is_refused_until_it_was_seen,
);
