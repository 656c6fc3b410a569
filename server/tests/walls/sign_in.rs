//! Whoever did not press the button of a fresh link does not get in, and what lets people in lies nowhere else.

use crate::support::{HOST, Person, Running, Site, cookie_of, run_sql};
use app::api::ApiError;
use axum::http::StatusCode;
use domain::member::Role;
use serde_json::Value;

const USED: &str = "/sign-in?problem=used";
const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");
/// What a browser says that sends a plain form.
const PLAIN: [(&str, &str); 3] =
    [SAME_ORIGIN, ("accept", "text/html,*/*;q=0.8"), ("referer", "http://keyslot.localhost:3000/settings/secrets?q=a")];

async fn looking_at_a_link_never_uses_it_up(site: Site) {
    let (stranger, link) = (site.stranger(), site.sign_in_path().await);
    for _ in 0..3 {
        let page = stranger.get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(cookie_of(&page), None, "looking gives no cookie");
        assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "no-store"));
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !page.text.contains("<script"), "{policy}");
        let token = link.rsplit('/').next().expect("a token");
        assert!(!page.text.contains(token), "the page does not repeat its address");
        let head = stranger.head(&link).await;
        assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
        assert_eq!(cookie_of(&head), None);
    }
    let foreign = stranger.post(&link, &[("sec-fetch-site", "cross-site")], &[]).await;
    assert_eq!((foreign.status, cookie_of(&foreign)), (StatusCode::FORBIDDEN, None), "no other site signs anybody in");
    assert!(cookie_of(&stranger.follow(&link).await).is_some(), "it still works");
    assert_eq!(stranger.follow(&link).await.header("location"), USED);
}

async fn a_link_works_for_ten_minutes_and_a_new_one_voids_it(site: Site) {
    let stranger = site.stranger();
    let first = site.sign_in_path().await;
    run_sql(&site.url, "UPDATE sign_in_links SET expires_at = expires_at - 9 * 60000").await;
    assert_eq!(stranger.get(&first).await.status, StatusCode::OK, "nine minutes later");
    run_sql(&site.url, "UPDATE sign_in_links SET expires_at = expires_at - 60000").await;
    assert_eq!(stranger.follow(&first).await.header("location"), USED, "ten minutes later");
    let (second, third) = (site.sign_in_path().await, site.sign_in_path().await);
    assert_eq!(stranger.follow(&second).await.header("location"), USED);
    assert!(cookie_of(&stranger.follow(&third).await).is_some());
}

async fn signing_in_ends_the_session_that_the_browser_had(site: Site) {
    let before = site.owner().await;
    let after = before.follow(&site.sign_in_path().await).await;
    let after = Person::new(site.router.clone(), Some(cookie_of(&after).expect("a cookie")));
    assert_ne!(before.cookie(), after.cookie());
    assert_eq!(before.call::<Value>("list_configurations", &[]).await.unwrap_err().status, 401);
    assert!(after.call::<Value>("list_configurations", &[]).await.is_ok());
}

