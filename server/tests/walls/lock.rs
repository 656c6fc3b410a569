//! Nothing that runs in a workspace holds up the saves of others, and a save answers when it is stored.

#![allow(clippy::print_stdout, reason = "figures are told")]

use crate::support::{Person, Site, json_spec};
use app::api::delivery::DeliveryState;
use domain::ids::SessionId;
use domain::request::{Ask, RequestState};
use rustix::fs::{FlockOperation, flock};
use serde_json::json;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

/// Holds the lock of a file or folder until it is dropped, as any process may do with what it can open.
fn hold(path: &Path) -> File {
    let file = File::open(path).expect("it opens");
    flock(&file, FlockOperation::NonBlockingLockExclusive).expect("locked");
    file
}

/// A running session whose files ask for one key.
async fn running(site: &Site) -> (Person, SessionId) {
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let owner = site.owner().await;
    let session = owner.work(&configuration).await.id;
    (owner, session)
}

fn written(site: &Site, session: &SessionId) -> Vec<(String, String)> {
    site.assigned(session, ".env")
}

fn a_is(value: &str) -> Vec<(String, String)> {
    vec![("A".to_owned(), value.to_owned())]
}

async fn a_lock_that_the_workspace_holds_on_itself_keeps_no_value_out_and_none_in(site: Site) {
    let (owner, session) = running(&site).await;
    let workspace = site.workspace(&session);
    std::fs::create_dir_all(workspace.join(".keyslot")).expect("a folder");
    let _held = [hold(&workspace), hold(&workspace.join(".keyslot"))];
    owner.save((&format!("session:{session}"), ".env", "A"), "organization", "first").await.expect("saved");
    assert_eq!(written(&site, &session), a_is("first"));
    owner.end(&session).await.expect("ended");
    assert_eq!(written(&site, &session), [], "the session ended, and its values are gone from its files");
}

async fn a_save_answers_while_a_sandbox_is_busy_and_arrives_when_it_is_free(site: Site) {
    let (owner, session) = running(&site).await;
    let target = format!("session:{session}");
    // What a run of the program that does not end would hold.
    let held = hold(&site.keyslot.config().sandbox(session.as_str()).join("apply.lock"));
    let person = Person::new(site.router.clone(), Some(owner.cookie().to_owned()));
    let asked = Instant::now();
    person.save((&target, ".env", "A"), "organization", "late").await.expect("saved");
    println!("a save while the lock of its sandbox is held: {:?}", asked.elapsed());
    assert_eq!(written(&site, &session), [], "the answer did not wait for the sandbox");
    let waiting = person.delivery(&target).await;
    let state = &waiting.sandboxes.first().expect("the sandbox").state;
    assert!(matches!(state, DeliveryState::Pending), "and people see that it is on its way: {state:?}");
    drop(held);
    site.keyslot.applied().await;
    assert_eq!(written(&site, &session), a_is("late"));
    assert_eq!(person.delivery(&target).await.applied(), 1);
}

async fn an_agent_that_asked_goes_on_only_when_the_value_is_in_its_files(site: Site) {
    let (owner, session) = running(&site).await;
    let (organization, target) = (site.organization().await, format!("session:{session}"));
    let row = site.keyslot.store().session(&organization, &session).await.expect("reads").expect("the session");
    let ask: Ask = serde_json::from_value(json!({"keys": [{"key": "A"}]})).expect("a question");
    let asked = site.keyslot.ask(&organization, &row, "Agent", ask).await.expect("asked");
    let held = hold(&site.keyslot.config().sandbox(session.as_str()).join("apply.lock"));
    let person = Person::new(site.router.clone(), Some(owner.cookie().to_owned()));
    person.save((&target, ".env", "A"), "session", "answer").await.expect("saved");
    let state = || async { site.keyslot.request(&organization, &session, &asked.id).await.expect("the request").state };
    assert_eq!((state().await, written(&site, &session)), (RequestState::Pending, vec![]));
    drop(held);
    site.keyslot.applied().await;
    assert_eq!((state().await, written(&site, &session)), (RequestState::Answered, a_is("answer")));
}

crate::on_both!(
    a_lock_that_the_workspace_holds_on_itself_keeps_no_value_out_and_none_in,
    a_save_answers_while_a_sandbox_is_busy_and_arrives_when_it_is_free,
    an_agent_that_asked_goes_on_only_when_the_value_is_in_its_files,
);
