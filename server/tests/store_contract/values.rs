//! Sealed values.

use crate::support::{Desk, at_once, key};
use domain::KeyName;
use server::store::{Expected, Keys, NewValue, StoreError, ValueRow};
use std::collections::BTreeSet;
use std::sync::Arc;
use vault::{RecordIdentity, SealError, SecretScope};

const EVERYWHERE: SecretScope = SecretScope::Organization;

async fn a_value_opens_in_its_row_and_tells_who_set_it(desk: Desk) {
    let database = key("DATABASE_URL");
    assert_eq!(desk.put(&EVERYWHERE, &database, "postgres://a").await.unwrap(), 1);
    assert_eq!(desk.put(&EVERYWHERE, &database, "").await.unwrap(), 2);
    let rows = desk.store.secrets(&desk.organization, Keys::All).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((desk.opened(&rows[0]), rows[0].version, rows[0].length), (Ok(String::new()), 2, 0));
    let stored = rows[0].stored(true);
    assert_eq!((stored.set_by.as_str(), stored.version, stored.fingerprint.len()), ("Ada", 2, 16));
    assert!(stored.set_at > 0);
}

async fn no_repository_counts_as_one_scope_and_each_repository_as_another(desk: Desk) {
    let (web, api) = (desk.repository("web").await, desk.repository("api").await);
    let token = key("TOKEN");
    let scopes = [EVERYWHERE, SecretScope::Repository(web), SecretScope::Repository(api)];
    for (number, scope) in scopes.iter().enumerate() {
        desk.put(scope, &token, "old").await.unwrap();
        assert_eq!(desk.put(scope, &token, &format!("value {number}")).await.unwrap(), 2);
    }
    let found: BTreeSet<_> =
        desk.secrets().await.into_iter().map(|(_, scope, version, value)| (scope, version, value)).collect();
    let expected = scopes.iter().enumerate().map(|(number, scope)| (scope.clone(), 2, format!("value {number}")));
    assert_eq!(found, expected.collect());
}

async fn twenty_puts_at_once_give_twenty_versions_and_lose_none(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = desk.session(&configuration).await;
    let desk = Arc::new(desk);
    for scope in [EVERYWHERE, SecretScope::Session(session.clone())] {
        let puts = (0..20).map(|number| {
            let (desk, scope) = (desk.clone(), scope.clone());
            async move { (desk.put(&scope, &key("TOKEN"), &format!("value {number}")).await.unwrap(), number) }
        });
        let versions = at_once(puts).await;
        let distinct: BTreeSet<_> = versions.iter().map(|(version, _)| *version).collect();
        assert_eq!(distinct, (1..=20).collect());
        let rows = desk.store.values_for(&desk.organization, &configuration, Some(&session), Keys::All).await.unwrap();
        let row = rows.iter().find(|row| row.scope == scope).unwrap();
        let (_, last) = versions.iter().find(|(version, _)| *version == 20).unwrap();
        assert_eq!((row.version, desk.opened(row)), (20, Ok(format!("value {last}"))));
    }
}

async fn a_version_is_never_used_again_so_an_old_record_fits_no_later_row(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let session = SecretScope::Session(desk.session(&configuration).await);
    let token = key("TOKEN");
    for scope in [&EVERYWHERE, &session] {
        let SecretScope::Session(id) = &session else { unreachable!() };
        let row = || async {
            let rows = desk.store.values_for(&desk.organization, &configuration, Some(id), Keys::All).await.unwrap();
            rows.into_iter().find(|row| row.scope == *scope)
        };
        desk.put(scope, &token, "leaked").await.unwrap();
        let old = row().await.unwrap();
        assert!(desk.store.delete_value(&desk.organization, scope, &token, Expected::Any).await.unwrap());
        assert_eq!(row().await, None);
        assert!(!desk.store.delete_value(&desk.organization, scope, &token, Expected::Any).await.unwrap());
        assert_eq!(desk.put(scope, &token, "fresh").await.unwrap(), 2);
        let new = row().await.unwrap();
        assert_eq!(desk.opened(&new), Ok("fresh".to_owned()));
        let identity = RecordIdentity { organization: &desk.organization, scope, key: &token, version: new.version };
        assert!(desk.data_key.open(&identity, &old.record).is_err());
    }
}

async fn a_writer_who_saw_an_older_value_is_told(desk: Desk) {
    let token = key("TOKEN");
    let put = |expected| {
        let value = NewValue { expected, ..desk.value(&EVERYWHERE, &token, "v") };
        desk.store.put_value(&desk.organization, &desk.member, value)
    };
    let delete = |expected| desk.store.delete_value(&desk.organization, &EVERYWHERE, &token, expected);
    assert!(matches!(put(Expected::Version(1)).await, Err(StoreError::VersionConflict { current: 0 })));
    assert!(matches!(put(Expected::Version(0)).await, Err(StoreError::VersionConflict { current: 0 })));
    assert_eq!(put(Expected::Absent).await.unwrap(), 1);
    assert!(matches!(put(Expected::Absent).await, Err(StoreError::VersionConflict { current: 1 })));
    assert_eq!(put(Expected::Version(1)).await.unwrap(), 2);
    assert!(matches!(put(Expected::Version(1)).await, Err(StoreError::VersionConflict { current: 2 })));
    assert!(matches!(delete(Expected::Version(1)).await, Err(StoreError::VersionConflict { current: 2 })));
    assert_eq!(desk.secrets().await.len(), 1);
    assert!(delete(Expected::Version(2)).await.unwrap());
    assert_eq!(put(Expected::Absent).await.unwrap(), 3);
}

