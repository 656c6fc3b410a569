//! Configurations.

use crate::support::{Desk, spec_of};
use domain::RelativePath;
use server::store::{BootPolicy, ConfigurationSession, NewAttachment, NewConfiguration, SessionUpdate, StoreError};
use std::sync::Arc;

async fn the_list_shows_repositories_spec_version_and_newest_sessions(desk: Desk) {
    let (web, api) = (desk.repository("web").await, desk.repository("api").await);
    let both = desk.configuration("both", &[&web, &api]).await;
    let alone = desk.configuration("alone", &[&api]).await;
    desk.store.save_spec(&desk.organization, &both, &spec_of(&["A"]), "scan", None).await.unwrap();
    desk.store.save_spec(&desk.organization, &both, &spec_of(&["A", "B"]), "scan", None).await.unwrap();
    let mut sessions = Vec::new();
    for _ in 0..=ConfigurationSession::LISTED {
        sessions.push(desk.session(&both).await);
    }
    let last = sessions.last().unwrap();
    let update = SessionUpdate { state: "failed", progress: None, error: Some("no"), ended: true };
    desk.store.set_session_state(&desk.organization, last, update).await.unwrap();

    let rows = desk.store.configurations(&desk.organization).await.unwrap();
    assert_eq!(rows.iter().map(|row| &row.id).collect::<Vec<_>>(), [&both, &alone]);
    let row = &rows[0];
    assert_eq!((row.name.as_str(), row.spec_version, row.boot_policy), ("both", 2, BootPolicy::Warn));
    let attached: Vec<_> = row.repositories.iter().map(|attached| &attached.repository).collect();
    assert_eq!(attached.iter().map(|repository| repository.name.as_str()).collect::<Vec<_>>(), ["web", "api"]);
    assert_eq!((&attached[1].id, attached[1].workspace_path.as_str()), (&api, "repo1"));
    assert_eq!(row.repositories[0].location, "https://git.test/web.git");
    let newest: Vec<_> = sessions.iter().rev().take(5).collect();
    let listed = desk.store.newest_sessions(&desk.organization, None).await.unwrap();
    assert_eq!(listed[&both].iter().map(|session| &session.id).collect::<Vec<_>>(), newest);
    assert_eq!(listed[&both][0].state, "failed");
    assert!(listed[&both][0].ended_at.is_some() && listed[&both][1].ended_at.is_none());
    assert_eq!(desk.store.newest_sessions(&desk.organization, Some(&both)).await.unwrap(), listed);
    assert!(desk.store.newest_sessions(&desk.organization, Some(&alone)).await.unwrap().is_empty());
    assert_eq!((rows[1].spec_version, listed.get(&alone), rows[1].repositories.len()), (0, None, 1));
    let one = desk.store.configuration(&desk.organization, &alone).await.unwrap();
    assert_eq!(one.as_ref(), rows.get(1));
}

async fn a_configuration_that_cannot_be_made_whole_is_not_made(desk: Desk) {
    let web = desk.repository("web").await;
    let at = |path| NewAttachment { repository: web.clone(), workspace_path: RelativePath::new(path).unwrap() };
    let twice = [at("."), at(".")];
    let new = NewConfiguration { name: "twice", repositories: &twice, release_mode: Default::default() };
    let refused = desk.store.create_configuration(&desk.organization, new).await;
    assert!(matches!(refused, Err(StoreError::AlreadyExists("a repository at this workspace path"))));
    let unknown = NewAttachment { repository: "unknown".into(), ..at("x") };
    let new = NewConfiguration { name: "unknown", repositories: &[at("."), unknown], release_mode: Default::default() };
    let refused = desk.store.create_configuration(&desk.organization, new).await;
    assert!(matches!(refused, Err(StoreError::NotFound("the repository"))));
    assert_eq!(desk.store.configurations(&desk.organization).await.unwrap(), []);
}

async fn finishing_anyway_is_remembered_with_who_and_how_many(desk: Desk) {
    let id = desk.configuration("web", &[]).await;
    let row = || async { desk.store.configuration(&desk.organization, &id).await.unwrap().unwrap() };
    assert_eq!(row().await.finished, None);
    desk.store.finish_configuration(&desk.organization, &id, &desk.member, true, 3).await.unwrap();
    let finished = row().await.finished.unwrap();
    assert_eq!((finished.by.as_str(), finished.anyway, finished.missing), ("Ada", true, 3));
    desk.store.finish_configuration(&desk.organization, &id, &desk.member, false, 0).await.unwrap();
    let finished = row().await.finished.unwrap();
    assert_eq!((finished.anyway, finished.missing), (false, 0));
    desk.store.set_boot_policy(&desk.organization, &id, BootPolicy::Block).await.unwrap();
    assert_eq!(row().await.boot_policy, BootPolicy::Block);
}

async fn auto_start_commands_come_back_as_they_were_saved(desk: Desk) {
    let id = desk.configuration("web", &[]).await;
    let read = || async { desk.store.auto_start::<(String, u32)>(&desk.organization, &id).await.unwrap() };
    assert_eq!(read().await, Some(vec![]));
    let commands = vec![("npm run dev".to_owned(), 1), ("echo \"it's $1\" 🚀".to_owned(), 2)];
    desk.store.save_auto_start(&desk.organization, &id, &commands).await.unwrap();
    assert_eq!(read().await, Some(commands));
    let other_shape = desk.store.auto_start::<bool>(&desk.organization, &id).await;
    assert!(matches!(other_shape, Err(StoreError::Json { .. })));
}

