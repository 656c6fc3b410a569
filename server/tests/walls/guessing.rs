//! Nobody finds a value out by asking whether it is a certain one: every way to ask counts against one budget.

use crate::support::{Person, Refusal, Site, json_spec, key, rows_of, run_sql, slot};
use app::api::ApiError;
use app::api::import::{Compared, ImportOutcome, Imported, digest};
use app::api::secrets::SecretView;
use app::api::snapshots::SnapshotView;
use domain::SecretValue;
use domain::ids::SessionId;
use domain::member::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What the owner knows and nobody else.
const VALUE: &str = "correct horse battery staple";
/// Guesses at one key that are free on one day.
const FREE: usize = 10;

/// A work session, its target on the wire, and a member who knows no value in it.
async fn guarded(site: &Site, keys: &[&str]) -> (Person, Person, SessionId, String) {
    let owner = site.owner().await;
    let slots: Vec<_> = keys.iter().map(|key| json!({"key": key})).collect();
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": slots}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let session = owner.work(&configuration).await.id;
    let target = format!("session:{session}");
    for key in keys {
        owner.save((&target, ".env", key), "organization", VALUE).await.expect("saved");
    }
    let mallory = site.member(&site.organization().await, "mallory", Role::Member).await;
    (owner, mallory, session, target)
}

async fn compare(who: &Person, target: &str, guesses: &[(&str, &str)]) -> Result<Vec<Compared>, Refusal> {
    let nonce = [7; digest::NONCE_BYTES];
    let digest = |(name, guess): &(&str, &str)| {
        let digest = digest::of(&nonce, &key(name), &SecretValue::new((*guess).to_owned()));
        json!({"key": name, "digest": digest})
    };
    let digests: Vec<_> = guesses.iter().map(digest).collect();
    let asked = json!({"destination": target, "nonce": digest::hex(&nonce), "digests": digests});
    who.call_json("compare_values", &asked).await
}

async fn import(who: &Person, target: &str, value: &str, seen: Option<i64>) -> Result<Imported, Refusal> {
    let entry = json!({"key": "A", "scope": "organization", "value": value, "seen": seen});
    who.call_json("import_values", &json!({"destination": target, "entries": [entry]})).await
}

/// Fails unless this is a refusal that says how long to wait.
fn must_wait(refusal: Refusal) -> u64 {
    match refusal.error {
        ApiError::TooOften { what, seconds } if refusal.status == 429 => {
            assert!(!what.contains(VALUE), "{what}");
            seconds
        }
        other => panic!("not a wait: {other:?}"),
    }
}

/// As if more had been asked already: waits are then long, so that no story races one.
async fn asked_more(site: &Site) {
    run_sql(&site.url, "UPDATE guesses SET asked = asked + 6").await;
}

/// What happened was so much longer ago.
async fn later(site: &Site, seconds: u64) {
    run_sql(&site.url, &format!("UPDATE guesses SET asked_at = asked_at - {}", seconds * 1_000)).await;
}

async fn comparisons_wait_longer_with_each_wrong_guess_and_a_right_one_gets_no_shortcut(site: Site) {
    let (_, mallory, _, target) = guarded(&site, &["A", "B"]).await;
    for guess in 0..FREE {
        let told = compare(&mallory, &target, &[("A", &format!("guess {guess}"))]).await.expect("free");
        assert!(told.iter().all(|one| !one.same), "{told:?}");
    }
    asked_more(&site).await;
    let mut waits = Vec::new();
    for _ in 0..5 {
        // The right value is refused like any other: that it is refused tells nothing.
        let right = must_wait(compare(&mallory, &target, &[("A", VALUE)]).await.unwrap_err());
        let wrong = must_wait(compare(&mallory, &target, &[("A", "another")]).await.unwrap_err());
        assert!(wrong <= right, "{right} {wrong}");
        waits.push(right);
        later(&site, right).await;
        compare(&mallory, &target, &[("A", "yet another")]).await.expect("after the wait");
    }
    assert!(waits.windows(2).all(|pair| pair[1] > pair[0]) && waits[4] >= 600, "growing: {waits:?}");
    assert!(compare(&mallory, &target, &[("B", "another")]).await.is_ok(), "each key has a budget of its own");
    later(&site, 24 * 60 * 60).await;
    let told = compare(&mallory, &target, &[("A", VALUE)]).await.expect("the next day");
    assert!(told[0].same);
}

async fn guesses_at_the_same_time_count_each_and_every_server_counts_them(site: Site) {
    let (_, mallory, _, target) = guarded(&site, &["A"]).await;
    let other = Site::start_in(&site.url, &site.folder).await;
    let elsewhere = Person::new(other.router.clone(), Some(mallory.cookie().to_owned()));
    let tries = (0..40).map(|guess| {
        let (who, target) = (if guess % 2 == 0 { mallory.clone() } else { elsewhere.clone() }, target.clone());
        tokio::spawn(async move { compare(&who, &target, &[("A", &format!("guess {guess}"))]).await.is_ok() })
    });
    let tries: Vec<_> = tries.collect();
    let mut answered = 0;
    for one in tries {
        answered += usize::from(one.await.expect("no panic"));
    }
    assert!((FREE..2 * FREE).contains(&answered), "{answered} of 40 were answered");
}

