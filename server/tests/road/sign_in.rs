//! Coming in and going out.

use crate::support::{Site, cookie_of};
use axum::http::StatusCode;
use server::store::TokenHash;

const USED: &str = "/sign-in?problem=used";

async fn a_one_time_link_signs_in_once(site: Site) {
    let (stranger, link) = (site.stranger(), site.sign_in_path().await);
    let first = stranger.follow(&link).await;
    assert_eq!((first.status, first.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookie = first.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "it goes to this very host alone: {cookie}");
    for second in [stranger.get(&link).await, stranger.post(&link, &[], &[]).await] {
        assert_eq!((second.status, second.header("location")), (StatusCode::SEE_OTHER, USED));
        assert_eq!(cookie_of(&second), None, "a used link gives no cookie");
    }
    let page = stranger.get(USED).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("used"), "the page says what happened: {}", page.text);
}

async fn an_expired_and_an_unknown_link_lead_to_the_page_that_explains(site: Site) {
    let (store, organization) = (site.keyslot.store(), site.organization().await);
    let owner = store.members(&organization).await.unwrap().swap_remove(0).id;
    let hash = TokenHash::of("too-late");
    store.create_sign_in_link(&organization, &owner, &hash, store.now() - 1).await.unwrap();
    for token in ["too-late", "never-made"] {
        let (stranger, link) = (site.stranger(), format!("/sign-in/{token}"));
        for answer in [stranger.get(&link).await, stranger.post(&link, &[], &[]).await] {
            assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, USED), "{token}");
            assert_eq!(cookie_of(&answer), None, "{token}");
        }
    }
}

async fn signing_out_ends_the_session_on_the_server_and_not_only_in_the_browser(site: Site) {
    let owner = site.owner().await;
    assert_eq!(owner.get("/").await.status, StatusCode::OK);
    let out = owner.post("/sign-out", &[("sec-fetch-site", "same-origin")], &[]).await;
    assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/sign-in"));
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{out:?}");
    assert_eq!(out.header("clear-site-data"), "\"cookies\", \"storage\"");
    // The same cookie, kept by whoever stole it.
    let refusal = owner.call::<serde_json::Value>("list_configurations", &[]).await.unwrap_err();
    assert_eq!(refusal.status, 401);
    assert_eq!(owner.get("/").await.header("location"), "/sign-in");
}

async fn who_is_signed_out_gets_no_data_and_no_page_but_sign_in(site: Site) {
    let session = site.owner().await.connected(&site.repository("shop", &[("a.txt", "a")])).await.id;
    let stranger = site.stranger();
    for path in ["/".to_owned(), format!("/sessions/{session}"), "/settings".to_owned()] {
        let answer = stranger.get(&path).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/sign-in"), "{path}");
    }
    assert_eq!(stranger.get("/sign-in").await.status, StatusCode::OK);
    assert_eq!(stranger.get(&format!("/events/sessions/{session}")).await.status, StatusCode::UNAUTHORIZED);
    let target = format!("session:{session}");
    let calls: [(&str, &[(&str, &str)]); 7] = [
        ("list_configurations", &[]),
        ("connect_repository", &[("location", "/tmp")]),
        ("get_session", &[("session", session.as_str())]),
        ("get_thread", &[("session", session.as_str())]),
        ("finish_setup", &[("session", session.as_str())]),
        ("get_environment", &[("target", &target)]),
        ("set_value", &[("target", &target), ("file", ".env"), ("key", "A"), ("scope", "session"), ("value", "v")]),
    ];
    for (function, fields) in calls {
        let refusal = stranger.call::<serde_json::Value>(function, fields).await.unwrap_err();
        assert_eq!((refusal.status, refusal.error), (401, app::api::ApiError::SignedOut), "{function}");
    }
}

crate::on_both!(
    a_one_time_link_signs_in_once,
    an_expired_and_an_unknown_link_lead_to_the_page_that_explains,
    signing_out_ends_the_session_on_the_server_and_not_only_in_the_browser,
    who_is_signed_out_gets_no_data_and_no_page_but_sign_in,
);
