//! Session tokens: who is let in with which, and when no longer.

use crate::support::{Person, Program, Site, json_spec, rows_of, run_sql};
use app::api::ApiError;
use app::api::tokens::{Standing, TokensView};
use axum::http::StatusCode;
use domain::ids::SessionId;
use domain::member::Role;
use domain::token::TokenPurpose;
use serde_json::json;

async fn work(site: &Site, owner: &Person) -> SessionId {
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    owner.work(&configuration).await.id
}

async fn tokens(person: &Person, session: &SessionId) -> TokensView {
    person.call("get_tokens", &[("session", session.as_str())]).await.expect("the tokens")
}

/// Kind of the problem with which a program's look at the environment is refused.
async fn refused(program: &Program) -> (u16, String) {
    let refused = program.http("GET", "/environment", None).await.expect_err("it is refused");
    assert!(refused.detail.contains("token"), "it tells what to do: {refused:?}");
    (refused.status, refused.kind)
}

async fn a_token_is_told_once_and_kept_as_a_hash(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let token = owner.token(&session, "agent").await;
    site.program(&token).http("GET", "/environment", None).await.expect("it lets in");
    let list = tokens(&owner, &session).await;
    assert!(list.allowed && list.server == "http://127.0.0.1:3000");
    let [row] = list.tokens.as_slice() else { panic!("{list:?}") };
    assert_eq!((row.name.as_str(), row.purpose, row.standing), ("Claude", TokenPurpose::Agent, Standing::InForce));
    // Both are told by the clock, one shortly after the other.
    let short_of_a_week = 7 * 24 * 60 * 60 * 1000 - (row.expires_at - row.created_at);
    assert!((0..60_000).contains(&short_of_a_week), "{row:?}");
    assert!(row.last_used_at.is_some(), "its use was noted");
    let page = owner.get(&format!("/sessions/{session}?tab=info")).await.text;
    assert!(page.contains("Claude") && !page.contains(&token), "the page lists it and does not tell it");
    let rows = rows_of(&site.url).await;
    assert!(rows.iter().all(|row| !row.contains(&token[8..])), "the database does not hold it");
}

async fn without_a_token_in_force_nobody_is_let_in_and_hears_why(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let (token, other) = (owner.token(&session, "agent").await, owner.token(&session, "agent").await);
    let program = site.program(&token);
    let refusal = |status, kind: &str| (status, kind.to_owned());
    assert_eq!(refused(&Program::new(site.router.clone(), None)).await, refusal(401, "token-missing"));
    assert_eq!(refused(&site.program("something")).await, refusal(401, "token-missing"));
    assert_eq!(refused(&site.program(&format!("{token}x"))).await, refusal(401, "token-unknown"));
    let cookie = owner.cookie().split('=').nth(1).expect("a cookie's value");
    assert_eq!(refused(&site.program(cookie)).await, refusal(401, "token-missing"), "a cookie is no token");

    let id = tokens(&owner, &session).await.tokens[1].id.clone();
    let fields = [("session", session.as_str()), ("token", id.as_str())];
    let after: TokensView = owner.call("revoke_token", &fields).await.expect("revoked");
    assert_eq!((after.tokens[0].standing, after.tokens[1].standing), (Standing::InForce, Standing::Revoked));
    assert_eq!(refused(&program).await, refusal(401, "token-revoked"));
    let answer = program.raw("GET", "/api/v1/environment", &[], "").await;
    assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
    assert_eq!(program.raw("POST", "/mcp", &[], "{}").await.status, StatusCode::UNAUTHORIZED);

    let program = site.program(&other);
    assert_eq!(run_sql(&site.url, "UPDATE session_tokens SET expires_at = 1").await, 2);
    assert_eq!(refused(&program).await, refusal(401, "token-expired"));
    assert_eq!(tokens(&owner, &session).await.tokens[0].standing, Standing::Expired);
    let again = site.program(&owner.token(&session, "agent").await);
    owner.end(&session).await.expect("ended");
    assert_eq!(refused(&again).await, refusal(401, "session-ended"));
    let fields = [("session", session.as_str()), ("purpose", "agent"), ("days", "7")];
    let late = owner.call::<serde_json::Value>("create_token", &fields).await.expect_err("the session is over");
    assert!(matches!(late.error, ApiError::Conflict { .. }), "{late:?}");
}

async fn each_purpose_opens_its_own_door(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let sandbox = site.program(&owner.token(&session, "sandbox").await);
    assert_eq!(refused(&sandbox).await, (403, "wrong-purpose".to_owned()));
    assert_eq!(sandbox.raw("POST", "/mcp", &[], "{}").await.status, StatusCode::FORBIDDEN);
}

