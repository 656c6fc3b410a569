//! Many values at once: all or none, with the checks of a single save, one entry in the thread and one apply.

use crate::support::{Person, Site, json_spec, key, rows_of, run_sql, slot, status};
use app::api::ApiError;
use app::api::environment::UnusedSecrets;
use app::api::import::{Compared, ImportOutcome, Imported, digest};
use app::api::thread::ThreadEvent;
use domain::environment::{Scope, Status, StoredValue};
use domain::ids::SessionId;
use domain::import::{Choice, Plan};
use domain::member::Role;
use domain::warnings::Warning;
use domain::{SecretValue, limits};
use serde_json::{Value, json};
use std::time::Instant;

fn entry(key: &str, scope: &str, value: &str) -> Value {
    json!({"key": key, "scope": scope, "value": value})
}

async fn import(who: &Person, destination: &str, entries: &[Value]) -> Result<Imported, crate::support::Refusal> {
    who.call_json("import_values", &json!({"destination": destination, "entries": entries})).await
}

/// A work session of a configuration whose `.env` asks for these keys.
async fn session_with(site: &Site, owner: &Person, keys: &[&str]) -> (SessionId, String, String) {
    let keys: Vec<_> = keys.iter().map(|key| json!({"key": key})).collect();
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": keys}]}));
    let (configuration, repositories) = site.configuration(&[("shop", ".")], &spec).await;
    let session = owner.work(&configuration).await.id;
    (session.clone(), format!("session:{session}"), format!("repository:{}", repositories[0]))
}

/// A page of the organization's secrets that an environment does not use.
async fn unused(person: &Person, target: &str, after: Option<&str>) -> UnusedSecrets {
    let fields = [("target", Some(target)), ("after", after)];
    let fields: Vec<_> = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    person.call("list_unused_secrets", &fields).await.expect("a page")
}

fn keys_of(secrets: &[StoredValue]) -> Vec<String> {
    secrets.iter().map(|secret| secret.key.to_string()).collect()
}

