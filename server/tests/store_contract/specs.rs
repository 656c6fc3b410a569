//! Env specs and their versions.

use crate::support::{Desk, at_once, key, spec_of};
use domain::EnvSpec;
use domain::ids::{ConfigurationId, RepositoryId};
use domain::spec::SpecDiff;
use server::store::StoreError;
use std::collections::BTreeSet;

async fn each_save_is_a_version_with_its_diff(desk: Desk) {
    let id = desk.configuration("web", &[]).await;
    assert_eq!(desk.store.spec(&desk.organization, &id).await.unwrap(), None);
    let first = desk.store.save_spec(&desk.organization, &id, &spec_of(&["A", "B"]), "scan", None).await.unwrap();
    assert_eq!((first.version, first.is_new, first.diff.added.len()), (1, true, 2));
    let second = desk.store.save_spec(&desk.organization, &id, &spec_of(&["B", "C"]), "Ada", None).await.unwrap();
    assert_eq!((second.version, second.diff.added.len(), second.diff.removed.len()), (2, 1, 1));
    let newest = desk.store.spec(&desk.organization, &id).await.unwrap().unwrap();
    assert_eq!((newest.version, newest.saved_by.as_str(), &newest.diff), (2, "Ada", &second.diff));
    assert_eq!(newest.spec, spec_of(&["B", "C"]));
    let history = desk.store.spec_history(&desk.organization, &id).await.unwrap();
    assert_eq!(history.iter().map(|row| row.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(history[1].spec, spec_of(&["A", "B"]));
}

async fn an_identical_spec_makes_no_new_version(desk: Desk) {
    let id = desk.configuration("web", &[]).await;
    let empty = desk.store.save_spec(&desk.organization, &id, &EnvSpec::default(), "scan", None).await.unwrap();
    assert_eq!((empty.version, empty.is_new), (1, true), "an empty spec is a spec");
    desk.store.save_spec(&desk.organization, &id, &spec_of(&["A"]), "scan", None).await.unwrap();
    let again = desk.store.save_spec(&desk.organization, &id, &spec_of(&["A"]), "scan", None).await.unwrap();
    assert_eq!((again.version, again.is_new, again.diff), (2, false, SpecDiff::default()));
    assert_eq!(desk.store.spec_history(&desk.organization, &id).await.unwrap().len(), 2);
}

async fn everything_that_a_spec_says_comes_back(desk: Desk) {
    let id = desk.configuration("web", &[]).await;
    let spec = EnvSpec::from_json(
        r#"{"files":[{"workspacePath":"apps/web","path":".env.local","mode":"shared","keys":[{"key":"A",
            "required":false,"description":"Grüße \"quoted\" \\ \n 🚀","documentationUrl":"https://x.test/",
            "default":"1","suggestions":["1","2"],"generate":"hex32","evidence":[{"path":"a.ts","line":4}]}]},
            {"path":".env","keys":[{"key":"Z"},{"key":"A"}]}]}"#,
    )
    .unwrap();
    desk.store.save_spec(&desk.organization, &id, &spec, "scan", None).await.unwrap();
    assert_eq!(desk.store.spec(&desk.organization, &id).await.unwrap().unwrap().spec, spec);
}

async fn of_ten_saves_on_one_version_one_wins(desk: Desk) {
    let id = desk.configuration("web", &[]).await;
    let saves = (0..10).map(|number| {
        let (store, organization, id) = (desk.store.clone(), desk.organization.clone(), id.clone());
        let spec = spec_of(&[&format!("KEY_{number}")]);
        async move { store.save_spec(&organization, &id, &spec, "scan", Some(0)).await }
    });
    let results = at_once(saves).await;
    assert_eq!(results.iter().filter(|result| matches!(result, Ok(saved) if saved.version == 1)).count(), 1);
    let lost = |result: &&Result<_, _>| matches!(result, Err(StoreError::VersionConflict { current: 1 }));
    assert_eq!(results.iter().filter(lost).count(), 9);
}

