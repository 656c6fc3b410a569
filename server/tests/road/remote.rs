//! Sandboxes elsewhere, kept up to date by the real `keyslot env watch` over HTTP.

use crate::support::{Elsewhere, Person, Site, json_spec, until};
use app::api::delivery::{Delivery, DeliveryState, SandboxKind, SandboxView};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use domain::ids::{ConfigurationId, SessionId};
use serde_json::json;
use tower::ServiceExt;

const LIMIT: usize = 1024 * 1024;
const NEXT: &str = sandbox::watch::wire::NEXT;
const REPORT: &str = sandbox::watch::wire::REPORT;

/// A work session with somebody to fill it in, and the server's address.
struct Desk {
    site: Site,
    owner: Person,
    configuration: ConfigurationId,
    session: SessionId,
    target: String,
    address: String,
}

impl Desk {
    async fn new(site: Site) -> Self {
        let owner = site.owner().await;
        let keys = [json!({"key": "A"}), json!({"key": "B"})];
        let spec = json_spec(&json!({"files": [{"path": ".env", "keys": keys}, {"path": "web/.env", "keys": keys}]}));
        let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
        let session = owner.work(&configuration).await.id;
        let (target, address) = (format!("session:{session}"), site.listen().await);
        Self { site, owner, configuration, session, target, address }
    }

    async fn elsewhere(&self, name: &str) -> Elsewhere {
        let token = self.owner.token(&self.session, "sandbox").await;
        Elsewhere::new(&self.site.folder, name, &self.address, &token)
    }

    async fn save(&self, key: &str, value: &str) {
        self.owner.save((&self.target, ".env", key), "organization", value).await.expect("saved");
    }

    async fn delivery(&self) -> Delivery {
        self.owner.delivery(&self.target).await
    }

    /// Waits until this many of this many sandboxes have what was saved last.
    async fn applied(&self, wanted: usize, of: usize) {
        let what = format!("applied in {wanted} of {of}");
        until(&what, || async {
            let delivery = self.delivery().await;
            (delivery.applied(), delivery.sandboxes.len()) == (wanted, of)
        })
        .await;
    }

    async fn sandbox(&self, name: &str) -> SandboxView {
        let found = self.delivery().await.sandboxes.into_iter().find(|sandbox| sandbox.name == name);
        found.expect("the sandbox")
    }

    /// Asks as the program does, with any token.
    async fn ask(&self, path: &str, token: &str, body: &str) -> (StatusCode, String, String) {
        let mut request = Request::post(path).header("content-type", "application/json");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        let answer = self.site.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let text = String::from_utf8(to_bytes(body, LIMIT).await.expect("a body").to_vec()).expect("text");
        (parts.status, format!("{:?}", parts.headers), text)
    }
}

async fn a_sandbox_elsewhere_follows_every_change_and_acknowledges_it(site: Site) {
    let desk = Desk::new(site).await;
    let mut there = desk.elsewhere("laptop").await;
    std::fs::write(there.workspace.join(".env"), "# ours\nOWN=1\n").expect("a file");
    desk.save("A", "one").await;
    there.start();
    there.has(".env", "\nA=one\n").await;
    desk.applied(2, 2).await;
    let view = desk.sandbox("laptop").await;
    assert_eq!(
        (view.kind, view.state, view.session),
        (SandboxKind::Remote, DeliveryState::Applied, desk.session.clone())
    );
    assert!(view.applied_at.is_some() && view.last_seen_at.is_some());

    desk.save("A", "two").await;
    there.has(".env", "\nA=two\n").await;
    there.has("web/.env", "\nA=two\n").await;
    desk.owner.delete((&desk.target, ".env", "A"), "organization").await.expect("deleted");
    until("the value is taken out", || async { there.file(".env") == "# ours\nOWN=1\n" }).await;
    until("its file too", || async { !there.workspace.join("web/.env").exists() }).await;
    desk.applied(2, 2).await;
    let said = there.said();
    assert!(said.contains("applied revision") && !said.contains("one") && !said.contains("two"), "{said}");
    let status = there.stop().await;
    assert!(status.success() && there.said().contains("told to stop"), "{}", there.said());
}