async fn who_does_not_know_the_version_learns_nothing_of_the_content(site: Site) {
    let (_, mallory, _, target) = guarded(&site, &["A"]).await;
    let before = rows_of(&site.url).await;
    let wrong_version = import(&mallory, &target, "another", Some(7)).await.unwrap_err();
    let right_value = import(&mallory, &target, VALUE, Some(7)).await.unwrap_err();
    assert_eq!((wrong_version.status, &wrong_version.error), (409, &right_value.error));
    assert_eq!(import(&mallory, &target, VALUE, Some(0)).await.unwrap_err().status, 409);
    assert_eq!(rows_of(&site.url).await, before, "nothing changed, and nothing was counted");
}

async fn imports_and_saves_spend_the_same_budget(site: Site) {
    let (owner, mallory, _, target) = guarded(&site, &["A"]).await;
    // A value for the session alone breaks nothing, and its fingerprint stands beside the organization's.
    for guess in 0..FREE / 2 {
        compare(&mallory, &target, &[("A", &format!("guess {guess}"))]).await.expect("free");
        mallory.save((&target, ".env", "A"), "session", &format!("guess {guess}")).await.expect("free");
    }
    asked_more(&site).await;
    let saved = mallory.save((&target, ".env", "A"), "session", VALUE).await.unwrap_err();
    let compared = compare(&mallory, &target, &[("A", VALUE)]).await.unwrap_err();
    let imported = import(&mallory, &target, VALUE, None).await.unwrap_err();
    let text = [("destination", target.as_str()), ("choice", "organization"), ("text", "A=another")];
    let pasted = mallory.call::<Value>("import_text", &text).await.unwrap_err();
    let fields = [("key", "A"), ("value", VALUE)];
    let replaced = mallory.call::<Value>("replace_secret", &fields).await.unwrap_err();
    for refusal in [saved, compared, imported, pasted, replaced] {
        must_wait(refusal);
    }
    assert!(owner.save((&target, ".env", "A"), "organization", "new").await.is_ok(), "others are not held up");
    // Nobody starts anew by taking the value away first.
    mallory.delete((&target, ".env", "A"), "organization").await.expect("deleted");
    must_wait(mallory.save((&target, ".env", "A"), "organization", VALUE).await.unwrap_err());
}

async fn work_as_usual_waits_for_nothing(site: Site) {
    let keys: Vec<_> = (0..500).map(|number| format!("KEY_{number}")).collect();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let (owner, mallory, _, target) = guarded(&site, &keys[..1]).await;
    let entries = |value: &str| -> Vec<_> {
        keys.iter().map(|key| json!({"key": key, "scope": "organization", "value": value})).collect()
    };
    let import = async |who: &Person, value: &str| -> Imported {
        let asked = json!({"destination": "organization", "entries": entries(value)});
        who.call_json("import_values", &asked).await.expect("imported")
    };
    import(&owner, "first").await;
    // Whoever has the same file pastes it as often as they like: that is no guess.
    let pasted: Vec<_> = keys.iter().map(|key| (*key, "first")).collect();
    for _ in 0..FREE + 2 {
        let told = compare(&mallory, &target, &pasted).await.expect("compared");
        assert!(told.iter().all(|one| one.same));
    }
    for _ in 0..2 {
        let same = import(&mallory, "first").await;
        assert!(same.values.iter().all(|one| one.outcome == ImportOutcome::Unchanged));
    }
    assert!(import(&mallory, "second").await.values.iter().all(|one| one.outcome == ImportOutcome::Saved));
}

async fn ones_own_values_are_no_secret_to_oneself(site: Site) {
    let (owner, _, _, target) = guarded(&site, &["A"]).await;
    for round in 0..3 * FREE {
        owner.save((&target, ".env", "A"), "session", &format!("value {round}")).await.expect("saved");
        compare(&owner, &target, &[("A", "another")]).await.expect("compared");
    }
}

async fn names_hold_no_value_and_do_not_say_whose(site: Site) {
    let (owner, mallory, session, _) = guarded(&site, &["A"]).await;
    let named = async |name: &str| -> Result<Vec<SnapshotView>, Refusal> {
        mallory.call("save_snapshot", &[("session", session.as_str()), ("name", name)]).await
    };
    let all = named(&format!("before {VALUE}")).await.expect("saved");
    assert_eq!(all[0].name, "before «secret»");
    let configuration = owner.session(&session).await.expect("the session").configuration;
    let rename = async |name: &str| -> Result<Value, Refusal> {
        let fields = [("configuration", configuration.as_str()), ("name", name)];
        mallory.call("rename_configuration", &fields).await
    };
    let renamed = rename(&format!("Shop {VALUE}")).await.expect("renamed").to_string();
    assert!(renamed.contains("Shop «secret»") && !renamed.contains(VALUE), "{renamed}");
    for guess in 2..FREE {
        rename(&format!("guess {guess}")).await.expect("free");
    }
    asked_more(&site).await;
    must_wait(rename("another guess").await.unwrap_err());
    must_wait(named("another guess").await.unwrap_err());
    let page = owner.get(&format!("/sessions/{session}?tab=snapshots")).await.text;
    assert!(page.contains("before «secret»") && !page.contains(VALUE));
}

