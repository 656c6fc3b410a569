//! Values on their way to sandboxes that run.

use crate::support::{HOST, Site, json_spec, status};
use axum::body::Body;
use axum::http::Request;
use domain::environment::Status;
use futures::StreamExt;
use serde_json::json;
use std::time::Duration;
use tower::ServiceExt;

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

async fn a_saved_value_reaches_every_running_session_and_a_session_value_its_own(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}, {"key": "B"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let (one, other) = (owner.work(&configuration).await.id, owner.work(&configuration).await.id);
    let target = format!("session:{one}");

    let answer = events(&site, owner.cookie(), &other).await;
    owner.save((&target, ".env", "A"), "organization", "for all").await.expect("saved");
    for session in [&one, &other] {
        assert_eq!(site.assigned(session, ".env"), [pair("A", "for all")], "{session}");
    }
    assert!(heard(answer).await.contains("\"environment\""), "whoever watches the other session hears of it");

    owner.save((&target, ".env", "B"), "session", "for one").await.expect("saved");
    owner.save((&target, ".env", "A"), "session", "my own").await.expect("saved");
    assert_eq!(site.assigned(&one, ".env"), [pair("A", "my own"), pair("B", "for one")]);
    assert_eq!(site.assigned(&other, ".env"), [pair("A", "for all")]);
    let seen = owner.environment(&format!("session:{other}")).await;
    assert_eq!(status(&seen, ".env", "B"), Status::Missing);
    let next = owner.work(&configuration).await.id;
    assert_eq!(site.assigned(&next, ".env"), [pair("A", "for all")], "a later session gets no session value");
}

async fn a_deleted_value_is_taken_out_and_foreign_lines_stay(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}, {"key": "B"}]}]}));
    let (configuration, repositories) = site.configuration(&[("shop", ".")], &spec).await;
    let session = owner.work(&configuration).await.id;
    let (target, file) = (format!("session:{session}"), site.workspace(&session).join(".env"));
    std::fs::write(&file, "# mine\nFOREIGN=1\n").unwrap();
    let (a, b, repository) =
        ((&*target, ".env", "A"), (&*target, ".env", "B"), format!("repository:{}", repositories[0]));
    owner.save(a, "organization", "broad").await.expect("saved");
    owner.save(a, &repository, "narrow").await.expect("saved");
    owner.save(b, &repository, "b").await.expect("saved");
    let mine = pair("FOREIGN", "1");
    assert_eq!(site.assigned(&session, ".env"), [mine.clone(), pair("A", "narrow"), pair("B", "b")]);

    owner.delete(a, &repository).await.expect("deleted");
    assert_eq!(site.assigned(&session, ".env"), [mine.clone(), pair("A", "broad"), pair("B", "b")]);
    owner.delete(b, &repository).await.expect("deleted");
    assert_eq!(site.assigned(&session, ".env"), [mine, pair("A", "broad")]);
    let after = owner.delete(a, "organization").await.expect("deleted");
    assert_eq!(status(&after, ".env", "A"), Status::Missing);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "# mine\nFOREIGN=1\n", "exactly what was there before");
    owner.delete(a, "organization").await.expect("deleting what is not there is no mistake");
}

async fn a_spec_that_grows_and_shrinks_is_followed_by_running_sandboxes(site: Site) {
    let owner = site.owner().await;
    let spec = |keys: &[&str]| {
        let keys: Vec<_> = keys.iter().map(|key| json!({"key": key})).collect();
        json_spec(&json!({"files": [{"path": ".env", "keys": keys}]}))
    };
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec(&["A", "B"])).await;
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    owner.save((&target, ".env", "A"), "organization", "a").await.expect("saved");
    owner.save((&target, ".env", "B"), "organization", "b").await.expect("saved");
    let organization = site.organization().await;
    let row = site.keyslot.store().session(&organization, &session).await.unwrap().unwrap();
    for (keys, written) in [(&["B"][..], vec![pair("B", "b")]), (&["A", "B"], vec![pair("A", "a"), pair("B", "b")])] {
        site.keyslot.save_env_files(&organization, &row, spec(keys), "Agent").await.expect("saved");
        assert_eq!(site.assigned(&session, ".env"), written);
    }
}

async fn events(site: &Site, cookie: &str, session: &domain::ids::SessionId) -> Body {
    let path = app::api::live::events_path(session);
    let request = Request::get(path).header("host", HOST).header("cookie", cookie).body(Body::empty()).unwrap();
    let answer = site.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    answer.into_body()
}

/// Listens until the environment changed.
async fn heard(body: Body) -> String {
    let mut stream = body.into_data_stream();
    let mut text = String::new();
    let listen = async {
        while let Some(chunk) = stream.next().await {
            text += &String::from_utf8_lossy(&chunk.expect("a chunk"));
            if text.contains("\"environment\"") {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), listen).await.expect("an event");
    text
}

crate::on_both!(
    a_saved_value_reaches_every_running_session_and_a_session_value_its_own,
    a_deleted_value_is_taken_out_and_foreign_lines_stay,
    a_spec_that_grows_and_shrinks_is_followed_by_running_sandboxes,
);