async fn repositories_are_attached_moved_and_detached_and_the_last_one_stays(desk: Desk) {
    let (web, api) = (desk.repository("web").await, desk.repository("api").await);
    let id = desk.configuration("web", &[&web]).await;
    let (store, organization) = (&desk.store, &desk.organization);
    let session = desk.session(&id).await;
    let wanted = || async { store.local_sandbox(organization, &session).await.unwrap().unwrap().wanted_revision };
    let before = wanted().await;
    let places = || async {
        let row = store.configuration(organization, &id).await.unwrap().unwrap();
        row.repositories.iter().map(|at| at.repository.workspace_path.to_string()).collect::<Vec<_>>()
    };
    let path = |text| RelativePath::new(text).unwrap();
    let taken = NewAttachment { repository: api.clone(), workspace_path: path("repo0") };
    let refused = store.attach_repository(organization, &id, &taken).await;
    assert!(matches!(refused, Err(StoreError::AlreadyExists("a repository at this workspace path"))));
    let new = NewAttachment { repository: api.clone(), workspace_path: path("api") };
    store.attach_repository(organization, &id, &new).await.unwrap();
    assert_eq!(places().await, ["repo0", "api"]);
    let refused = store.move_repository(organization, &id, &api, &path("repo0")).await;
    assert!(matches!(refused, Err(StoreError::AlreadyExists("a repository at this workspace path"))));
    store.move_repository(organization, &id, &api, &path("x/y")).await.unwrap();
    assert_eq!(places().await, ["repo0", "x/y"]);
    assert!(store.detach_repository(organization, &id, &web).await.unwrap());
    assert!(matches!(
        store.detach_repository(organization, &id, &web).await,
        Err(StoreError::NotFound("the repository"))
    ));
    assert!(!store.detach_repository(organization, &id, &api).await.unwrap(), "the last one");
    assert_eq!(places().await, ["x/y"]);
    assert_eq!(wanted().await, before + 3, "each change may alter the files of running sessions");
    store.rename_configuration(organization, &id, "other").await.unwrap();
    assert_eq!(store.configuration(organization, &id).await.unwrap().unwrap().name, "other");
}

async fn a_configuration_with_a_running_session_is_not_deleted_and_a_deleted_one_starts_none(desk: Desk) {
    let web = desk.repository("web").await;
    let id = desk.configuration("web", &[&web]).await;
    let (store, organization) = (&desk.store, &desk.organization);
    store.save_spec(organization, &id, &spec_of(&["A"]), "scan", None).await.unwrap();
    let session = desk.session(&id).await;
    assert!(!store.delete_configuration(organization, &id).await.unwrap());
    let update = SessionUpdate { state: "finished", progress: None, error: None, ended: true };
    store.set_session_state(organization, &session, update).await.unwrap();
    assert!(store.delete_configuration(organization, &id).await.unwrap());
    assert_eq!(store.configuration(organization, &id).await.unwrap(), None);
    assert_eq!(store.configurations(organization).await.unwrap(), []);
    assert_eq!(store.specs(organization).await.unwrap(), []);
    assert!(store.session(organization, &session).await.unwrap().is_some(), "its sessions keep their rows");
    let gone = |result: Result<(), StoreError>| matches!(result, Err(StoreError::NotFound("the configuration")));
    assert!(gone(desk.try_session(&id).await.map(|_| ())));
    assert!(gone(store.delete_configuration(organization, &id).await.map(|_| ())));
    assert!(gone(store.rename_configuration(organization, &id, "x").await));
    let again = NewAttachment { repository: web.clone(), workspace_path: RelativePath::new("x").unwrap() };
    assert!(gone(store.attach_repository(organization, &id, &again).await));
    assert!(store.save_spec(organization, &id, &spec_of(&["B"]), "scan", None).await.is_err());
}

async fn deleting_and_starting_at_once_leave_no_session_without_its_configuration(desk: Desk) {
    let desk = Arc::new(desk);
    for _ in 0..8 {
        let id = desk.configuration("web", &[]).await;
        let start = {
            let (desk, id) = (desk.clone(), id.clone());
            tokio::spawn(async move { desk.try_session(&id).await.is_ok() })
        };
        let deleted = desk.store.delete_configuration(&desk.organization, &id).await.unwrap();
        assert_ne!(deleted, start.await.unwrap(), "one of the two");
    }
}

crate::on_both!(
    the_list_shows_repositories_spec_version_and_newest_sessions,
    a_configuration_that_cannot_be_made_whole_is_not_made,
    finishing_anyway_is_remembered_with_who_and_how_many,
    auto_start_commands_come_back_as_they_were_saved,
    repositories_are_attached_moved_and_detached_and_the_last_one_stays,
    a_configuration_with_a_running_session_is_not_deleted_and_a_deleted_one_starts_none,
    deleting_and_starting_at_once_leave_no_session_without_its_configuration,
);