async fn many_values_are_saved_at_once_and_told_once(site: Site) {
    let owner = site.owner().await;
    let (session, target, repository) = session_with(&site, &owner, &["A", "B", "C"]).await;
    owner.save((&target, ".env", "C"), "organization", "there").await.expect("saved");
    let before = owner.thread(&session).await.len();
    let entries = [
        entry("A", &repository, "a"),
        entry("B", "session", ""),
        entry("C", "organization", "there"),
        entry("EXTRA", "organization", "more"),
    ];
    let imported = import(&owner, &target, &entries).await.expect("imported");
    let outcomes: Vec<_> = imported.values.iter().map(|value| (value.key.as_str(), value.outcome)).collect();
    use ImportOutcome::{Saved, Unchanged};
    assert_eq!(outcomes, [("A", Saved), ("B", Saved), ("C", Unchanged), ("EXTRA", Saved)]);
    let environment = imported.environment.expect("the environment");
    assert_eq!(slot(&environment, ".env", "C").winner.as_ref().map(|value| value.version), Some(1), "left as it was");
    assert_eq!(keys_of(&unused(&owner, &target, None).await.secrets), ["EXTRA"]);
    let written = [("A", "a"), ("B", ""), ("C", "there")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(site.assigned(&session, ".env"), written, "the files are written when the answer is there");
    let thread = owner.thread(&session).await;
    let told: Vec<_> = thread[before..].iter().map(|entry| &entry.event).collect();
    let [ThreadEvent::Imported { keys, unchanged: 1, left_out, by, scopes }] = told.as_slice() else {
        panic!("one entry: {told:?}")
    };
    assert_eq!(keys.iter().map(|key| key.as_str()).collect::<Vec<_>>(), ["A", "B", "EXTRA"]);
    assert!(left_out.is_empty() && !by.is_empty());
    assert_eq!(scopes.len(), 3);
}

async fn one_bad_value_refuses_all_of_them(site: Site) {
    let owner = site.owner().await;
    let (session, target, repository) = session_with(&site, &owner, &["A", "B"]).await;
    owner.save((&target, ".env", "A"), "organization", "good").await.expect("saved");
    let before = (rows_of(&site.url).await, site.file(&session, ".env"));
    let long = "x".repeat(domain::limits::VALUE_BYTES + 1);
    let cases = [
        (entry("B", "organization", "it's \"secret-b\""), 422, "B: .env cannot hold this value"),
        (entry("B", "organization", &long), 422, "B: The value has"),
        (entry("B", "repository:unknown", "secret-b"), 422, "does not belong to that repository"),
        (entry("OTHER", &repository, "secret-b"), 422, "OTHER: No file asks for it"),
        (entry("A", "organization", "secret-b"), 422, "A: it is given twice"),
        (json!({"key": "B", "scope": "organization", "value": "v", "seen": 3}), 409, "Nothing was imported"),
        (json!({"key": "B", "file": "web/.env", "scope": "organization", "value": "v"}), 422, "web/.env does not ask"),
    ];
    for (bad, code, reason) in cases {
        let refusal = import(&owner, &target, &[entry("A", "organization", "new"), bad]).await.unwrap_err();
        let message = refusal.error.to_string();
        assert_eq!(refusal.status, code, "{message}");
        assert!(message.contains(reason), "{reason}: {message}");
        assert!(!message.contains("secret-b"), "{message}");
        assert_eq!((rows_of(&site.url).await, site.file(&session, ".env")), before, "nothing changed: {reason}");
    }
    assert_eq!(import(&owner, &target, &[]).await.unwrap_err().status, 422);
}

async fn what_somebody_else_saved_meanwhile_is_not_replaced_unasked(site: Site) {
    let owner = site.owner().await;
    let (session, target, _) = session_with(&site, &owner, &["A", "B"]).await;
    let seen = |key: &str, version: i64| json!({"key": key, "scope": "organization", "value": "mine", "seen": version});
    owner.save((&target, ".env", "B"), "organization", "theirs").await.expect("saved");
    let refusal = import(&owner, &target, &[seen("A", 0), seen("B", 0)]).await.unwrap_err();
    assert_eq!(refusal.status, 409);
    let message = refusal.error.to_string();
    assert!(message.contains("saved B meanwhile") && !message.contains("saved A"), "{message}");
    assert_eq!(site.assigned(&session, ".env"), [("B".to_owned(), "theirs".to_owned())]);
    import(&owner, &target, &[seen("A", 0), seen("B", 1)]).await.expect("now that it was seen");
    assert_eq!(site.assigned(&session, ".env").len(), 2);
}

async fn who_may_not_change_values_imports_none(site: Site) {
    let owner = site.owner().await;
    let (_, target, _) = session_with(&site, &owner, &["A"]).await;
    let organization = site.organization().await;
    let vera = site.member(&organization, "vera", Role::Viewer).await;
    let eve = site.member(&site.other_organization().await, "eve", Role::Owner).await;
    let before = rows_of(&site.url).await;
    let digests = json!({"destination": target, "nonce": "00".repeat(32), "digests": [{"key": "A", "digest": "00"}]});
    let text = [("destination", target.as_str()), ("choice", "organization"), ("text", "A=1")];
    for (who, code) in [(&vera, 403), (&eve, 404), (&site.stranger(), 401)] {
        let refusal = import(who, &target, &[entry("A", "organization", "v")]).await.unwrap_err();
        assert_eq!(refusal.status, code);
        assert_eq!(who.call_json::<Value>("compare_values", &digests).await.unwrap_err().status, code);
        assert_eq!(who.call::<Value>("import_text", &text).await.unwrap_err().status, code);
    }
    assert_eq!(rows_of(&site.url).await, before, "nothing changed");
    // An organization as such is always one's own.
    import(&eve, "organization", &[entry("A", "organization", "hers")]).await.expect("her own");
    assert_eq!(status(&owner.environment(&target).await, ".env", "A"), Status::Missing);
}

async fn an_organization_takes_any_key_for_itself_alone(site: Site) {
    let owner = site.owner().await;
    let (session, target, repository) = session_with(&site, &owner, &["A"]).await;
    for scope in [repository.as_str(), "session"] {
        let refusal = import(&owner, "organization", &[entry("A", scope, "v")]).await.unwrap_err();
        assert!(matches!(refusal.error, ApiError::Invalid { .. }), "{refusal:?}");
    }
    let entries = [entry("A", "organization", "v"), entry("ANY", "organization", "w")];
    let imported = import(&owner, "organization", &entries).await.expect("imported");
    assert_eq!(imported.environment, None);
    assert_eq!(status(&owner.environment(&target).await, ".env", "A"), Status::Set);
    assert_eq!(site.assigned(&session, ".env"), [("A".to_owned(), "v".to_owned())], "running sandboxes have it");
    let again = import(&owner, "organization", &[entry("ANY", "organization", "w")]).await.expect("again");
    assert_eq!(again.values[0].outcome, ImportOutcome::Unchanged);
}

async fn digests_tell_the_same_value_and_nothing_else(site: Site) {
    let owner = site.owner().await;
    let (_, target, repository) = session_with(&site, &owner, &["A", "B", "C"]).await;
    owner.save((&target, ".env", "A"), "organization", "same").await.expect("saved");
    owner.save((&target, ".env", "A"), &repository, "narrow").await.expect("saved");
    owner.save((&target, ".env", "B"), "organization", "stored").await.expect("saved");
    import(&owner, "organization", &[entry("FREE", "organization", "unused")]).await.expect("saved");
    let nonce = [7; digest::NONCE_BYTES];
    let digests: Vec<_> = [("A", "same"), ("B", "another"), ("C", "x"), ("FREE", "unused")]
        .map(|(name, value)| {
            let digest = digest::of(&nonce, &key(name), &SecretValue::new(value.to_owned()));
            json!({"key": name, "digest": digest})
        })
        .into();
    let ask = |destination: &str, nonce: &[u8]| json!({"destination": destination, "nonce": digest::hex(nonce), "digests": digests});
    let compared: Vec<Compared> = owner.call_json("compare_values", &ask(&target, &nonce)).await.expect("compared");
    let mut told: Vec<_> =
        compared.into_iter().map(|one| (one.stored.key.to_string(), one.stored.scope.to_string(), one.same)).collect();
    told.sort();
    let expected = [
        ("A", "organization", true),
        ("A", repository.as_str(), false),
        ("B", "organization", false),
        ("FREE", "organization", true),
    ];
    assert_eq!(told, expected.map(|(key, scope, same)| (key.to_owned(), scope.to_owned(), same)));
    let of_organization: Vec<Compared> =
        owner.call_json("compare_values", &ask("organization", &nonce)).await.expect("compared");
    assert!(of_organization.iter().all(|one| one.stored.scope == Scope::Organization), "{of_organization:?}");
    let other: Vec<Compared> = owner.call_json("compare_values", &ask(&target, &[8; 32])).await.expect("compared");
    assert!(other.iter().all(|one| !one.same), "another nonce matches nothing");
    let short = owner.call_json::<Value>("compare_values", &ask(&target, &[1; 8])).await.unwrap_err();
    assert_eq!(short.status, 422);
}

async fn a_plain_form_imports_all_or_names_the_lines(site: Site) {
    let owner = site.owner().await;
    let (session, target, repository) = session_with(&site, &owner, &["A", "B"]).await;
    let post = async |choice: &str, text: &str, more: &[(&str, &str)]| {
        let mut fields = vec![("destination", target.as_str()), ("choice", choice), ("text", text)];
        fields.extend_from_slice(more);
        owner.call::<Imported>("import_text", &fields).await
    };
    let before = rows_of(&site.url).await;
    for (text, reason) in [
        (
            "A=1\r\nnonsense hunter2\r\n§2=hunter2",
            "Line 2: there is no \"=\" between a key and a value; Line 3: a key name",
        ),
        ("A=1\nB=it's \"hunter2\"", "Line 2: .env cannot hold it"),
        ("OTHER=hunter2", "No line of the text"),
        ("  \n", "Paste the text"),
    ] {
        let message = post("organization", text, &[]).await.unwrap_err().error.to_string();
        assert!(message.contains(reason), "{message}");
        assert!(!message.contains("hunter2") && !message.contains('§'), "{message}");
        assert_eq!(rows_of(&site.url).await, before, "nothing changed");
    }
    let text = "# ours\r\nA=old\r\nexport A='new'\r\nOTHER=x\r\nB=\"two\nlines\"\r\n";
    post("repository", text, &[]).await.expect("imported");
    let environment = owner.environment(&target).await;
    assert_eq!(slot(&environment, ".env", "A").winner.as_ref().map(|value| value.scope.to_string()), Some(repository));
    let written = [("A", "new"), ("B", "two\nlines")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(site.assigned(&session, ".env"), written);
    assert_eq!(unused(&owner, &target, None).await.secrets, []);
    let thread = owner.thread(&session).await;
    let told = thread.iter().rev().find_map(|entry| match &entry.event {
        ThreadEvent::Imported { left_out, .. } => Some(left_out.clone()),
        _ => None,
    });
    assert_eq!(told, Some(vec![key("OTHER")]), "what is left out is told");
    post("organization", "OTHER=x", &[("unlisted", "true")]).await.expect("imported");
    assert_eq!(keys_of(&unused(&owner, &target, None).await.secrets), ["OTHER"]);
}

async fn secrets_that_no_slot_names_are_listed_page_by_page_for_whoever_asks(site: Site) {
    let owner = site.owner().await;
    let (_, target, _) = session_with(&site, &owner, &["A"]).await;
    let count = limits::SECRETS_PAGE + 20;
    let mut entries: Vec<_> = (0..count).map(|at| entry(&format!("KEY_{at:03}"), "organization", "value")).collect();
    entries.push(entry("A", "organization", "used"));
    import(&owner, &target, &entries).await.expect("imported");
    let first = unused(&owner, &target, None).await;
    let listed = keys_of(&first.secrets);
    assert_eq!((listed.len(), first.more), (limits::SECRETS_PAGE, true));
    assert_eq!((listed[0].as_str(), listed[99].as_str()), ("KEY_000", "KEY_099"), "by key");
    let second = unused(&owner, &target, listed.last().map(String::as_str)).await;
    let rest = keys_of(&second.secrets);
    assert_eq!((rest.len(), rest[0].as_str(), second.more), (20, "KEY_100", false), "and not A, which is used");
    assert!(first.secrets[0].length.is_some_and(|length| length > 0));
    let viewer = site.member(&site.organization().await, "Vera", Role::Viewer).await;
    let seen = unused(&viewer, &target, None).await.secrets;
    assert!(seen.iter().all(|secret| secret.length.is_none() && secret.fingerprint.len() < 4), "{seen:?}");

    // An import knows what it would replace, whether a slot names it or not.
    let nonce = digest::hex(&[7; digest::NONCE_BYTES]);
    let digests = json!([{"key": "KEY_110", "digest": digest::hex(&[0; 32])}]);
    let ask = json!({"destination": target, "nonce": nonce, "digests": digests});
    let compared: Vec<Compared> = owner.call_json("compare_values", &ask).await.expect("compared");
    let rows = domain::import::parse("KEY_110=other");
    let environment = owner.environment(&target).await;
    let stored: Vec<_> = compared.into_iter().map(|one| one.stored).collect();
    let plan = Plan::new(&environment, true).with_stored(&stored);
    let planned = plan.rows(&rows, Choice::Organization, &[], &Default::default());
    assert_eq!(planned[0].at, [(Scope::Organization, 1)]);
}

async fn what_looks_wrong_is_known_of_a_stored_value_and_never_stops_a_save(site: Site) {
    let owner = site.owner().await;
    let (session, target, _) = session_with(&site, &owner, &["A", "DATABASE_URL"]).await;
    let entries = [entry("A", "organization", " changeme\n"), entry("DATABASE_URL", "organization", "localhost")];
    let environment = import(&owner, &target, &entries).await.expect("saved").environment.expect("the environment");
    let warnings = |key: &str| slot(&environment, ".env", key).winner.as_ref().map(|value| value.warnings.clone());
    use Warning::{BoundaryWhitespace, NotUrl, Placeholder, TrailingNewline};
    assert_eq!(warnings("A"), Some(vec![BoundaryWhitespace, TrailingNewline, Placeholder]));
    assert_eq!(warnings("DATABASE_URL"), Some(vec![NotUrl]));
    assert_eq!(site.assigned(&session, ".env").len(), 2);
    let page = owner.get(&format!("/sessions/{session}?tab=environment")).await.text;
    assert!(page.contains("It looks like a placeholder") && !page.contains("changeme"));
}

async fn five_hundred_values_are_imported_smoothly(site: Site) {
    let owner = site.owner().await;
    let names: Vec<_> = (0..500).map(|number| format!("KEY_{number}")).collect();
    let (session, target, repository) =
        session_with(&site, &owner, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let entries: Vec<_> = names.iter().map(|name| entry(name, &repository, &format!("value of {name}"))).collect();
    let since = Instant::now();
    let imported = import(&owner, &target, &entries).await.expect("imported");
    eprintln!("500 values imported and applied in {:?}", since.elapsed());
    assert_eq!(imported.values.len(), 500);
    assert_eq!(site.assigned(&session, ".env").len(), 500);
    let since = Instant::now();
    let again = import(&owner, &target, &entries).await.expect("again");
    eprintln!("500 values that were the same in {:?}", since.elapsed());
    assert!(again.values.iter().all(|value| value.outcome == ImportOutcome::Unchanged));
    // An unreadable value is saved again, although its fingerprint is the same.
    let break_one =
        "UPDATE secrets SET record = (SELECT s.record FROM secrets s WHERE s.key = 'KEY_1') WHERE key = 'KEY_0'";
    assert_eq!(run_sql(&site.url, break_one).await, 1);
    let healed = import(&owner, &target, &entries).await.expect("healed");
    let saved = healed.values.iter().filter(|value| value.outcome == ImportOutcome::Saved).count();
    assert_eq!(saved, 1);
}

crate::on_both!(
    secrets_that_no_slot_names_are_listed_page_by_page_for_whoever_asks,
    many_values_are_saved_at_once_and_told_once,
    one_bad_value_refuses_all_of_them,
    what_somebody_else_saved_meanwhile_is_not_replaced_unasked,
    who_may_not_change_values_imports_none,
    an_organization_takes_any_key_for_itself_alone,
    digests_tell_the_same_value_and_nothing_else,
    a_plain_form_imports_all_or_names_the_lines,
    what_looks_wrong_is_known_of_a_stored_value_and_never_stops_a_save,
    five_hundred_values_are_imported_smoothly,
);
