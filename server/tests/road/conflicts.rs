//! Attached repositories disagree, and a person chooses whose value counts.

use crate::support::{Site, json_spec, rows_of, slot, status};
use app::api::thread::ThreadEvent;
use domain::Environment;
use domain::environment::Status;
use domain::member::Role;
use serde_json::json;

const AT: (&str, &str) = (".env", "A");

async fn using_one_repositorys_value_ends_the_conflict(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [
        {"path": ".env", "keys": [{"key": "A"}]},
        {"workspacePath": "api", "path": ".env", "keys": [{"key": "A"}]}]}));
    let places = [("shop", "shop"), ("api", "api"), ("web", "web")];
    let (configuration, repositories) = site.configuration(&places, &spec).await;
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    let scopes: Vec<_> = repositories.iter().map(|id| format!("repository:{id}")).collect();
    for (scope, value) in scopes.iter().zip(["canary-shop", "canary-api", "canary-shop"]) {
        owner.save((&target, AT.0, AT.1), scope, value).await.expect("saved");
    }
    let before = owner.environment(&target).await;
    assert_eq!(status(&before, AT.0, AT.1), Status::Conflict);
    let seen = slot(&before, AT.0, AT.1).seen().to_string();
    let page = owner.get(&format!("/sessions/{session}?tab=environment")).await.text;
    for words in ["Use shop&#x27;s value", "the same value as web", "another value than shop and web"] {
        let words = words.replace("&#x27;", "'");
        assert!(page.contains(&words) || page.contains(&words.replace('\'', "&#x27;")), "{words}");
    }

    let fields = [("target", target.as_str()), ("file", AT.0), ("key", AT.1), ("scope", &scopes[0])];
    let with = |more: (&'static str, String)| {
        let mut all: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        all.push(more);
        all
    };
    let vera = site.member(&site.organization().await, "vera", Role::Viewer).await;
    let eve = site.member(&site.other_organization().await, "eve", Role::Owner).await;
    let stored = rows_of(&site.url).await;
    assert_eq!(vera.call::<Environment>("resolve_conflict", &fields).await.unwrap_err().status, 403);
    assert_eq!(eve.call::<Environment>("resolve_conflict", &fields).await.unwrap_err().status, 404);
    let organization = [("target", target.as_str()), ("file", AT.0), ("key", AT.1), ("scope", "organization")];
    assert_eq!(owner.call::<Environment>("resolve_conflict", &organization).await.unwrap_err().status, 422);
    assert_eq!(rows_of(&site.url).await, stored, "nothing changed");

    // Somebody replaces one side after it was shown.
    owner.save((&target, AT.0, AT.1), &scopes[1], "canary-newer").await.expect("saved");
    let stale = with(("seen", seen));
    let stale: Vec<(&str, &str)> = stale.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refusal = owner.call::<Environment>("resolve_conflict", &stale).await.unwrap_err();
    assert_eq!(refusal.status, 409);
    assert!(refusal.error.to_string().contains("changed meanwhile"), "{refusal:?}");

    let fresh = with(("seen", slot(&owner.environment(&target).await, AT.0, AT.1).seen().to_string()));
    let fresh: Vec<(&str, &str)> = fresh.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let resolved: Environment = owner.call("resolve_conflict", &fresh).await.expect("resolved");
    assert_eq!(status(&resolved, AT.0, AT.1), Status::Set);
    for place in [".env", "api/.env"] {
        assert_eq!(site.assigned(&session, place), [("A".to_owned(), "canary-shop".to_owned())], "{place}");
    }
    let thread = owner.thread(&session).await;
    let told = thread.iter().rev().find_map(|entry| match &entry.event {
        ThreadEvent::Resolved { replaced, .. } => Some(replaced.len()),
        _ => None,
    });
    assert_eq!(told, Some(1), "only the side that disagreed was replaced");
    assert!(!format!("{thread:?}").contains("canary"));
    let again = owner.call::<Environment>("resolve_conflict", &fields).await.unwrap_err();
    assert!(again.error.to_string().contains("no conflict"), "{again:?}");
}

crate::on_both!(using_one_repositorys_value_ends_the_conflict);
