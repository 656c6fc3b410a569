//! Getting a value past the search.

use super::{VALUE, filled, saved, write};
use crate::support::{Site, run_sql};
use domain::snapshot::SnapshotState;
use serde_json::json;

const OLD: &str = "the-old-one-of-the-session";

async fn a_value_that_was_replaced_or_deleted_since_is_still_looked_for(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let target = format!("session:{}", setup.id);
    let at = (&*target, ".env", "DATABASE_PASSWORD");
    let folder = site.workspace(&setup.id);
    write(&folder, "a.txt", VALUE);
    write(&folder, "b.txt", OLD);
    owner.save(at, "session", OLD).await.expect("saved");
    owner.save(at, "session", "another one of it").await.expect("replaced");
    owner.save(at, "organization", "the new one of all").await.expect("replaced");
    owner.delete(at, "organization").await.expect("deleted");
    write(&folder, "c.txt", "the new one of all");
    let blocked = saved(&owner, &setup.id).await;
    let places: Vec<_> = blocked.report.findings.iter().map(|finding| finding.place.as_str()).collect();
    assert_eq!((blocked.state, places), (SnapshotState::Blocked, vec!["a.txt", "b.txt", "c.txt"]), "{blocked:?}");
    owner.finish(&setup.id, true).await.expect("finished");
    let left = run_sql(&site.url, "DELETE FROM replaced_values").await;
    assert_eq!(left, 0, "they go with the last session that had them");
    // Nobody lives who may have it, so it is not kept.
    let (configuration, place) = (format!("configuration:{}", setup.configuration), ".env");
    for value in ["one-more-value", "and-another-value"] {
        owner.save((&configuration, place, "DATABASE_PASSWORD"), "organization", value).await.expect("saved");
    }
    assert_eq!(run_sql(&site.url, "DELETE FROM replaced_values").await, 0);
}

async fn an_agents_word_that_a_file_is_shared_takes_no_secret_out_of_the_search(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let agent = site.program(&owner.token(&setup.id, "agent").await);
    let spec = json!({"files": [{"path": ".env", "mode": "shared", "keys": [{"key": "DATABASE_PASSWORD"}]}]});
    agent.http("PUT", "/env-files", Some(spec)).await.expect("saved");
    write(&site.workspace(&setup.id), "a.txt", VALUE);
    let blocked = saved(&owner, &setup.id).await;
    assert_eq!(blocked.state, SnapshotState::Blocked, "{blocked:?}");
    assert_eq!(blocked.report.findings[0].key.as_str(), "DATABASE_PASSWORD");
}

crate::on_both!(
    a_value_that_was_replaced_or_deleted_since_is_still_looked_for,
    an_agents_word_that_a_file_is_shared_takes_no_secret_out_of_the_search,
);
