//! Which of the organization's values a configuration may use.

use crate::support::{Desk, key, root_key, run, spec_of};
use domain::EnvSpec;
use domain::ids::ConfigurationId;
use domain::release::{ReleaseMode, Releasers, Releases};
use domain::request::Ask;
use serde_json::json;
use server::store::{Keys, NewRequest, NewValue, SessionUpdate, Store, StoreError};
use vault::SecretScope;

const EVERYWHERE: SecretScope = SecretScope::Organization;

async fn released(desk: &Desk, configuration: &ConfigurationId) -> Releases {
    desk.store.configuration(&desk.organization, configuration).await.unwrap().unwrap().releases
}

async fn only_what_the_organization_has_is_released_and_each_key_once(desk: Desk) {
    let web = desk.repository("web").await;
    let (one, other) = (desk.configuration("one", &[&web]).await, desk.configuration("other", &[&web]).await);
    let (a, b) = (key("A"), key("B"));
    desk.put(&EVERYWHERE, &a, "a").await.unwrap();
    desk.put(&SecretScope::Repository(web.clone()), &b, "b").await.unwrap();
    let both = [a.clone(), b];
    let release = || desk.store.release_values(&desk.organization, &one, &both, &desk.member);
    assert_eq!((release().await.unwrap(), release().await.unwrap()), (vec![a.clone()], Vec::new()));
    assert_eq!(released(&desk, &one).await, Releases::of([a.clone()]));
    assert_eq!(released(&desk, &other).await, Releases::default(), "another configuration is another question");
    let all = desk.store.configurations(&desk.organization).await.unwrap();
    assert_eq!(all[0].releases, Releases::of([a.clone()]), "the list tells the same");

    let withdraw = || desk.store.withdraw_release(&desk.organization, &one, &a);
    assert_eq!((withdraw().await.unwrap(), withdraw().await.unwrap()), (true, false));
    assert_eq!(released(&desk, &one).await, Releases::default());
}

async fn a_save_may_release_and_a_deletion_withdraws(desk: Desk) {
    let web = desk.repository("web").await;
    let (one, a) = (desk.configuration("one", &[&web]).await, key("A"));
    let value = NewValue { release_to: Some(&one), ..desk.value(&EVERYWHERE, &a, "a") };
    desk.store.put_value(&desk.organization, &desk.member, value).await.unwrap();
    assert!(released(&desk, &one).await.cover(&a));
    assert!(desk.store.set_releasers(&desk.organization, &a, Releasers::Members).await.unwrap());
    desk.store.delete_value(&desk.organization, &EVERYWHERE, &a, Default::default()).await.unwrap();
    assert!(!desk.store.set_releasers(&desk.organization, &a, Releasers::Members).await.unwrap(), "there is none");
    desk.put(&EVERYWHERE, &a, "another").await.unwrap();
    assert!(!released(&desk, &one).await.cover(&a), "another value is released anew");
    assert_eq!(desk.store.secrets(&desk.organization, Keys::All).await.unwrap()[0].releasers, Releasers::Admins);
}

async fn a_configuration_may_use_everything_and_new_ones_have_a_default(desk: Desk) {
    let web = desk.repository("web").await;
    let one = desk.configuration("one", &[&web]).await;
    desk.store.set_release_mode(&desk.organization, &one, ReleaseMode::All).await.unwrap();
    assert!(released(&desk, &one).await.cover(&key("ANY")));
    assert_eq!(desk.store.default_release_mode(&desk.organization).await.unwrap(), ReleaseMode::Each);
    desk.store.set_default_release_mode(&desk.organization, ReleaseMode::All).await.unwrap();
    assert_eq!(desk.store.default_release_mode(&desk.organization).await.unwrap(), ReleaseMode::All);
    let others = desk.other_organization().await;
    let foreign = others.store.set_release_mode(&others.organization, &one, ReleaseMode::Each).await;
    assert!(matches!(foreign, Err(StoreError::NotFound(_))));
    assert_eq!(others.store.default_release_mode(&others.organization).await.unwrap(), ReleaseMode::Each);
}

async fn what_was_in_use_before_there_were_releases_stays_in_use(desk: Desk) {
    let web = desk.repository("web").await;
    let one = desk.configuration("one", &[&web]).await;
    for name in ["USED", "DROPPED", "UNNAMED", "ASKED", "ASKED_ONCE"] {
        desk.put(&EVERYWHERE, &key(name), name).await.unwrap();
    }
    desk.put(&SecretScope::Repository(web), &key("NARROW"), "n").await.unwrap();
    for keys in [&["DROPPED"][..], &["USED", "NARROW", "ABSENT"]] {
        desk.store.save_spec(&desk.organization, &one, &spec_of(keys), "scan", None).await.unwrap();
    }
    // What agents asked for stands in no spec, and counts while its session runs.
    for (name, ends) in [("ASKED", false), ("ASKED_ONCE", true)] {
        let session = desk.session(&one).await;
        let ask: Ask = serde_json::from_value(json!({"keys": [{"key": name}]})).unwrap();
        let keys = ask.checked(&EnvSpec::default()).unwrap();
        let new = NewRequest { session: &session, asked_by: "Agent", message: None, keys, expires_at: i64::MAX };
        desk.store.add_request(&desk.organization, new).await.unwrap();
        let update = SessionUpdate { state: "finished", progress: None, error: None, ended: true };
        if ends {
            desk.store.set_session_state(&desk.organization, &session, update).await.unwrap();
        }
    }
    // As the version before left it.
    desk.store.close().await;
    for statement in [
        "DROP TABLE hand_overs",
        "DROP TABLE releases",
        "ALTER TABLE configurations DROP COLUMN release_mode",
        "ALTER TABLE organizations DROP COLUMN release_mode",
        "ALTER TABLE secrets DROP COLUMN releasers",
        "DELETE FROM _sqlx_migrations WHERE version IN (16, 19)",
    ] {
        run(&desk.url, statement).await;
    }
    let store = Store::connect(&desk.url).await.unwrap();
    store.unlock(|_| Ok(root_key())).await.expect("migrates");
    let row = store.configuration(&desk.organization, &one).await.unwrap().unwrap();
    assert_eq!(row.releases, Releases::of([key("ASKED"), key("USED")]));
}

crate::on_both!(
    only_what_the_organization_has_is_released_and_each_key_once,
    a_save_may_release_and_a_deletion_withdraws,
    a_configuration_may_use_everything_and_new_ones_have_a_default,
    what_was_in_use_before_there_were_releases_stays_in_use,
);
