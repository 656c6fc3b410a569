//! What may be a value, where, and what becomes of it in the files.

use crate::support::{Person, Refusal, Site, json_spec, rows_of, run_sql, slot, status};
use app::api::ApiError;
use domain::environment::{Readiness, Status};
use domain::ids::ConfigurationId;
use serde_json::json;

/// The words about a field in a refusal.
fn words(refusal: Refusal, wanted: &str) -> String {
    match refusal.error {
        ApiError::Invalid { field, message } if field == wanted => {
            assert_eq!(refusal.status, 422);
            message
        }
        other => panic!("{other:?}"),
    }
}

async fn missing_empty_and_optional_are_three_things(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [
        {"key": "EMPTY"}, {"key": "MISSING"}, {"key": "OPTIONAL", "required": false}, {"key": "FULL"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let target = format!("configuration:{configuration}");
    owner.save((&target, ".env", "EMPTY"), "organization", "").await.expect("saved");
    owner.save((&target, ".env", "FULL"), "organization", "x").await.expect("saved");
    let work = owner.work(&configuration).await;
    let names: Vec<_> = site.assigned(&work.id, ".env");
    assert_eq!(names, [("EMPTY".to_owned(), String::new()), ("FULL".to_owned(), "x".to_owned())]);
    let text = site.file(&work.id, ".env").expect("a file");
    assert!(!text.contains("MISSING") && !text.contains("OPTIONAL"), "{text}");
    let receipt = work.receipt.expect("a receipt");
    let lacking: Vec<_> = receipt.lacking().map(|(_, key)| key.key.as_str()).collect();
    assert_eq!(lacking, ["MISSING"]);
    assert_eq!(owner.environment(&target).await.readiness(), Readiness::Needs(1));
}

async fn a_record_that_was_tampered_with_is_unreadable_everywhere_and_written_nowhere(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}, {"key": "B"}]}]}));
    let (configuration, repositories) = site.configuration(&[("shop", ".")], &spec).await;
    let (target, repository) = (format!("configuration:{configuration}"), format!("repository:{}", repositories[0]));
    owner.save((&target, ".env", "A"), "organization", "broad").await.expect("saved");
    owner.save((&target, ".env", "A"), &repository, "narrow").await.expect("saved");
    owner.save((&target, ".env", "B"), &repository, "b").await.expect("saved");
    let swap = "UPDATE secrets SET record = (SELECT s.record FROM secrets s WHERE s.key = 'B')
                WHERE key = 'A' AND repository_id IS NOT NULL";
    assert_eq!(run_sql(&site.url, swap).await, 1);

    let shown = owner.environment(&target).await;
    assert_eq!(status(&shown, ".env", "A"), Status::Unreadable, "the broader value does not take its place");
    assert_eq!(shown.readiness(), Readiness::Needs(1));
    let work = owner.work(&configuration).await;
    assert_eq!(site.assigned(&work.id, ".env"), [("B".to_owned(), "b".to_owned())]);
    let receipt = work.receipt.expect("a receipt");
    assert_eq!(receipt.files[0].keys[0].status, Status::Unreadable);
    assert_eq!(receipt.lacking().count(), 1);
    assert!(owner.get("/").await.text.contains("eeds 1"), "the repositories page says so");
    let setup = owner.start(&configuration, "setup").await.expect("starts");
    let setup = owner.wait(&setup, "the setup", |view| view.receipt.is_some()).await;
    let refused = owner.finish(&setup.id, false).await.unwrap_err();
    assert!(matches!(&refused.error, ApiError::Conflict { message } if message.contains('A')), "{refused:?}");

    let saved = owner.save((&target, ".env", "A"), &repository, "again").await.expect("saved");
    assert_eq!(status(&saved, ".env", "A"), Status::Set, "saving it again heals it");
    assert_eq!(site.assigned(&work.id, ".env")[0].1, "again");
}