async fn killed_in_the_middle_and_started_again_it_ends_with_the_newest_and_no_half_file(site: Site) {
    let desk = Desk::new(site).await;
    let mut there = desk.elsewhere("laptop").await;
    there.start();
    desk.applied(2, 2).await;
    let mut cut = 0;
    for round in 0..30 {
        // Long enough that writing it takes a while.
        let long = format!("{round}-{}-end", "x".repeat(200_000));
        let saving = desk.save("A", &long);
        let killing = async {
            // Without a pause: the moment is short.
            while !there.is_writing() && !there.file("web/.env").contains(&long) {
                tokio::task::yield_now().await;
            }
            there.kill();
        };
        tokio::join!(saving, killing);
        cut += u32::from(there.is_writing());
        for place in [".env", "web/.env"] {
            let file = there.file(place);
            let blocks = (file.matches("# >>> keyslot").count(), file.matches("# <<< keyslot").count());
            assert!(file.is_empty() || (blocks == (1, 1) && file.contains("-end")), "half a file: {place} {blocks:?}");
        }
        if cut == 3 {
            break;
        }
        there.start();
    }
    assert!(cut > 0, "it was never killed in the middle");
    there.start();
    desk.save("A", "last").await;
    desk.save("B", "last too").await;
    desk.applied(2, 2).await;
    there.has(".env", "\nA=last\nB='last too'\n").await;
    assert_eq!(there.file(".env"), there.file("web/.env"));
    assert!(!there.is_writing(), "a killed run left nothing behind");

    there.kill();
    let lines = there.said().lines().count();
    there.start();
    until("it applied", || async { there.said().lines().count() >= lines + 2 }).await;
    // What comes next must be for something newer: the newest was applied once.
    desk.save("A", "newer").await;
    there.has(".env", "\nA=newer\n").await;
    until("it said so", || async { there.said().lines().count() >= lines + 3 }).await;
    let said = there.said();
    let said: Vec<&str> = said.lines().skip(lines).collect();
    assert_eq!(said.iter().filter(|line| line.contains("applied revision")).count(), 2, "{said:?}");
}

async fn one_that_cannot_write_says_why_and_catches_up(site: Site) {
    let desk = Desk::new(site).await;
    let (mut good, mut bad) = (desk.elsewhere("good").await, desk.elsewhere("bad").await);
    std::fs::create_dir(bad.workspace.join(".env")).expect("a folder in the way");
    good.start();
    bad.start();
    desk.save("A", "a").await;
    good.has(".env", "\nA=a\n").await;
    desk.applied(2, 3).await;
    until("it says why", || async {
        matches!(desk.sandbox("bad").await.state, DeliveryState::Failed { reason } if reason.contains("not a file"))
    })
    .await;
    assert_eq!(bad.file("web/.env"), good.file("web/.env"), "it holds up no other file");
    assert!(bad.said().contains("could not be applied: .env:"), "{}", bad.said());
    std::fs::remove_dir(bad.workspace.join(".env")).expect("out of the way");
    desk.applied(3, 3).await;
    assert_eq!(bad.file(".env"), good.file(".env"));
}

async fn a_server_that_comes_back_is_found_again(site: Site) {
    let desk = Desk::new(site).await;
    let token = desk.owner.token(&desk.session, "sandbox").await;
    // Nobody listens there yet.
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let mut there = Elsewhere::new(&desk.site.folder, "laptop", &format!("http://{address}"), &token);
    there.start();
    until("it says so", || async { there.said().contains("cannot be asked") }).await;
    desk.save("A", "a").await;
    let listener = tokio::net::TcpListener::bind(address).await.expect("the port again");
    let router = desk.site.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    there.has(".env", "\nA=a\n").await;
    assert!(there.said().contains("the server answers again"), "{}", there.said());
}

async fn when_the_session_ends_its_values_leave_every_sandbox(site: Site) {
    let desk = Desk::new(site).await;
    let (mut there, mut late) = (desk.elsewhere("laptop").await, desk.elsewhere("late").await);
    there.start();
    desk.owner.save((&desk.target, ".env", "A"), "session", "of this session").await.expect("saved");
    there.has(".env", "of this session").await;
    late.start();
    late.has(".env", "of this session").await;
    late.kill();
    desk.owner.end(&desk.session).await.expect("ended");
    assert!(there.ended().await.success(), "{}", there.said());
    assert!(there.said().contains("the session ended; its values were taken out"), "{}", there.said());
    assert!(!there.workspace.join(".env").exists() && !there.workspace.join(".keyslot").exists());
    // One that slept through the end learns it when it asks.
    late.start();
    assert!(late.ended().await.success(), "{}", late.said());
    assert!(!late.workspace.join(".env").exists());
}

async fn told_to_stop_it_takes_the_values_out_if_asked_to(site: Site) {
    let desk = Desk::new(site).await;
    let mut there = desk.elsewhere("laptop").await.with("--scrub-on-exit");
    desk.save("A", "a").await;
    there.start();
    there.has(".env", "\nA=a\n").await;
    assert!(there.stop().await.success(), "{}", there.said());
    assert!(!there.workspace.join(".env").exists(), "{}", there.said());
}

