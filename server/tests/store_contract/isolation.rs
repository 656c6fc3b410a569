//! Another organization's identifiers find nothing and change nothing.

use crate::support::{Desk, key, spec_of};
use domain::RelativePath;
use serde_json::{Value, json};
use server::store::{
    BootPolicy, Expected, Keys, NewAttachment, NewConfiguration, NewRepository, NewSession, SessionKind, SessionUpdate,
    StoreError, TokenHash,
};
use std::collections::BTreeSet;
use vault::SecretScope;

fn not_found<T>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotFound(_)))
}

async fn another_organizations_ids_find_nothing(desk: Desk) {
    let repository = desk.repository("web").await;
    let configuration = desk.configuration("web", &[&repository]).await;
    let session = desk.session(&configuration).await;
    desk.put(&SecretScope::Organization, &key("A"), "1").await.unwrap();
    desk.put(&SecretScope::Session(session.clone()), &key("A"), "2").await.unwrap();
    desk.store.save_spec(&desk.organization, &configuration, &spec_of(&["A"]), "scan", None).await.unwrap();
    desk.store.add_receipt(&desk.organization, &session, &json!(1)).await.unwrap();
    desk.store.append_thread_entry(&desk.organization, &session, "note", &json!(1)).await.unwrap();

    let other = desk.other_organization().await;
    let (store, me) = (&other.store, &other.organization);
    assert_eq!(store.member(me, &desk.member).await.unwrap(), None);
    assert_eq!(store.members(me).await.unwrap().len(), 1);
    assert_eq!(store.repository(me, &repository).await.unwrap(), None);
    assert_eq!(store.repository_at(me, "https://git.test/web.git").await.unwrap(), None);
    assert_eq!(store.repositories(me).await.unwrap(), []);
    assert_eq!(store.configuration(me, &configuration).await.unwrap(), None);
    assert_eq!(store.configurations(me).await.unwrap(), []);
    assert_eq!(store.auto_start::<Value>(me, &configuration).await.unwrap(), None);
    assert_eq!(store.spec(me, &configuration).await.unwrap(), None);
    assert_eq!(store.specs(me).await.unwrap(), []);
    assert_eq!(store.spec_history(me, &configuration).await.unwrap(), []);
    assert_eq!(store.values_for(me, &configuration, Some(&session), Keys::All).await.unwrap(), []);
    assert_eq!(store.secrets(me, Keys::All).await.unwrap(), []);
    assert_eq!(store.secrets_beside(me, &BTreeSet::new(), None, 10).await.unwrap(), []);
    assert_eq!(store.session(me, &session).await.unwrap(), None);
    assert_eq!(store.sessions_of(me, &configuration).await.unwrap(), []);
    assert_eq!(store.running_sessions(me).await.unwrap(), []);
    assert_eq!(store.receipts::<Value>(me, &session).await.unwrap(), []);
    assert_eq!(store.latest_receipt::<Value>(me, &session).await.unwrap(), None);
    assert_eq!(store.thread_entries::<Value>(me, &session, 0).await.unwrap(), []);
    // Its own configuration does not lend it another organization's session either.
    let own = other.configuration("own", &[]).await;
    assert_eq!(store.values_for(me, &own, Some(&session), Keys::All).await.unwrap(), []);
}