async fn a_value_is_saved_only_where_it_can_count(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [
        {"workspacePath": "web", "path": ".env", "keys": [{"key": "A"}]},
        {"workspacePath": "api", "path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, repositories) = site.configuration(&[("web", "web"), ("api", "api")], &spec).await;
    let target = format!("configuration:{configuration}");
    let session = owner.work(&configuration).await.id;
    let before = rows_of(&site.url).await;
    let api = format!("repository:{}", repositories[1]);
    for (scope, expected) in [
        (api.as_str(), "does not belong to that repository"),
        ("repository:unknown", "does not belong to that repository"),
        ("session", "can only be saved in that session"),
    ] {
        let message = words(owner.save((&target, "web/.env", "A"), scope, "v").await.unwrap_err(), "scope");
        assert!(message.contains(expected), "{scope}: {message}");
    }
    for (file, key) in [("web/.env", "B"), ("other/.env", "A")] {
        let refusal = owner.save((&target, file, key), "organization", "v").await.unwrap_err();
        assert_eq!(refusal.status, 409);
        assert!(matches!(&refusal.error, ApiError::Conflict { message } if message.contains(key)), "{refusal:?}");
    }
    let nobodys = owner.save((&target, "web/.env", "A"), "everywhere", "hunter2").await.unwrap_err();
    assert_eq!(nobodys.status, 422);
    assert!(!format!("{nobodys:?}").contains("hunter2"));
    assert_eq!(rows_of(&site.url).await, before, "nothing was stored");

    owner.save((&target, "api/.env", "A"), &api, "for the api").await.expect("saved");
    assert_eq!(site.assigned(&session, "api/.env"), [("A".to_owned(), "for the api".to_owned())]);
    assert_eq!(site.file(&session, "web/.env"), None, "no repository's value reaches another's file");
}

async fn what_no_file_can_carry_is_refused_with_the_reason_and_nothing_changes(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    let at = (target.as_str(), ".env", "A");
    owner.save(at, "organization", "good").await.expect("saved");
    let before = (rows_of(&site.url).await, site.file(&session, ".env"));
    let long = "x".repeat(domain::limits::VALUE_BYTES + 1);
    let cases = [
        ("it's \"both\"", "single quote"),
        ("a\0b", "NUL"),
        ("${HOME}", "no spelling of ${…}"),
        (&long, "bytes; at most"),
    ];
    for (value, reason) in cases {
        let message = words(owner.save(at, "organization", value).await.unwrap_err(), "value");
        assert!(message.contains(reason), "{reason}: {message}");
        assert!(!message.contains(value), "the answer does not repeat the value");
    }
    let absent = [("target", at.0), ("file", at.1), ("key", at.2), ("scope", "organization")];
    let refusal = owner.call::<serde_json::Value>("set_value", &absent).await.unwrap_err();
    assert!(words(refusal, "value").contains("Type a value"));
    assert_eq!((rows_of(&site.url).await, site.file(&session, ".env")), before, "nothing was changed");

    let longest = "x".repeat(domain::limits::VALUE_BYTES);
    owner.save(at, "organization", &longest).await.expect("a value at the limit is saved");
    assert_eq!(site.assigned(&session, ".env")[0].1.len(), longest.len());
}

async fn values_are_generated_in_the_shape_that_the_spec_asks_for(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [
        {"key": "COOKIE_SECRET", "generate": "hex32"}, {"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    let fields = |key: &'static str| {
        let fixed = [("target", target.as_str()), ("file", ".env"), ("key", key), ("scope", "organization")];
        fixed.into_iter().chain([("generate", "true")]).collect::<Vec<_>>()
    };
    let made: domain::Environment = owner.call("set_value", &fields("COOKIE_SECRET")).await.expect("generated");
    assert_eq!(slot(&made, ".env", "COOKIE_SECRET").winner.as_ref().and_then(|value| value.length), Some(64));
    let (_, first) = site.assigned(&session, ".env").swap_remove(0);
    assert!(first.len() == 64 && first.chars().all(|c| c.is_ascii_hexdigit()), "a hexadecimal number");
    owner.call::<domain::Environment>("set_value", &fields("COOKIE_SECRET")).await.expect("again");
    assert_ne!(site.assigned(&session, ".env")[0].1, first);
    let refusal = owner.call::<serde_json::Value>("set_value", &fields("A")).await.unwrap_err();
    assert!(words(refusal, "generate").contains("does not say how"));
}

async fn a_generated_file_of_many_lines_is_read_back_byte_for_byte(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let pem = "-----BEGIN KEY-----\nab+/=\ncd\n-----END KEY-----\n";
    // A browser sends line breaks as CR LF, whatever was typed.
    save_everywhere(&owner, &configuration, &pem.replace('\n', "\r\n")).await;
    let session = owner.work(&configuration).await.id;
    assert_eq!(site.assigned(&session, ".env"), [("A".to_owned(), pem.to_owned())]);
}

async fn save_everywhere(owner: &Person, configuration: &ConfigurationId, value: &str) {
    let target = format!("configuration:{configuration}");
    owner.save((&target, ".env", "A"), "organization", value).await.expect("saved");
}

crate::on_both!(
    missing_empty_and_optional_are_three_things,
    a_record_that_was_tampered_with_is_unreadable_everywhere_and_written_nowhere,
    a_value_is_saved_only_where_it_can_count,
    what_no_file_can_carry_is_refused_with_the_reason_and_nothing_changes,
    values_are_generated_in_the_shape_that_the_spec_asks_for,
    a_generated_file_of_many_lines_is_read_back_byte_for_byte,
);
