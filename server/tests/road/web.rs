//! What keeps browsers strict.

use crate::support::{HOST, Site, read};
use axum::http::StatusCode;

async fn what_another_site_sends_is_refused_and_changes_nothing(site: Site) {
    let (owner, location) = (site.owner().await, site.repository("shop", &[("a.txt", "a")]));
    let fields = [("location", location.as_str())];
    let foreign: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.test")],
        &[("origin", "null")],
    ];
    for headers in foreign {
        let connect = owner.post("/fn/connect_repository", headers, &fields).await;
        assert_eq!(connect.status, StatusCode::FORBIDDEN, "{headers:?}");
        let out = owner.post("/sign-out", headers, &[]).await;
        assert_eq!(out.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let rows: Vec<serde_json::Value> = owner.call("list_configurations", &[]).await.expect("still signed in");
    assert!(rows.is_empty(), "nothing was connected: {rows:?}");
}

async fn what_the_own_pages_send_passes(site: Site) {
    let owner = site.owner().await;
    let own: [&[(&str, &str)]; 2] =
        [&[("sec-fetch-site", "same-origin")], &[("origin", "http://keyslot.localhost:3000")]];
    for headers in own {
        let answer = owner.post("/fn/list_configurations", headers, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{headers:?}");
    }
}

async fn pages_let_in_only_scripts_with_their_nonce_and_no_cache_keeps_them(site: Site) {
    let owner = site.owner().await;
    let session = owner.connected(&site.repository("shop", &[("a.txt", "a")])).await.id;
    let mut nonces = Vec::new();
    for path in ["/".to_owned(), format!("/sessions/{session}"), "/nothing-here".to_owned()] {
        let page = owner.get(&path).await;
        let policy = page.header("content-security-policy");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        for rule in ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(rule), "{rule}: {policy}");
        }
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
        assert!(nonce.len() >= 16, "{nonce}");
        let scripts = page.text.matches("<script").count();
        let allowed = page.text.split("<script").skip(1).filter(|tag| {
            let attributes = tag.split('>').next().unwrap_or_default();
            attributes.contains(&format!("nonce=\"{nonce}\""))
        });
        assert!(scripts > 0 && allowed.count() == scripts, "every script of {path} carries the nonce");
        assert_eq!(page.text.matches(nonce).count(), scripts, "nothing else in the markup of {path} tells the nonce");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        nonces.push(nonce.to_owned());
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 3, "each page has a nonce of its own");
    assert_eq!(owner.get("/nothing-here").await.status, StatusCode::NOT_FOUND);
    let answer = owner.post("/fn/list_configurations", &[("sec-fetch-site", "same-origin")], &[]).await;
    assert_eq!((answer.header("cache-control"), answer.header("x-content-type-options")), ("no-store", "nosniff"));
}

async fn addresses_that_are_no_page_answer_a_problem_before_anybody_signs_in(site: Site) {
    let program = site.program("");
    for (method, path) in [
        ("GET", "/.well-known/oauth-protected-resource/mcp"),
        ("GET", "/.well-known/oauth-authorization-server"),
        ("GET", "/.well-known/openid-configuration"),
        ("POST", "/register"),
        ("POST", "/token"),
        ("GET", "/mcp/anything"),
        ("GET", "/robots.txt"),
        ("PUT", "/nothing-here"),
    ] {
        let refused = read(&program.raw(method, path, &[], "{}").await).expect_err(path);
        assert_eq!((refused.status, refused.kind.as_str()), (404, "not-found"), "{method} {path}");
        assert!(refused.detail.contains("session's Info tab"), "{}", refused.detail);
    }
    for path in ["/mcp", "/api/v1/environment"] {
        let method = if path == "/mcp" { "POST" } else { "GET" };
        for token in ["", "ks_sess_unknown"] {
            let answer = site.program(token).raw(method, path, &[], "{}").await;
            let told = answer.header("www-authenticate");
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert!(told.contains("error_description=") && told.contains("token"), "{told}");
        }
    }
    let form = program.raw("POST", "/settings", &[("host", HOST)], "").await;
    assert_eq!(form.status, StatusCode::METHOD_NOT_ALLOWED);
    // A cookie makes no person of a program: only browsers take pages, and nobody has one among the well-known addresses.
    let owner = site.owner().await;
    for (path, accept, kind) in [
        ("/nothing-here", "text/html,*/*;q=0.8", "text/html; charset=utf-8"),
        ("/nothing-here", "*/*", "application/problem+json"),
        ("/nothing-here", "application/json", "application/problem+json"),
        ("/.well-known/oauth-authorization-server", "text/html", "application/problem+json"),
    ] {
        let headers = [("host", HOST), ("cookie", owner.cookie()), ("accept", accept)];
        let answer = program.raw("GET", path, &headers, "").await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (404, kind), "{path} {accept}");
    }
}

async fn titles_are_plain_text_whatever_the_page(site: Site) {
    let owner = site.owner().await;
    let session = owner.connected(&site.repository("shop", &[("a.txt", "a")])).await.id;
    let pages = [
        ("/".to_owned(), "Repositories"),
        ("/settings/secrets".to_owned(), "Secrets"),
        (format!("/sessions/{session}"), "Session"),
        ("/nothing-here".to_owned(), "Not found"),
    ];
    for (path, words) in pages {
        let page = owner.get(&path).await.text;
        assert!(page.contains(&format!("<title>{words} · Keyslot</title>")), "{path}");
    }
    for path in ["/sign-in".to_owned(), site.sign_in_path().await] {
        assert!(site.stranger().get(&path).await.text.contains("<title>Sign in · Keyslot</title>"), "{path}");
    }
    let form = [("name", "agent"), ("purpose", "agent"), ("days", "7")];
    let proof = [("sec-fetch-site", "same-origin")];
    let fresh = owner.post(&format!("/sessions/{session}/tokens"), &proof, &form).await;
    assert!(fresh.text.contains("<title>Token · Keyslot</title>"), "{}", fresh.text);
}

async fn refusals_of_the_layers_below_are_problems(site: Site) {
    let program = site.program("");
    let long = format!("/pkg/{}", "a".repeat(300));
    let origin: &[(&str, &str)] = &[("host", HOST), ("sec-fetch-site", "cross-site")];
    let host: &[(&str, &str)] = &[("host", HOST)];
    for (method, path, headers, status) in [
        ("GET", "/pkg/nothing.wasm", host, 404),
        ("GET", "/style/nothing.css", host, 404),
        ("GET", &*long, host, 404),
        ("POST", "/style/main.css", host, 405),
        ("DELETE", "/settings", host, 405),
        ("POST", "/settings", &[("host", "elsewhere.test")], 421),
        ("POST", "/fn/list_configurations", origin, 403),
        ("GET", "/events/sessions/nobody", host, 401),
    ] {
        let answer = program.raw(method, path, headers, "").await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{method} {path}: {}", answer.text);
        let problem: serde_json::Value = serde_json::from_str(&answer.text).expect("JSON");
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(problem["status"] == status && !detail.is_empty(), "{method} {path}: {}", answer.text);
    }
}

crate::on_both!(
    refusals_of_the_layers_below_are_problems,
    addresses_that_are_no_page_answer_a_problem_before_anybody_signs_in,
    titles_are_plain_text_whatever_the_page,
    what_another_site_sends_is_refused_and_changes_nothing,
    what_the_own_pages_send_passes,
    pages_let_in_only_scripts_with_their_nonce_and_no_cache_keeps_them,
);