async fn a_batch_is_stored_whole_or_not_at_all(desk: Desk) {
    let (a, b, c) = (key("A"), key("B"), key("C"));
    desk.put(&EVERYWHERE, &b, "old").await.unwrap();
    let put = |values| desk.store.put_values(&desk.organization, &desk.member, values);
    let taken = NewValue { expected: Expected::Absent, ..desk.value(&EVERYWHERE, &b, "new") };
    let refused = put(vec![desk.value(&EVERYWHERE, &a, "1"), taken, desk.value(&EVERYWHERE, &c, "3")]).await;
    assert!(matches!(refused, Err(StoreError::VersionConflict { current: 1 })));
    let unsealed = NewValue { seal: Box::new(|_| Err(SealError::Randomness)), ..desk.value(&EVERYWHERE, &c, "3") };
    let refused = put(vec![desk.value(&EVERYWHERE, &b, "new"), unsealed]).await;
    assert!(matches!(refused, Err(StoreError::Seal(SealError::Randomness))));
    assert_eq!(desk.secrets().await, [("B".to_owned(), EVERYWHERE, 1, "old".to_owned())]);

    let batch = [(&c, "3"), (&b, "2"), (&a, "1")].map(|(key, text)| desk.value(&EVERYWHERE, key, text));
    assert_eq!(put(batch.into()).await.unwrap(), [1, 2, 1], "versions come in the order given");
    assert_eq!(desk.secrets().await.len(), 3);
}

async fn batches_in_opposite_order_do_not_wait_for_each_other(desk: Desk) {
    let desk = Arc::new(desk);
    let names: Vec<_> = (0..20).map(|number| key(&format!("KEY_{number}"))).collect();
    let batches = (0..8).map(|batch| {
        let (desk, mut names) = (desk.clone(), names.clone());
        async move {
            if batch % 2 == 1 {
                names.reverse();
            }
            let values = names.iter().map(|key| desk.value(&EVERYWHERE, key, "v")).collect();
            desk.store.put_values(&desk.organization, &desk.member, values).await.map(|versions| versions.len())
        }
    });
    for result in at_once(batches).await {
        assert_eq!(result.unwrap(), 20);
    }
    assert!(desk.secrets().await.iter().all(|(_, _, version, _)| *version == 8));
}

async fn a_view_gets_the_values_of_its_scopes_and_no_others(desk: Desk) {
    let (web, api) = (desk.repository("web").await, desk.repository("api").await);
    let configuration = desk.configuration("web", &[&web]).await;
    let (mine, another) = (desk.session(&configuration).await, desk.session(&configuration).await);
    let elsewhere = desk.configuration("api", &[&api]).await;
    let token = key("TOKEN");
    let scopes = [
        (EVERYWHERE, "organization"),
        (SecretScope::Repository(web), "web"),
        (SecretScope::Repository(api), "api"),
        (SecretScope::Session(mine.clone()), "mine"),
        (SecretScope::Session(another), "another"),
    ];
    for (scope, text) in &scopes {
        desk.put(scope, &token, text).await.unwrap();
    }
    desk.put(&EVERYWHERE, &key("UNUSED"), "unused").await.unwrap();
    let view = |configuration, session| {
        let desk = &desk;
        async move {
            let rows = desk.store.values_for(&desk.organization, configuration, session, Keys::All).await.unwrap();
            rows.iter().map(|row| desk.opened(row).unwrap()).collect::<Vec<_>>()
        }
    };
    assert_eq!(view(&configuration, Some(&mine)).await, ["organization", "web", "mine", "unused"]);
    assert_eq!(view(&configuration, None).await, ["organization", "web", "unused"]);
    assert_eq!(view(&elsewhere, Some(&mine)).await, ["organization", "api", "unused"]);
    assert_eq!(view(&"unknown".into(), Some(&mine)).await, Vec::<String>::new());
}

async fn only_the_keys_that_are_named_are_read(desk: Desk) {
    let web = desk.repository("web").await;
    let configuration = desk.configuration("web", &[&web]).await;
    let session = desk.session(&configuration).await;
    let scopes = [EVERYWHERE, SecretScope::Repository(web), SecretScope::Session(session.clone())];
    for name in ["A", "B", "C"] {
        for scope in &scopes {
            desk.put(scope, &key(name), name).await.unwrap();
        }
    }
    let names = |rows: &[ValueRow]| rows.iter().map(|row| row.key.to_string()).collect::<Vec<_>>().join(" ");
    for (asked, read, secrets) in [("", "", ""), ("B", "B B B", "B B"), ("C A X", "A A A C C C", "A A C C")] {
        let asked: BTreeSet<_> = asked.split_whitespace().map(key).collect();
        let (store, asked) = (&desk.store, Keys::Named(&asked));
        let rows = store.values_for(&desk.organization, &configuration, Some(&session), asked).await.unwrap();
        assert_eq!(names(&rows), read);
        assert_eq!(names(&store.secrets(&desk.organization, asked).await.unwrap()), secrets);
    }
}

