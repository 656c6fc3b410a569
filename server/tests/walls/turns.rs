//! People who release, withdraw, save and delete the same values at once: everybody is answered, and nobody by a failure.

use crate::support::{Person, Refusal, Site, json_spec};
use domain::Environment;
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

const KEYS: [&str; 3] = ["A", "B", "C"];
const PEOPLE: usize = 12;
const TURNS: usize = 8;
/// Far more than it takes; those who wait for each other wait for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// One change of many, chosen by a number.
async fn change(who: &Person, targets: &[String], number: usize) -> Result<(), Refusal> {
    let (target, key) = (targets[number % targets.len()].as_str(), KEYS[number / 2 % KEYS.len()]);
    let forget = |_: Environment| ();
    match number % 7 {
        // Forwards and backwards, so that the order of keys is not that of the caller.
        0 => who.release(target, &KEYS).await.map(forget),
        1 => who.release(target, &["C", "B", "A"]).await.map(forget),
        2 => who.call("withdraw_release", &[("target", target), ("key", key)]).await.map(forget),
        3 => who.save((target, ".env", key), "organization", &format!("value-{number}")).await.map(|_| ()),
        4 => who.call("set_plain_key", &[("target", target), ("key", key), ("plain", "true")]).await.map(forget),
        5 => who.delete((target, ".env", key), "organization").await.map(|_| ()),
        _ => {
            let entry = |key: &&str| json!({"key": key, "scope": "organization", "value": format!("import-{number}")});
            let entries: Vec<_> = KEYS.iter().rev().map(entry).collect();
            let import = json!({"destination": target, "entries": entries});
            who.call_json::<Value>("import_values", &import).await.map(|_| ())
        }
    }
}

async fn all_are_answered_however_many_change_the_same_values_at_once(site: Site) {
    let keys: Vec<_> = KEYS.iter().map(|key| json!({"key": key})).collect();
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": keys}]}));
    let mut targets = Vec::new();
    for name in ["one", "two", "three"] {
        targets.push(format!("configuration:{}", site.configuration(&[(name, ".")], &spec).await.0));
    }
    let owner = site.owner().await;
    // Nobody waits for sandboxes: the changes themselves meet.
    let person = Person::new(site.router.clone(), Some(owner.cookie().to_owned()));
    let people = (0..PEOPLE).map(|one| {
        let (person, targets) = (person.clone(), targets.clone());
        tokio::spawn(async move {
            let mut answers = Vec::new();
            for turn in 0..TURNS {
                answers.push(change(&person, &targets, one + turn * 5).await);
            }
            answers
        })
    });
    let answers = tokio::time::timeout(PATIENCE, join_all(people)).await.expect("everybody is answered");
    let answers: Vec<_> = answers.into_iter().flat_map(|one| one.expect("no panic")).collect();
    assert_eq!(answers.len(), PEOPLE * TURNS);
    let failed: Vec<_> = answers.iter().filter_map(|one| one.as_ref().err()).filter(|one| one.status >= 500).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert!(answers.iter().filter(|one| one.is_ok()).count() > PEOPLE, "{answers:?}");
}

crate::on_both!(all_are_answered_however_many_change_the_same_values_at_once);