async fn what_is_refused_ends_the_program_with_a_reason(site: Site) {
    let desk = Desk::new(site).await;
    let agent = desk.owner.token(&desk.session, "agent").await;
    for (name, token, words) in [
        ("unknown", "ks_sess_nobody", "No session has this token"),
        ("agent", &*agent, "needs a token made for a sandbox"),
        ("odd", "letmein", "this is no session token"),
    ] {
        let mut there = Elsewhere::new(&desk.site.folder, name, &desk.address, token);
        there.start();
        let status = there.ended().await;
        let said = there.said();
        assert!(!status.success() && said.contains(words) && !said.contains(token), "{name}: {said}");
    }
    let mut open = Elsewhere::new(&desk.site.folder, "open", "http://keys.example.test", "ks_sess_x");
    open.start();
    assert_eq!(open.ended().await.code(), Some(2));
    assert!(open.said().contains("unencrypted"), "{}", open.said());
    let foreign = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let foreign_address = format!("http://{}", foreign.local_addr().expect("its address"));
    tokio::spawn(async move { axum::serve(foreign, axum::Router::new()).await });
    for (name, server, words) in [
        ("page", format!("{}/sign-in", desk.address), "Keyslot's pages are at"),
        ("foreign", foreign_address, "is it a Keyslot server?"),
    ] {
        let mut other = Elsewhere::new(&desk.site.folder, name, &server, "ks_sess_x");
        other.start();
        assert!(!other.ended().await.success() && other.said().contains(words), "{}", other.said());
    }
}

async fn values_are_handed_to_sandbox_tokens_of_the_session_alone(site: Site) {
    let desk = Desk::new(site).await;
    desk.save("A", "sesame").await;
    desk.owner.save((&desk.target, ".env", "B"), "session", "only-here").await.expect("saved");
    let good = desk.owner.token(&desk.session, "sandbox").await;
    let agent = desk.owner.token(&desk.session, "agent").await;
    let (status, headers, body) = desk.ask(NEXT, &good, r#"{"name":"x"}"#).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("sesame") && body.contains("only-here"));
    assert!(headers.contains("no-store") && !headers.contains("sesame"), "{headers}");

    let other = desk.owner.work(&desk.configuration).await.id;
    let theirs = desk.owner.token(&other, "sandbox").await;
    let (_, _, body) = desk.ask(NEXT, &theirs, r#"{"name":"x"}"#).await;
    assert!(body.contains("sesame") && !body.contains("only-here"), "a session's own values stay with it");

    for (token, body, expected) in [
        ("", r#"{"name":"x"}"#, StatusCode::UNAUTHORIZED),
        ("ks_sess_guess", r#"{"name":"x"}"#, StatusCode::UNAUTHORIZED),
        (&*agent, r#"{"name":"x"}"#, StatusCode::FORBIDDEN),
        (&*good, "", StatusCode::BAD_REQUEST),
        (&*good, r#"{"name":7}"#, StatusCode::BAD_REQUEST),
        (&*good, r#"{"name":""}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (&*good, r#"{"name":"a\nb"}"#, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let (status, headers, text) = desk.ask(NEXT, token, body).await;
        assert_eq!(status, expected, "{body} {text}");
        assert!(headers.contains("problem+json") && !text.contains("sesame"), "{headers} {text}");
    }
    let cookie = desk.owner.post(NEXT, &[("sec-fetch-site", "same-origin")], &[("name", "x")]).await;
    assert_eq!(cookie.status, StatusCode::UNAUTHORIZED, "people who are signed in get no values either");
    let future = r#"{"name":"x","revision":999,"state":"x","report":{"files":[],"excluded":[],"warnings":[]}}"#;
    let (status, _, text) = desk.ask(REPORT, &good, future).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
    assert_ne!(desk.sandbox("x").await.state, DeliveryState::Applied, "asking is not applying");
}

async fn a_token_revoked_while_it_waits_gets_nothing_any_more(site: Site) {
    let desk = Desk::new(site).await;
    let token = desk.owner.token(&desk.session, "sandbox").await;
    let (organization, store) = (desk.site.organization().await, desk.site.keyslot.store());
    let (_, _, given) = desk.ask(NEXT, &token, r#"{"name":"x"}"#).await;
    let given: serde_json::Value = serde_json::from_str(&given).expect("a delivery");
    let applied = json!({"revision": given["revision"], "state": given["state"]});
    let call = json!({"name": "x", "applied": applied, "wait": 25}).to_string();
    let waiting = desk.ask(NEXT, &token, &call);
    let revoking = async {
        let id = store.session_tokens(&organization, &desk.session).await.expect("tokens").swap_remove(0).id;
        store.revoke_session_token(&organization, &desk.session, &id).await.expect("revoked");
        desk.save("A", "sesame").await;
    };
    let ((status, _, body), ()) = tokio::join!(waiting, revoking);
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
    assert!(body.contains("revoked") && !body.contains("sesame"), "{body}");
}

crate::on_both!(
    a_sandbox_elsewhere_follows_every_change_and_acknowledges_it,
    killed_in_the_middle_and_started_again_it_ends_with_the_newest_and_no_half_file,
    one_that_cannot_write_says_why_and_catches_up,
    a_server_that_comes_back_is_found_again,
    when_the_session_ends_its_values_leave_every_sandbox,
    told_to_stop_it_takes_the_values_out_if_asked_to,
    what_is_refused_ends_the_program_with_a_reason,
    values_are_handed_to_sandbox_tokens_of_the_session_alone,
    a_token_revoked_while_it_waits_gets_nothing_any_more,
);