async fn secrets_beside_the_named_ones_come_page_by_page(desk: Desk) {
    let web = desk.repository("web").await;
    for number in 0..7 {
        desk.put(&EVERYWHERE, &key(&format!("KEY_{number}")), "x").await.unwrap();
    }
    desk.put(&SecretScope::Repository(web), &key("KEY_OF_WEB"), "x").await.unwrap();
    desk.store.delete_value(&desk.organization, &EVERYWHERE, &key("KEY_5"), Expected::Any).await.unwrap();
    let named = BTreeSet::from([key("KEY_1"), key("KEY_OF_NOBODY")]);
    let (mut after, mut pages) = (None::<KeyName>, Vec::new());
    loop {
        let rows = desk.store.secrets_beside(&desk.organization, &named, after.as_ref(), 2).await.unwrap();
        let Some(last) = rows.last() else { break };
        after = Some(last.key.clone());
        pages.push(rows.iter().map(|row| row.key.to_string()).collect::<Vec<_>>());
    }
    assert_eq!(pages.concat(), ["KEY_0", "KEY_2", "KEY_3", "KEY_4", "KEY_6"]);
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
}

async fn a_view_of_two_thousand_keys_is_still_one_query(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let names: Vec<_> = (0..2_000).map(|number| key(&format!("KEY_{number:04}"))).collect();
    let values = names.iter().map(|key| desk.value(&EVERYWHERE, key, key.as_str())).collect();
    desk.store.put_values(&desk.organization, &desk.member, values).await.unwrap();
    let rows = desk.store.values_for(&desk.organization, &configuration, None, Keys::All).await.unwrap();
    assert_eq!(rows.iter().map(|row| &row.key).collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
    assert!(rows.iter().all(|row| desk.opened(row) == Ok(row.key.to_string())));
}

async fn a_description_stays_until_it_is_replaced_or_the_value_deleted(desk: Desk) {
    let token = key("TOKEN");
    let put = |description| {
        let value = NewValue { description, ..desk.value(&EVERYWHERE, &token, "v") };
        desk.store.put_value(&desk.organization, &desk.member, value)
    };
    let description =
        || async { desk.store.secrets(&desk.organization, Keys::All).await.unwrap().remove(0).description };
    put(Some("first")).await.unwrap();
    put(None).await.unwrap();
    assert_eq!(description().await.as_deref(), Some("first"));
    put(Some("second")).await.unwrap();
    assert_eq!(description().await.as_deref(), Some("second"));
    desk.store.delete_value(&desk.organization, &EVERYWHERE, &token, Expected::Any).await.unwrap();
    put(None).await.unwrap();
    assert_eq!(description().await, None);
}

async fn a_description_is_changed_by_itself_where_there_is_a_value(desk: Desk) {
    let token = key("TOKEN");
    let describe = |text| desk.store.describe_value(&desk.organization, &EVERYWHERE, &token, text);
    assert!(!describe("nothing to describe").await.unwrap());
    desk.put(&EVERYWHERE, &token, "v").await.unwrap();
    let row = || async { desk.store.secrets(&desk.organization, Keys::All).await.unwrap().remove(0) };
    assert!(describe("first").await.unwrap());
    assert_eq!((row().await.description.as_deref(), row().await.version), (Some("first"), 1));
    assert_eq!(desk.opened(&row().await), Ok("v".to_owned()));
    assert!(describe("").await.unwrap());
    assert_eq!(row().await.description, None);
    let other = desk.other_organization().await;
    assert!(!other.store.describe_value(&other.organization, &EVERYWHERE, &token, "theirs").await.unwrap());
    desk.store.delete_value(&desk.organization, &EVERYWHERE, &token, Expected::Any).await.unwrap();
    assert!(!describe("again").await.unwrap(), "an emptied row stays empty");
}

crate::on_both!(
    a_value_opens_in_its_row_and_tells_who_set_it,
    no_repository_counts_as_one_scope_and_each_repository_as_another,
    twenty_puts_at_once_give_twenty_versions_and_lose_none,
    a_version_is_never_used_again_so_an_old_record_fits_no_later_row,
    a_writer_who_saw_an_older_value_is_told,
    a_batch_is_stored_whole_or_not_at_all,
    batches_in_opposite_order_do_not_wait_for_each_other,
    a_view_gets_the_values_of_its_scopes_and_no_others,
    a_view_of_two_thousand_keys_is_still_one_query,
    only_the_keys_that_are_named_are_read,
    secrets_beside_the_named_ones_come_page_by_page,
    a_description_stays_until_it_is_replaced_or_the_value_deleted,
    a_description_is_changed_by_itself_where_there_is_a_value,
);