async fn a_token_opens_its_own_session_and_no_other(site: Site) {
    let owner = site.owner().await;
    let (one, other) = (work(&site, &owner).await, {
        let setup = owner.connected(&site.repository("other", &[(".env.example", "X=\n")])).await;
        setup.id
    });
    let (mine, theirs) =
        (site.program(&owner.token(&one, "agent").await), site.program(&owner.token(&other, "agent").await));
    let ask = json!({"keys": [{"key": "NEEDED"}]});
    let request = theirs.http("POST", "/requests", Some(ask)).await.expect("asked");
    let id = request["id"].as_str().expect("an id");
    for (method, path) in [("GET", format!("/requests/{id}")), ("DELETE", format!("/requests/{id}"))] {
        let refused = mine.http(method, &path, None).await.expect_err("it belongs to another session");
        assert_eq!((refused.status, refused.kind.as_str()), (404, "not-found"), "{method}");
    }
    let refused = mine.tool("get_request", json!({"id": id})).await.expect_err("not over MCP either");
    assert_eq!(refused["status"], 404);
    let state = theirs.http("GET", &format!("/requests/{id}"), None).await.expect("it stands")["state"].clone();
    assert_eq!(state, "pending");
    let seen = mine.http("GET", "/environment", None).await.expect("its own environment").to_string();
    assert!(seen.contains("\"A\"") && !seen.contains("\"X\""), "{seen}");

    // Another organization's member sees, makes and revokes none.
    let organization = site.other_organization().await;
    let eve = site.member(&organization, "Eve", Role::Owner).await;
    let token = tokens(&owner, &one).await.tokens[0].id.clone();
    let fields = [("session", one.as_str()), ("token", token.as_str()), ("purpose", "agent"), ("days", "7")];
    for function in ["get_tokens", "create_token", "revoke_token"] {
        let refused = eve.call::<serde_json::Value>(function, &fields).await.expect_err(function);
        assert!(matches!(refused.error, ApiError::NotFound { .. }), "{function}: {refused:?}");
    }
    mine.http("GET", "/environment", None).await.expect("it is still in force");
}

async fn only_members_and_above_make_tokens_and_a_demoted_members_token_stops(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let organization = site.organization().await;
    let viewer = site.member(&organization, "Vic", Role::Viewer).await;
    let fields = [("session", session.as_str()), ("purpose", "agent"), ("days", "7")];
    let refused = viewer.call::<serde_json::Value>("create_token", &fields).await.expect_err("a viewer");
    assert!(matches!(refused.error, ApiError::Forbidden { .. }), "{refused:?}");
    let seen = tokens(&viewer, &session).await;
    assert!(!seen.allowed && seen.tokens.is_empty());
    assert_eq!(viewer.get(&format!("/sessions/{session}")).await.status, StatusCode::OK, "the page shows all the same");
    let member = site.member(&organization, "Mia", Role::Member).await;
    let program = site.program(&member.token(&session, "agent").await);
    program.http("GET", "/environment", None).await.expect("a member's token lets in");
    assert_eq!(run_sql(&site.url, "UPDATE members SET role = 'viewer' WHERE name = 'Mia'").await, 1);
    assert_eq!(self::refused(&program).await, (403, "member-demoted".to_owned()));
}

async fn a_bad_name_or_lifetime_is_refused_with_its_field(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let long = "x".repeat(101);
    for (name, days, wrong) in [(long.as_str(), "7", "name"), ("a\nb", "7", "name"), ("ok", "8", "days")] {
        let fields = [("session", session.as_str()), ("name", name), ("purpose", "agent"), ("days", days)];
        let refused = owner.call::<serde_json::Value>("create_token", &fields).await.expect_err("it is refused");
        assert!(matches!(&refused.error, ApiError::Invalid { field, .. } if field == wrong), "{refused:?}");
    }
    assert_eq!(tokens(&owner, &session).await.tokens, []);
}

async fn a_form_without_wasm_shows_the_token_on_a_page_of_its_own_once(site: Site) {
    let owner = site.owner().await;
    let session = work(&site, &owner).await;
    let path = app::api::tokens::plain_path(&session);
    let fields = [("name", "<b>Codex</b>"), ("purpose", "agent"), ("days", "1")];
    let page = owner.post(&path, &[("sec-fetch-site", "same-origin")], &fields).await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(!page.text.contains("<b>Codex") && !page.text.contains("<script"), "{}", page.text);
    let token = page.text.split("value=\"ks_sess_").nth(1).and_then(|rest| rest.split('"').next()).expect("the token");
    site.program(&format!("ks_sess_{token}")).http("GET", "/environment", None).await.expect("it lets in");
    assert!(page.headers.get("location").is_none() && page.headers.get("set-cookie").is_none());
    let later = owner.get(&format!("/sessions/{session}?tab=info")).await.text;
    assert!(later.contains("Codex") && !later.contains(token));

    let foreign = owner.post(&path, &[("sec-fetch-site", "cross-site")], &fields).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let bad = owner.post(&path, &[("sec-fetch-site", "same-origin")], &[("purpose", "agent"), ("days", "9")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.text.contains("1, 7 or 30 days"), "{}", bad.text);
    let stranger = site.stranger().post(&path, &[("sec-fetch-site", "same-origin")], &fields).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert_eq!(tokens(&owner, &session).await.tokens.len(), 1);
}

crate::on_both!(
    a_token_is_told_once_and_kept_as_a_hash,
    without_a_token_in_force_nobody_is_let_in_and_hears_why,
    each_purpose_opens_its_own_door,
    a_token_opens_its_own_session_and_no_other,
    only_members_and_above_make_tokens_and_a_demoted_members_token_stops,
    a_bad_name_or_lifetime_is_refused_with_its_field,
    a_form_without_wasm_shows_the_token_on_a_page_of_its_own_once,
);
