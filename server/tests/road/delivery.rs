//! Which sandboxes have what people saved, and what becomes of those that could not take it.

use crate::support::{Person, Site, json_spec, key, run_sql, until};
use app::api::delivery::{Delivery, DeliveryState};
use app::api::thread::ThreadEvent;
use domain::ids::{ConfigurationId, SessionId};
use serde_json::json;
use server::instance::Instance;
use std::path::Path;
use tokio_util::sync::CancellationToken;

async fn shop(site: &Site) -> ConfigurationId {
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}, {"key": "B"}]}]}));
    site.configuration(&[("shop", ".")], &spec).await.0
}

/// What stands at a session's sandbox.
fn state<'a>(delivery: &'a Delivery, session: &SessionId) -> &'a DeliveryState {
    &delivery.sandboxes.iter().find(|sandbox| sandbox.session == *session).expect("the sandbox").state
}

fn assigned(site: &Site, session: &SessionId) -> Vec<String> {
    site.assigned(session, ".env").into_iter().map(|(key, value)| format!("{key}={value}")).collect()
}

/// Puts a symlink at the file's place, which nothing is written through; answers what takes it away again.
fn in_the_way(workspace: &Path) -> impl FnOnce() + use<> {
    let (file, target) = (workspace.join(".env"), workspace.join("elsewhere"));
    std::fs::remove_file(&file).ok();
    std::fs::write(&target, "").expect("a file");
    std::os::unix::fs::symlink(&target, &file).expect("a symlink");
    move || {
        assert_eq!(std::fs::read_to_string(&target).expect("the target"), "", "nothing went through the symlink");
        std::fs::remove_file(&file).expect("taken away");
    }
}

async fn retry(owner: &Person, session: &SessionId) {
    owner.call::<()>("retry_apply", &[("session", session.as_str())]).await.expect("tried again");
}

async fn a_sandbox_that_fails_is_counted_named_and_tried_again(site: Site) {
    let owner = site.owner().await;
    let configuration = shop(&site).await;
    let (one, other) = (owner.work(&configuration).await.id, owner.work(&configuration).await.id);
    let target = format!("session:{one}");
    assert_eq!((owner.delivery(&target).await.applied(), owner.delivery(&target).await.sandboxes.len()), (2, 2));

    let take_away = in_the_way(&site.workspace(&other));
    owner.save((&target, ".env", "A"), "organization", "a").await.expect("saved, whatever a sandbox says");
    let delivery = owner.delivery(&target).await;
    assert_eq!((delivery.applied(), delivery.sandboxes.len()), (1, 2));
    assert_eq!(state(&delivery, &one), &DeliveryState::Applied);
    let DeliveryState::Failed { reason } = state(&delivery, &other) else { panic!("{delivery:?}") };
    assert!(reason.starts_with(".env: ") && reason.contains("symlink"), "{reason}");

    let thread = owner.thread(&other).await.len();
    retry(&owner, &other).await;
    assert_eq!(owner.delivery(&target).await.applied(), 1, "it fails again");
    assert_eq!(owner.thread(&other).await.len(), thread, "and is told once");
    take_away();
    retry(&owner, &other).await;
    assert_eq!(owner.delivery(&target).await.applied(), 2);
    assert_eq!(assigned(&site, &other), ["A=a"]);
    let last = owner.thread(&other).await.pop().expect("an entry").event;
    assert!(matches!(&last, ThreadEvent::Applied { refused, .. } if refused.is_empty()), "{last:?}");
}

async fn the_keeper_tries_again_by_itself_until_it_works(site: Site) {
    let owner = site.owner().await;
    let configuration = shop(&site).await;
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    let closing = CancellationToken::new();
    let keeper = {
        let (keyslot, closing) = (site.keyslot.clone(), closing.clone());
        tokio::spawn(async move { keyslot.keep_up(closing).await })
    };
    let take_away = in_the_way(&site.workspace(&session));
    owner.save((&target, ".env", "A"), "organization", "a").await.expect("saved");
    assert_eq!(owner.delivery(&target).await.applied(), 0);
    take_away();
    until("applied in 1 of 1", || async { owner.delivery(&target).await.applied() == 1 }).await;
    assert_eq!(assigned(&site, &session), ["A=a"]);
    closing.cancel();
    keeper.await.expect("it ends");
}

async fn what_an_earlier_run_left_undone_is_done_at_the_next_start(site: Site) {
    let owner = site.owner().await;
    let configuration = shop(&site).await;
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    let organization = site.organization().await;
    owner.save((&target, ".env", "A"), "organization", "a").await.expect("saved");
    // As if the server had been stopped between storing and applying.
    let store = site.keyslot.store();
    let (scope, name) = (vault::SecretScope::Organization, key("A"));
    assert!(store.delete_value(&organization, &scope, &name, server::store::Expected::Any).await.expect("deleted"));
    assert_eq!((owner.delivery(&target).await.applied(), assigned(&site, &session)), (0, vec!["A=a".to_owned()]));

    let again = Site::start_in(&site.url, &site.folder).await;
    let closing = CancellationToken::new();
    let keyslot = again.keyslot.clone();
    tokio::spawn({
        let closing = closing.clone();
        async move { keyslot.keep_up(closing).await }
    });
    until("the value is taken out", || async { assigned(&site, &session).is_empty() }).await;
    closing.cancel();
}