async fn pages_live_under_a_name_that_nothing_else_shares(site: Site) {
    let owner = site.owner().await;
    let session = owner.connected(&site.repository("shop", &[("a.txt", "a")])).await.id;
    let link = site.sign_in_path().await;
    for path in ["/", &format!("/sessions/{session}?tab=info"), "/sign-in", &link] {
        for host in ["127.0.0.1:3000", "localhost:3000", "evil.test:3000"] {
            let led = owner.get_at(host, path).await;
            assert_eq!(led.status, StatusCode::TEMPORARY_REDIRECT, "{host} {path}");
            assert_eq!(led.header("location"), format!("http://{HOST}{path}"));
            assert_eq!(led.header("cache-control"), "no-store");
        }
    }
    let elsewhere = [SAME_ORIGIN, ("host", "127.0.0.1:3000")];
    for path in ["/fn/list_configurations", "/sign-out", &link] {
        assert_eq!(owner.post(path, &elsewhere, &[]).await.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    assert!(owner.call::<Value>("list_configurations", &[]).await.is_ok(), "the refused sign-out did nothing");
    assert!(cookie_of(&site.stranger().follow(&link).await).is_some(), "and the link was not used up");
    // Programs bring tokens, which no browser sends by itself.
    let agent = site.program(&owner.token(&session, "agent").await);
    let answer = agent.raw("GET", "/api/v1/environment", &[("host", "desk.internal:3000")], "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(owner.get_at("127.0.0.1:3000", "/healthz").await.status, StatusCode::OK);
}

async fn what_went_wrong_with_a_form_travels_by_an_id_that_works_once(site: Site) {
    let owner = site.owner().await;
    let fields = [("key", "not a key!"), ("value", "hunter2-typed"), ("description", "")];
    let post = async || {
        let answer = owner.post("/fn/add_secret", &PLAIN, &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        answer.header("location").to_owned()
    };
    let back = post().await;
    let id = back.strip_prefix("/settings/secrets?q=a&form-problem=").expect("the page that the form was on");
    assert!(id.len() == 36 && !id.contains('%'), "an id and nothing else: {back}");
    let organization = site.organization().await;
    let other = site.member(&organization, "other", Role::Admin).await;
    let told = |text: &str| text.contains("key name");
    assert!(!told(&other.get(&back).await.text), "it is for the browser that sent the form");
    assert!(told(&owner.get(&back).await.text), "the page tells it");
    assert!(!told(&owner.get(&back).await.text), "once");
    let late = post().await;
    assert!(!late.contains("key name") && !late.contains("hunter2"), "{late}");
    run_sql(&site.url, "UPDATE form_problems SET expires_at = expires_at - 5 * 60000").await;
    assert!(!told(&owner.get(&late).await.text), "and not for long");
    // A form that goes on well leads back without the problem before.
    let again = [PLAIN[0], PLAIN[1], ("referer", "http://keyslot.localhost:3000/settings/secrets?form-problem=x&q=a")];
    let fields = [("key", "A"), ("value", "v"), ("description", "")];
    let answer = owner.post("/fn/add_secret", &again, &fields).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/settings/secrets?q=a"));
    let signed_out = site.stranger().post("/fn/add_secret", &PLAIN, &fields).await;
    assert_eq!(signed_out.header("location"), "/sign-in");
}

async fn an_unknown_function_is_answered_in_our_own_words(site: Site) {
    for who in [site.owner().await, site.stranger()] {
        for function in ["no_such_function", "hunter2/../get_environment", "%3Cscript%3E"] {
            let answer = who.post(&format!("/fn/{function}"), &[SAME_ORIGIN], &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{function}: {answer:?}");
            assert_eq!(serde_json::from_str::<ApiError>(&answer.text).expect("our own"), ApiError::UnknownFunction);
        }
    }
}

async fn the_log_says_who_came_and_went_and_holds_no_token_at_any_level(site: Site) {
    let organization = site.organization().await;
    let viewer = site.member(&organization, "vera", Role::Viewer).await;
    let server = Running::start(&site, "trace", &[]).await;
    let link = server.said().lines().find_map(|line| line.split_once("/sign-in/")).expect("a first link").1.to_owned();
    let path = format!("/sign-in/{link}");
    for request in [
        format!("GET {path} HTTP/1.1"),
        format!("HEAD {path} HTTP/1.1"),
        format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1"),
        format!("GET {path}?utm=1 HTTP/1.1"),
        format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1"),
        format!("POST {path} HTTP/1.1\r\nsec-fetch-site: cross-site"),
        format!("DELETE {path} HTTP/1.1"),
        format!("GET http://keyslot.localhost{path} HTTP/1.1"),
    ] {
        let answer = server.send(&request).await;
        assert!(!answer.contains("set-cookie"), "{request}: {answer}");
    }
    let signed_in = server.send(&format!("POST {path} HTTP/1.1\r\nsec-fetch-site: same-origin\r\norigin: null")).await;
    let cookie = signed_in.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    let cookie = cookie.split(';').next().expect("a cookie");
    let refused = server.send(&format!("POST {path} HTTP/1.1")).await;
    assert!(refused.contains(USED), "{refused}");
    let denied = format!("POST /fn/add_secret HTTP/1.1\r\ncookie: {}", viewer.cookie());
    let form = "content-type: application/x-www-form-urlencoded\r\n\r\nkey=A&value=hunter2&description=";
    let denied = server.send(&format!("{denied}\r\naccept: application/json\r\n{form}")).await;
    assert!(denied.starts_with("HTTP/1.1 403"), "{denied}");
    let out = server.send(&format!("POST /sign-out HTTP/1.1\r\ncookie: {cookie}")).await;
    assert!(out.contains("\"cookies\", \"storage\""), "{out}");
    let log = server.stop().await;
    for said in [
        "signed in by a one-time link",
        "a sign-in link was refused",
        "refused: not allowed",
        "signed out",
        "from=127.0.0.1",
    ] {
        assert!(log.contains(said), "{said} is not in the log");
    }
    let denial = log.lines().find(|line| line.contains("denied")).expect("a denial");
    assert!(denial.contains("from=127.0.0.1") && denial.contains("change secrets of the organization"), "{denial}");
    assert!(log.contains("TRACE"), "the log is complete");
    for secret in [link.as_str(), cookie.split('=').nth(1).expect("a token"), "hunter2"] {
        let leak = log.lines().find(|line| line.contains(secret));
        assert_eq!(leak, None, "a credential is in the log");
    }
    // Somebody came in, so a restart prints none.
    let again = Running::start(&site, "info", &[]).await;
    assert!(!again.said().contains("/sign-in/") && again.said().contains("keyslot-server sign-in-link"));
}

async fn an_operators_address_is_kept_and_one_that_everything_shares_is_warned_about(site: Site) {
    for (url, warned) in [("http://127.0.0.1:3000", true), ("https://keyslot.example.test", false)] {
        let server = Running::start(&site, "info", &["--public-url", url]).await;
        assert!(server.said().contains(&format!("{url}/sign-in/")), "{}", server.said());
        let page = server.send("GET /sign-in HTTP/1.1\r\nhost: anything.test").await;
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert_eq!(server.stop().await.contains("a host name of its own"), warned, "{url}");
    }
}

crate::support::on_both!(
    looking_at_a_link_never_uses_it_up,
    a_link_works_for_ten_minutes_and_a_new_one_voids_it,
    signing_in_ends_the_session_that_the_browser_had,
    pages_live_under_a_name_that_nothing_else_shares,
    what_went_wrong_with_a_form_travels_by_an_id_that_works_once,
    an_unknown_function_is_answered_in_our_own_words,
    the_log_says_who_came_and_went_and_holds_no_token_at_any_level,
    an_operators_address_is_kept_and_one_that_everything_shares_is_warned_about,
);
