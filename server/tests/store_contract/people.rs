//! Organizations, members, and how they come in.

use crate::support::{Desk, at_once};
use app::api::ApiError;
use server::store::{NewRepository, Role, StoreError, TokenHash};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

async fn an_organization_keeps_its_name_and_a_data_key_that_opens(desk: Desk) {
    let rows = desk.store.organizations().await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].id.clone(), rows[0].name.as_str()), (desk.organization.clone(), "Analytical Engines"));
    assert!(desk.vault.open_data_key(&desk.organization, &rows[0].data_key).is_ok());
    assert_eq!(desk.store.organization(&desk.organization).await.unwrap().as_ref(), rows.first());
    let again = desk.store.create_organization(&desk.organization, "Again", &rows[0].data_key).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists("the organization"))));
}

async fn members_have_names_and_roles(desk: Desk) {
    let name = "Grüße \"O'Brien\" 🚀 $1 --";
    for role in [Role::Viewer, Role::Member, Role::Admin] {
        let id = desk.store.create_member(&desk.organization, name, role).await.unwrap();
        let row = desk.store.member(&desk.organization, &id).await.unwrap().unwrap();
        assert_eq!((row.name.as_str(), row.role), (name, role));
    }
    let members = desk.store.members(&desk.organization).await.unwrap();
    assert_eq!((members.len(), members[0].name.as_str(), members[0].role), (4, "Ada", Role::Owner));
    let nowhere = desk.store.create_member(&"nowhere".into(), "X", Role::Viewer).await;
    assert!(matches!(nowhere, Err(StoreError::NotFound("the organization"))));
}

async fn a_sign_in_link_lets_one_of_ten_in(desk: Desk) {
    let token = TokenHash::of("link");
    let later = desk.store.now() + 60_000;
    desk.store.create_sign_in_link(&desk.organization, &desk.member, &token, later).await.unwrap();
    let tries = (0..10).map(|browser| {
        let (store, token, fresh) = (desk.store.clone(), token.clone(), TokenHash::of(&format!("cookie {browser}")));
        async move { store.use_sign_in_link(&token, &fresh, later, None).await.unwrap() }
    });
    let winners: Vec<_> = at_once(tries).await.into_iter().flatten().collect();
    assert_eq!(winners, [(desk.organization.clone(), desk.member.clone())]);
    let (another, fresh) = (TokenHash::of("another"), TokenHash::of("cookie"));
    assert_eq!(desk.store.use_sign_in_link(&another, &fresh, later, None).await.unwrap(), None);
    assert_eq!(desk.store.web_session(&fresh).await.unwrap(), None, "no link, no session");
}

async fn a_link_is_looked_at_without_being_used_and_a_newer_one_voids_it(desk: Desk) {
    let (store, later) = (&desk.store, desk.store.now() + 60_000);
    let (first, second) = (TokenHash::of("first"), TokenHash::of("second"));
    store.create_sign_in_link(&desk.organization, &desk.member, &first, later).await.unwrap();
    for _ in 0..2 {
        let member = store.sign_in_link(&first).await.unwrap().unwrap();
        assert_eq!((member.id, member.name.as_str()), (desk.member.clone(), "Ada"));
    }
    let guest = store.create_member(&desk.organization, "Guest", Role::Viewer).await.unwrap();
    store.create_sign_in_link(&desk.organization, &guest, &second, later).await.unwrap();
    assert!(store.sign_in_link(&first).await.unwrap().is_some(), "another member's link voids none of hers");
    store.create_sign_in_link(&desk.organization, &desk.member, &TokenHash::of("third"), later).await.unwrap();
    assert_eq!(store.sign_in_link(&first).await.unwrap(), None);
    assert!(store.sign_in_link(&second).await.unwrap().is_some());
}

async fn coming_in_takes_the_place_of_the_session_before(desk: Desk) {
    let (store, later) = (&desk.store, desk.store.now() + 60_000);
    let (link, old, fresh) = (TokenHash::of("link"), TokenHash::of("old"), TokenHash::of("fresh"));
    assert!(!store.has_been_signed_in_to().await.unwrap());
    store.create_web_session(&desk.organization, &desk.member, &old, later).await.unwrap();
    store.create_sign_in_link(&desk.organization, &desk.member, &link, later).await.unwrap();
    store.use_sign_in_link(&link, &fresh, later, Some(&old)).await.unwrap().unwrap();
    assert_eq!(store.web_session(&old).await.unwrap(), None);
    assert!(store.web_session(&fresh).await.unwrap().is_some());
    assert!(store.has_been_signed_in_to().await.unwrap());
}

async fn a_forms_problem_is_told_once_in_time_and_to_its_browser(desk: Desk) {
    let time = Arc::new(AtomicI64::new(1_000));
    let clock = time.clone();
    let store = desk.store.clone().with_clock(move || clock.load(Ordering::SeqCst));
    let (mine, theirs) = (TokenHash::of("mine"), TokenHash::of("theirs"));
    for cookie in [&mine, &theirs] {
        store.create_web_session(&desk.organization, &desk.member, cookie, 1_000_000).await.unwrap();
    }
    let problem = ApiError::invalid("value", "Type a value.");
    let id = store.keep_form_problem(&mine, "/fn/set_value", &problem).await.unwrap();
    assert_eq!(store.take_form_problem(&theirs, &id).await.unwrap(), None);
    let told = store.take_form_problem(&mine, &id).await.unwrap();
    assert_eq!(told, Some(("/fn/set_value".to_owned(), problem.clone())));
    assert_eq!(store.take_form_problem(&mine, &id).await.unwrap(), None);
    let late = store.keep_form_problem(&mine, "/fn/set_value", &problem).await.unwrap();
    time.store(301_000, Ordering::SeqCst);
    assert_eq!(store.take_form_problem(&mine, &late).await.unwrap(), None);
    store.keep_form_problem(&mine, "/fn/set_value", &problem).await.unwrap();
    time.store(1_000_000, Ordering::SeqCst);
    store.remove_expired_sign_ins().await.expect("a session goes with its problems");
}