async fn only_the_process_with_the_sandbox_on_its_disk_writes_it(site: Site) {
    let owner = site.owner().await;
    let configuration = shop(&site).await;
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    // Another server process on the same database, with a disk of its own.
    let folder = crate::support::new_folder();
    let other = Site::start_in(&site.url, folder.path()).await;
    let ids = [&site.folder, &other.folder].map(|folder| Instance::load(&folder.join("data")).expect("an id"));
    assert_ne!(ids[0], ids[1]);
    let elsewhere = Person::new(other.router.clone(), Some(owner.cookie().to_owned()));
    elsewhere.save((&target, ".env", "A"), "organization", "a").await.expect("saved");
    assert_eq!(elsewhere.delivery(&target).await.applied(), 0, "its host did not hear of it yet");
    assert!(!other.workspace(&session).exists(), "no folder was made for what lies elsewhere");

    // A session that is being made elsewhere is none of ours to fail.
    let statement = format!("UPDATE sessions SET state = 'booting' WHERE id = '{session}'");
    assert_eq!(run_sql(&site.url, &statement).await, 1);
    other.keyslot.fail_interrupted().await.expect("looks");
    assert!(owner.session(&session).await.expect("it").error.is_none());
    let statement = format!("UPDATE sessions SET state = 'running' WHERE id = '{session}'");
    run_sql(&site.url, &statement).await;

    let closing = CancellationToken::new();
    let keyslot = site.keyslot.clone();
    tokio::spawn({
        let closing = closing.clone();
        async move { keyslot.keep_up(closing).await }
    });
    until("its host wrote it", || async { assigned(&site, &session) == ["A=a"] }).await;
    until("and said so", || async { elsewhere.delivery(&target).await.applied() == 1 }).await;

    elsewhere.call::<()>("end_session", &[("session", session.as_str())]).await.expect("ended");
    until("its host took the values out", || async { assigned(&site, &session).is_empty() }).await;
    closing.cancel();
}

async fn a_dropped_file_is_taken_out_and_foreign_lines_stay(site: Site) {
    let owner = site.owner().await;
    let spec = |paths: &[&str]| {
        let files: Vec<_> = paths.iter().map(|path| json!({"path": path, "keys": [{"key": "A"}]})).collect();
        json_spec(&json!({ "files": files }))
    };
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec(&[".env", "own.env", "made/.env"])).await;
    let session = owner.work(&configuration).await.id;
    let own = site.workspace(&session).join("own.env");
    std::fs::write(&own, "# ours\nOWN=1\n").expect("a file");
    owner.save((&format!("session:{session}"), ".env", "A"), "organization", "a").await.expect("saved");
    assert!(site.file(&session, "own.env").expect("the file").contains("\nA=a\n"));
    assert!(site.file(&session, "made/.env").is_some());

    let organization = site.organization().await;
    let row = site.keyslot.store().session(&organization, &session).await.expect("reads").expect("the session");
    site.keyslot.save_env_files(&organization, &row, spec(&[".env"]), "Agent").await.expect("saved");
    assert_eq!(site.file(&session, "own.env").as_deref(), Some("# ours\nOWN=1\n"));
    assert_eq!(site.file(&session, "made/.env"), None);
    assert_eq!(assigned(&site, &session), ["A=a"]);
}

async fn what_changes_nothing_in_a_sandbox_is_acknowledged_without_writing(site: Site) {
    let owner = site.owner().await;
    let configuration = shop(&site).await;
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    owner.save((&target, ".env", "A"), "session", "mine").await.expect("saved");
    let receipts = || async {
        let organization = site.organization().await;
        site.keyslot.store().receipts::<serde_json::Value>(&organization, &session).await.expect("receipts").len()
    };
    let before = receipts().await;
    // The session's own value is narrower.
    owner.save((&target, ".env", "A"), "organization", "for all").await.expect("saved");
    assert_eq!((receipts().await, owner.delivery(&target).await.applied()), (before, 1));
    assert_eq!(assigned(&site, &session), ["A=mine"]);
    owner.delete((&target, ".env", "A"), "session").await.expect("deleted");
    assert_eq!((receipts().await, assigned(&site, &session)), (before + 1, vec!["A=for all".to_owned()]));
}

async fn an_ended_session_is_neither_counted_nor_tried_again(site: Site) {
    let owner = site.owner().await;
    let configuration = shop(&site).await;
    let (one, other) = (owner.work(&configuration).await.id, owner.work(&configuration).await.id);
    owner.end(&other).await.expect("ended");
    let delivery = owner.delivery(&format!("configuration:{configuration}")).await;
    assert_eq!(delivery.sandboxes.iter().map(|sandbox| &sandbox.session).collect::<Vec<_>>(), [&one]);
    let refused = owner.call::<()>("retry_apply", &[("session", other.as_str())]).await.expect_err("it ended");
    assert_eq!(refused.status, 409);
}

crate::on_both!(
    a_sandbox_that_fails_is_counted_named_and_tried_again,
    the_keeper_tries_again_by_itself_until_it_works,
    what_an_earlier_run_left_undone_is_done_at_the_next_start,
    only_the_process_with_the_sandbox_on_its_disk_writes_it,
    a_dropped_file_is_taken_out_and_foreign_lines_stay,
    what_changes_nothing_in_a_sandbox_is_acknowledged_without_writing,
    an_ended_session_is_neither_counted_nor_tried_again,
);