async fn ten_saves_at_once_make_ten_versions(desk: Desk) {
    let id = desk.configuration("web", &[]).await;
    let saves = (0..10).map(|number| {
        let (store, organization, id) = (desk.store.clone(), desk.organization.clone(), id.clone());
        let spec = spec_of(&[&format!("KEY_{number}")]);
        async move { store.save_spec(&organization, &id, &spec, "scan", None).await.unwrap().version }
    });
    assert_eq!(at_once(saves).await.into_iter().collect::<BTreeSet<_>>(), (1..=10).collect());
}

async fn the_newest_spec_of_every_configuration_comes_in_one_query(desk: Desk) {
    let (a, b) = (desk.configuration("a", &[]).await, desk.configuration("b", &[]).await);
    desk.configuration("without", &[]).await;
    for (id, keys) in [(&a, vec!["A"]), (&a, vec!["B"]), (&b, vec!["C"])] {
        desk.store.save_spec(&desk.organization, id, &spec_of(&keys), "scan", None).await.unwrap();
    }
    let newest = desk.store.specs(&desk.organization).await.unwrap();
    let found: Vec<_> = newest.into_iter().map(|row| (row.configuration, row.version, row.spec)).collect();
    assert_eq!(found, [(a, 2, spec_of(&["B"])), (b, 1, spec_of(&["C"]))]);
}

async fn who_names_a_key_is_found_by_the_key(desk: Desk) {
    let web = desk.repository("web").await;
    let (a, b) = (desk.configuration("a", &[&web]).await, desk.configuration("b", &[]).await);
    let gone = desk.configuration("gone", &[]).await;
    // The same key in two specs, one that a newer spec left out, and one of a deleted configuration.
    for (id, keys) in [(&a, vec!["OLD", "BOTH"]), (&a, vec!["A", "BOTH"]), (&b, vec!["BOTH"]), (&gone, vec!["BOTH"])] {
        desk.store.save_spec(&desk.organization, id, &spec_of(&keys), "scan", None).await.unwrap();
    }
    desk.store.delete_configuration(&desk.organization, &gone).await.unwrap();
    let other = desk.other_organization().await;
    let naming = |of: &Desk, keys: &[&str], repository: Option<&RepositoryId>| {
        let (store, organization) = (of.store.clone(), of.organization.clone());
        let (keys, repository) = (keys.iter().map(|name| key(name)).collect(), repository.cloned());
        async move {
            let specs = store.specs_naming(&organization, &keys).await.unwrap();
            let found = store.configurations_naming(&organization, &keys, repository.as_ref()).await.unwrap();
            let by_spec: BTreeSet<_> = specs.into_iter().map(|row| row.configuration.to_string()).collect();
            (found.into_iter().map(|id| id.to_string()).collect::<BTreeSet<_>>(), by_spec)
        }
    };
    let ids = |ids: &[&ConfigurationId]| ids.iter().map(|id| id.to_string()).collect::<BTreeSet<_>>();
    let all = ids(&[&a, &b]);
    assert_eq!(naming(&desk, &["BOTH"], None).await, (all.clone(), all.clone()));
    assert_eq!(naming(&desk, &["BOTH"], Some(&web)).await, (ids(&[&a]), all.clone()));
    assert_eq!(naming(&desk, &["A", "X"], None).await, (ids(&[&a]), ids(&[&a])));
    for keys in [&["OLD"][..], &["X"], &[]] {
        assert_eq!(naming(&desk, keys, None).await, (ids(&[]), ids(&[])), "{keys:?}");
    }
    assert_eq!(naming(&other, &["BOTH"], None).await, (ids(&[]), ids(&[])));
}

crate::on_both!(
    who_names_a_key_is_found_by_the_key,
    each_save_is_a_version_with_its_diff,
    an_identical_spec_makes_no_new_version,
    everything_that_a_spec_says_comes_back,
    of_ten_saves_on_one_version_one_wins,
    ten_saves_at_once_make_ten_versions,
    the_newest_spec_of_every_configuration_comes_in_one_query,
);