async fn another_organizations_ids_change_nothing(desk: Desk) {
    let repository = desk.repository("web").await;
    let configuration = desk.configuration("web", &[&repository]).await;
    let session = desk.session(&configuration).await;
    let scopes = [SecretScope::Repository(repository.clone()), SecretScope::Session(session.clone())];
    for scope in &scopes {
        desk.put(scope, &key("A"), "mine").await.unwrap();
    }
    let cookie = TokenHash::of("cookie");
    let later = desk.store.now() + 60_000;
    desk.store.create_web_session(&desk.organization, &desk.member, &cookie, later).await.unwrap();
    let before = everything(&desk).await;

    let other = desk.other_organization().await;
    let (store, me) = (&other.store, &other.organization);
    for scope in &scopes {
        assert!(not_found(other.put(scope, &key("A"), "theirs").await));
        assert!(not_found(other.put(scope, &key("NEW"), "theirs").await));
        assert!(!store.delete_value(me, scope, &key("A"), Expected::Any).await.unwrap());
    }
    let as_ada = store.put_value(me, &desk.member, other.value(&SecretScope::Organization, &key("A"), "x")).await;
    assert!(not_found(as_ada), "a value cannot be set in another member's name");
    assert!(not_found(store.save_spec(me, &configuration, &spec_of(&["A"]), "x", None).await));
    assert!(not_found(store.set_boot_policy(me, &configuration, BootPolicy::Block).await));
    assert!(not_found(store.finish_configuration(me, &configuration, &other.member, true, 1).await));
    assert!(not_found(store.save_auto_start(me, &configuration, &[1]).await));
    assert!(not_found(store.rename_configuration(me, &configuration, "x").await));
    let theirs = NewAttachment { repository: repository.clone(), workspace_path: RelativePath::root() };
    assert!(not_found(store.attach_repository(me, &configuration, &theirs).await));
    assert!(not_found(store.move_repository(me, &configuration, &repository, &RelativePath::root()).await));
    assert!(not_found(store.detach_repository(me, &configuration, &repository).await));
    assert!(not_found(store.delete_configuration(me, &configuration).await));
    assert!(!store.describe_value(me, &scopes[0], &key("A"), "theirs").await.unwrap());
    assert!(not_found(store.set_default_branch(me, &repository, "x").await));
    let over = SessionUpdate { state: "over", progress: None, error: None, ended: true };
    assert!(not_found(store.set_session_state(me, &session, over).await));
    assert!(not_found(store.add_receipt(me, &session, &1).await));
    assert!(not_found(store.append_thread_entry(me, &session, "x", &1).await));
    assert!(not_found(store.create_sign_in_link(me, &desk.member, &TokenHash::of("x"), later).await));
    assert!(not_found(store.create_web_session(me, &desk.member, &TokenHash::of("y"), later).await));
    assert!(!store.revoke_web_session(me, &cookie).await.unwrap());
    let attachment = NewAttachment { repository, workspace_path: RelativePath::root() };
    let new = NewConfiguration { name: "x", repositories: &[attachment], release_mode: Default::default() };
    assert!(not_found(store.create_configuration(me, new).await));
    let new = NewRepository { name: "x", location: "x", default_branch: None, created_by: &desk.member };
    assert!(not_found(store.create_repository(me, new).await));
    let new = NewSession {
        id: &store.new_session_id(),
        configuration: &configuration,
        kind: SessionKind::Work,
        state: "x",
        workspace_dir: "x",
        host: "this server",
        created_by: &other.member,
        most: 1_000,
    };
    assert!(not_found(store.create_session(me, new).await));

    assert_eq!(everything(&desk).await, before);
    assert!(store.web_session(&cookie).await.unwrap().is_some());
    assert_eq!(store.secrets(me, Keys::All).await.unwrap(), []);
    assert_eq!(desk.put(&scopes[1], &key("A"), "mine").await.unwrap(), 2, "no version was used up");
}

/// All that the organization can see.
async fn everything(desk: &Desk) -> String {
    let (store, me) = (&desk.store, &desk.organization);
    let configurations = store.configurations(me).await.unwrap();
    let sessions = store.running_sessions(me).await.unwrap();
    let values = store.values_for(me, &configurations[0].id, Some(&sessions[0].id), Keys::All).await.unwrap();
    let newest = store.newest_sessions(me, Some(&configurations[0].id)).await.unwrap();
    let rest = (store.repositories(me).await.unwrap(), store.specs(me).await.unwrap());
    format!("{configurations:?} {newest:?} {sessions:?} {values:?} {rest:?}")
}

crate::on_both!(another_organizations_ids_find_nothing, another_organizations_ids_change_nothing);