async fn links_and_web_sessions_expire(desk: Desk) {
    let time = Arc::new(AtomicI64::new(1_000));
    let clock = time.clone();
    let store = desk.store.clone().with_clock(move || clock.load(Ordering::SeqCst));
    let (link, cookie) = (TokenHash::of("link"), TokenHash::of("cookie"));
    store.create_sign_in_link(&desk.organization, &desk.member, &link, 2_000).await.unwrap();
    store.create_web_session(&desk.organization, &desk.member, &cookie, 2_000).await.unwrap();
    time.store(1_999, Ordering::SeqCst);
    assert!(store.web_session(&cookie).await.unwrap().is_some());
    time.store(2_000, Ordering::SeqCst);
    assert_eq!(store.web_session(&cookie).await.unwrap(), None);
    assert_eq!(store.sign_in_link(&link).await.unwrap(), None);
    assert_eq!(store.use_sign_in_link(&link, &TokenHash::of("fresh"), 9_000, None).await.unwrap(), None);
}

async fn only_what_expired_is_removed(desk: Desk) {
    let time = Arc::new(AtomicI64::new(1_000));
    let clock = time.clone();
    let store = desk.store.clone().with_clock(move || clock.load(Ordering::SeqCst));
    let (old, young) = (TokenHash::of("old"), TokenHash::of("young"));
    for (token, until) in [(&old, 2_000), (&young, 2_001)] {
        let member = store.create_member(&desk.organization, "Guest", Role::Viewer).await.unwrap();
        store.create_sign_in_link(&desk.organization, &member, token, until).await.unwrap();
        store.create_web_session(&desk.organization, &desk.member, token, until).await.unwrap();
    }
    time.store(2_000, Ordering::SeqCst);
    store.remove_expired_sign_ins().await.unwrap();
    time.store(1_000, Ordering::SeqCst);
    assert_eq!(store.web_session(&old).await.unwrap(), None);
    assert_eq!(store.sign_in_link(&old).await.unwrap(), None);
    assert!(store.web_session(&young).await.unwrap().is_some());
    assert!(store.sign_in_link(&young).await.unwrap().is_some());
}

async fn a_web_session_says_who_it_is_until_it_is_revoked(desk: Desk) {
    let cookie = TokenHash::of("cookie");
    let later = desk.store.now() + 60_000;
    desk.store.create_web_session(&desk.organization, &desk.member, &cookie, later).await.unwrap();
    let who = desk.store.web_session(&cookie).await.unwrap().unwrap();
    assert_eq!((who.organization, who.organization_name.as_str()), (desk.organization.clone(), "Analytical Engines"));
    assert_eq!((who.member.id, who.member.name.as_str(), who.member.role), (desk.member.clone(), "Ada", Role::Owner));
    assert_eq!(desk.store.web_session(&TokenHash::of("guess")).await.unwrap(), None);
    assert!(desk.store.revoke_web_session(&desk.organization, &cookie).await.unwrap());
    assert!(!desk.store.revoke_web_session(&desk.organization, &cookie).await.unwrap());
    assert_eq!(desk.store.web_session(&cookie).await.unwrap(), None);
}

async fn a_location_is_connected_once_in_each_organization(desk: Desk) {
    let id = desk.repository("web").await;
    let new = NewRepository {
        name: "again",
        location: "https://git.test/web.git",
        default_branch: None,
        created_by: &desk.member,
    };
    let again = desk.store.create_repository(&desk.organization, new).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists("a repository at this location"))));
    let other = desk.other_organization().await;
    assert_ne!(other.repository("web").await, id);

    let found = desk.store.repository_at(&desk.organization, "https://git.test/web.git").await.unwrap().unwrap();
    assert_eq!((found.id, found.created_by.as_str(), found.default_branch), (id.clone(), "Ada", None));
    desk.store.set_default_branch(&desk.organization, &id, "main").await.unwrap();
    let row = desk.store.repository(&desk.organization, &id).await.unwrap().unwrap();
    assert_eq!(row.default_branch.as_deref(), Some("main"));
}

async fn repositories_are_listed_by_name_whatever_the_case(desk: Desk) {
    for name in ["web", "API", "docs", "_tools", "Zeta"] {
        desk.repository(name).await;
    }
    let rows = desk.store.repositories(&desk.organization).await.unwrap();
    let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["_tools", "API", "docs", "web", "Zeta"]);
}

crate::on_both!(
    an_organization_keeps_its_name_and_a_data_key_that_opens,
    members_have_names_and_roles,
    a_sign_in_link_lets_one_of_ten_in,
    a_link_is_looked_at_without_being_used_and_a_newer_one_voids_it,
    coming_in_takes_the_place_of_the_session_before,
    a_forms_problem_is_told_once_in_time_and_to_its_browser,
    links_and_web_sessions_expire,
    only_what_expired_is_removed,
    a_web_session_says_who_it_is_until_it_is_revoked,
    a_location_is_connected_once_in_each_organization,
    repositories_are_listed_by_name_whatever_the_case,
);