async fn an_agent_hears_of_its_sessions_values_alone_and_not_where_in_the_file(site: Site) {
    let (owner, _, session, _) = guarded(&site, &["A"]).await;
    let other = json!({"key": "OTHER", "scope": "organization", "value": "not for this session"});
    let imported = json!({"destination": "organization", "entries": [other]});
    owner.call_json::<Value>("import_values", &imported).await.expect("imported");
    let agent = site.program(&owner.token(&session, "agent").await);
    let folder = site.workspace(&session);
    std::fs::write(folder.join("notes.txt"), format!("first line\n{VALUE}\n")).expect("written");
    std::fs::write(folder.join("guess.txt"), "not for this session\n").expect("written");
    let ask = || json!({"makeCurrent": false, "waitSeconds": 60});
    let blocked = agent.tool("save_snapshot", ask()).await.expect("told");
    assert_eq!(blocked["state"], "blocked");
    assert_eq!(blocked["report"]["findings"], json!([{"place": "notes.txt", "key": "A"}]));
    assert!(!blocked.to_string().contains("OTHER") && !blocked.to_string().contains("guess.txt"), "{blocked}");
    let all: Vec<SnapshotView> = owner.call("get_snapshots", &[("session", session.as_str())]).await.expect("all");
    let places: BTreeSet<_> = all[0].report.findings.iter().map(|found| found.place.as_str()).collect();
    assert_eq!(places, BTreeSet::from(["guess.txt", "notes.txt"]), "people see all of it");
    std::fs::remove_file(folder.join("notes.txt")).expect("removed");
    for _ in 1..FREE {
        let blocked = agent.tool("save_snapshot", ask()).await.expect("free");
        assert_eq!((&blocked["state"], &blocked["report"]["findings"]), (&json!("blocked"), &json!([])));
    }
    asked_more(&site).await;
    let refused = agent.tool("save_snapshot", ask()).await.expect_err("must wait");
    assert!(refused["status"] == 429 && refused["retryAfter"].as_u64() >= Some(1), "{refused}");
}

async fn exact_lengths_and_fingerprints_are_for_those_who_may_edit(site: Site) {
    let (owner, mallory, session, target) = guarded(&site, &["A", "B"]).await;
    let viewer = site.member(&site.organization().await, "vera", Role::Viewer).await;
    owner.save((&target, ".env", "A"), "session", "another").await.expect("saved");
    let seen = mallory.environment(&target).await;
    let stored = slot(&seen, ".env", "A").winner.clone().expect("a value");
    assert!(stored.length == Some(7) && stored.fingerprint.len() > 8, "{stored:?}");
    let seen = viewer.environment(&target).await;
    let of = |key: &str| slot(&seen, ".env", key).winner.clone().expect("a value");
    assert_eq!((of("A").length, of("B").length), (None, None));
    assert!(of("A").fingerprint.len() < 4, "a number: {:?}", of("A"));
    assert_ne!(of("A").fingerprint, slot(&seen, ".env", "A").hidden[0].fingerprint, "another value is another number");
    let fingerprints: Vec<SecretView> = mallory.call("list_secrets", &[]).await.expect("secrets");
    let hidden: Vec<SecretView> = viewer.call("list_secrets", &[]).await.expect("secrets");
    assert!(hidden.iter().all(|one| one.length.is_none() && one.fingerprint.is_empty()), "{hidden:?}");
    for path in [format!("/sessions/{session}?tab=environment"), "/settings/secrets".to_owned()] {
        let page = viewer.get(&path).await.text;
        assert!(!page.contains(&stored.fingerprint) && !page.contains(&fingerprints[0].fingerprint), "{path}");
        assert!(!page.contains("28 bytes") && mallory.get(&path).await.text.contains("28 bytes"), "{path}");
    }
}

crate::support::on_both!(
    comparisons_wait_longer_with_each_wrong_guess_and_a_right_one_gets_no_shortcut,
    guesses_at_the_same_time_count_each_and_every_server_counts_them,
    who_does_not_know_the_version_learns_nothing_of_the_content,
    imports_and_saves_spend_the_same_budget,
    work_as_usual_waits_for_nothing,
    ones_own_values_are_no_secret_to_oneself,
    names_hold_no_value_and_do_not_say_whose,
    an_agent_hears_of_its_sessions_values_alone_and_not_where_in_the_file,
    exact_lengths_and_fingerprints_are_for_those_who_may_edit,
);
