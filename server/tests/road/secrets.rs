//! The organization's secrets: where they are used, and how they are added, replaced, described and deleted.

use crate::support::{Listening, Person, Refusal, Site, json_spec, rows_of, run_sql, status};
use app::api::ApiError;
use app::api::live::ORGANIZATION_EVENTS;
use app::api::secrets::SecretView;
use domain::EnvSpec;
use domain::environment::Status;
use domain::member::Role;
use domain::secret_use::Without;
use serde_json::json;

const SECRETS: &str = "\"secrets\"";

fn spec() -> EnvSpec {
    json_spec(&json!({"files": [
        {"path": ".env", "keys": [{"key": "A"}, {"key": "B", "required": false}]},
        {"path": "web/.env", "mode": "shared", "keys": [{"key": "A", "default": "1"}]}]}))
}

/// What the page calls, short.
trait Secrets {
    async fn secrets(&self) -> Vec<SecretView>;
    async fn add(&self, key: &str, description: &str, value: &str) -> Result<Vec<SecretView>, Refusal>;
    async fn replace(&self, key: &str, value: &str, seen: &str) -> Result<Vec<SecretView>, Refusal>;
    async fn remove(&self, key: &str, seen: &str) -> Result<Vec<SecretView>, Refusal>;
}

impl Secrets for Person {
    async fn secrets(&self) -> Vec<SecretView> {
        self.call("list_secrets", &[]).await.expect("the secrets")
    }

    async fn add(&self, key: &str, description: &str, value: &str) -> Result<Vec<SecretView>, Refusal> {
        self.call("add_secret", &[("key", key), ("description", description), ("value", value)]).await
    }

    async fn replace(&self, key: &str, value: &str, seen: &str) -> Result<Vec<SecretView>, Refusal> {
        self.call("replace_secret", &[("key", key), ("value", value), ("seen", seen)]).await
    }

    async fn remove(&self, key: &str, seen: &str) -> Result<Vec<SecretView>, Refusal> {
        self.call("delete_secret", &[("key", key), ("seen", seen)]).await
    }
}

fn refused_field(refusal: Refusal, wanted: &str) -> String {
    match refusal.error {
        ApiError::Invalid { field, message } if field == wanted => message,
        other => panic!("{other:?}"),
    }
}

async fn a_secret_is_added_upper_cased_listed_with_its_uses_and_reaches_running_sandboxes(site: Site) {
    let owner = site.owner().await;
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec()).await;
    let session = owner.work(&configuration).await.id;
    let mut news = Listening::open(&site, owner.cookie(), ORGANIZATION_EVENTS, &[]).await.expect("a stream");
    let listed = owner.add(" a ", "Takes the money\r\nmonthly ", "canary-1").await.expect("added");
    assert_eq!(listed, owner.secrets().await);
    let [secret] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((secret.key.as_str(), secret.version, secret.length, secret.readable), ("A", 1, Some(8), true));
    assert_eq!(secret.description.as_deref(), Some("Takes the money\nmonthly"));
    let uses: Vec<_> = secret.uses.iter().map(|one| (&one.configuration, one.name.as_str())).collect();
    assert_eq!(uses, [(&configuration, "Everything")]);
    let files: Vec<_> = secret.uses[0].files.iter().map(|file| (file.place.as_str(), file.without)).collect();
    assert_eq!(files, [(".env", Without::Missing), ("web/.env", Without::Default)]);
    assert_eq!(site.assigned(&session, ".env"), [("A".to_owned(), "canary-1".to_owned())]);
    let heard = news.until("change", SECRETS).await;
    assert!(!format!("{heard:?}").contains("canary"), "{heard:?}");

    owner.add("LOST", "", "").await.expect("an empty value is a value");
    let lost = owner.secrets().await.into_iter().find(|one| one.key.as_str() == "LOST").expect("listed");
    assert_eq!((lost.uses.len(), lost.length, lost.description), (0, Some(0), None));
    news.until("change", SECRETS).await;
    let page = owner.get("/settings/secrets").await;
    assert!(page.text.contains("LOST") && page.text.contains("Unused"), "the page lists it");
    assert!(!page.text.contains("canary"), "and no value");
    assert!(!owner.get("/settings/secrets?q=lost").await.text.contains("secret:A\""), "a search leaves the others out");
}

async fn a_key_that_has_a_value_is_replaced_on_purpose_only(site: Site) {
    let owner = site.owner().await;
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec()).await;
    let session = owner.work(&configuration).await.id;
    owner.add("A", "First", "one").await.expect("added");
    let before = rows_of(&site.url).await;
    let refusal = owner.add("a", "Other", "two").await.unwrap_err();
    assert_eq!(refusal.status, 409);
    let ApiError::Taken { name, message } = refusal.error else { panic!("{:?}", refusal.error) };
    assert!(name == "A" && message.contains("set by") && !message.contains("two"), "{message}");
    assert_eq!(rows_of(&site.url).await, before, "nothing was changed");

    let replaced = owner.replace("A", "two", "1").await.expect("replaced");
    assert_eq!((replaced[0].version, replaced[0].description.as_deref()), (2, Some("First")));
    assert_eq!(site.assigned(&session, ".env"), [("A".to_owned(), "two".to_owned())]);
    let late = owner.replace("A", "three", "1").await.unwrap_err();
    assert!(matches!(&late.error, ApiError::Conflict { message } if message.contains("meanwhile")), "{late:?}");
    let late = owner.remove("A", "1").await.unwrap_err();
    assert!(
        matches!(&late.error, ApiError::Conflict { message } if message.contains("nothing was deleted")),
        "{late:?}"
    );
    assert_eq!(site.assigned(&session, ".env"), [("A".to_owned(), "two".to_owned())]);

    assert_eq!(owner.remove("A", "2").await.expect("deleted"), []);
    assert_eq!(site.assigned(&session, ".env"), []);
    assert_eq!(owner.remove("A", "2").await.expect("deleting what is gone is no mistake"), []);
    let target = format!("configuration:{configuration}");
    assert_eq!(status(&owner.environment(&target).await, ".env", "A"), Status::Missing);
}

async fn what_cannot_be_a_key_or_a_value_is_refused_by_its_field(site: Site) {
    let owner = site.owner().await;
    site.configuration(&[("shop", ".")], &spec()).await;
    let before = rows_of(&site.url).await;
    for (key, words) in [("", "needs a name"), ("my-key", "'-' is not allowed"), ("1A", "not with a digit")] {
        let message = refused_field(owner.add(key, "", "canary").await.unwrap_err(), "key");
        assert!(message.contains(words) && !message.contains("canary"), "{key}: {message}");
    }
    let message = refused_field(owner.add("A", "", "it's a canary \"with\" both").await.unwrap_err(), "value");
    assert!(message.starts_with(".env cannot hold this value") && !message.contains("canary"), "{message}");
    let long = "x".repeat(domain::limits::DESCRIPTION_CHARS + 1);
    refused_field(owner.add("A", &long, "v").await.unwrap_err(), "description");
    let absent = owner.call::<serde_json::Value>("add_secret", &[("key", "A")]).await.unwrap_err();
    assert!(refused_field(absent, "value").contains("Type a value"));
    assert_eq!(rows_of(&site.url).await, before, "nothing was stored");
    let free = refused_field(owner.add("FREE", "", "it's \"both\"").await.unwrap_err(), "value");
    assert!(free.starts_with("No env file can hold this value"), "{free}");
}

async fn a_description_changes_without_a_new_version(site: Site) {
    let owner = site.owner().await;
    owner.add("A", "", "v").await.expect("added");
    let describe = async |text: &'static str| {
        owner.call::<Vec<SecretView>>("describe_secret", &[("key", "A"), ("description", text)]).await
    };
    let listed = describe("For the tests").await.expect("described");
    assert_eq!((listed[0].version, listed[0].description.as_deref()), (1, Some("For the tests")));
    assert_eq!(describe(" ").await.expect("taken away")[0].description, None);
    let unknown = owner.call::<Vec<SecretView>>("describe_secret", &[("key", "NONE"), ("description", "x")]).await;
    assert_eq!(unknown.unwrap_err().status, 404);
}

async fn a_description_is_text_wherever_it_is_shown(site: Site) {
    let owner = site.owner().await;
    let hostile = "</textarea></p></script><form action=/sign-out>";
    owner.add("SHARED", hostile, "a-value-of-a-secret").await.expect("added");
    for path in ["/settings/secrets", "/settings/secrets?describe=SHARED"] {
        let page = owner.get(path).await.text;
        assert!(page.contains("&lt;/textarea"), "{path}: {page}");
        for part in ["</textarea></p>", "<form action=/sign-out"] {
            assert!(!page.contains(part), "{path}: {page}");
        }
    }
}

async fn a_narrower_value_and_a_tampered_record_are_told(site: Site) {
    let owner = site.owner().await;
    let (configuration, repositories) = site.configuration(&[("shop", ".")], &spec()).await;
    owner.add("A", "", "broad").await.expect("added");
    let target = format!("configuration:{configuration}");
    let scope = format!("repository:{}", repositories[0]);
    owner.save((&target, ".env", "A"), &scope, "narrow").await.expect("saved");
    let files = |listed: Vec<SecretView>| listed[0].uses[0].files.iter().map(|file| file.without).collect::<Vec<_>>();
    assert_eq!(files(owner.secrets().await), [Without::Same, Without::Same]);
    let foreign = "UPDATE secrets SET record = (SELECT record FROM root_key_check) WHERE repository_id IS NULL";
    assert_eq!(run_sql(&site.url, foreign).await, 1);
    assert!(!owner.secrets().await[0].readable);
    owner.replace("A", "again", "1").await.expect("replaced");
    assert!(owner.secrets().await[0].readable, "replacing it heals it");
}

async fn a_viewer_sees_everything_and_changes_nothing_and_others_see_nothing(site: Site) {
    let owner = site.owner().await;
    owner.add("A", "", "v").await.expect("added");
    let viewer = site.member(&site.organization().await, "vera", Role::Viewer).await;
    let mut told = owner.secrets().await;
    told.iter_mut().for_each(SecretView::hide_measures);
    assert_eq!(viewer.secrets().await, told, "all but exact lengths and fingerprints");
    let page = viewer.get("/settings/secrets").await.text;
    assert!(page.contains("You are a viewer") && !page.contains("Replace A"), "read-only, with the reason");
    let before = rows_of(&site.url).await;
    let describe = viewer.call::<Vec<SecretView>>("describe_secret", &[("key", "A"), ("description", "x")]).await;
    for refused in
        [viewer.add("B", "", "v").await, viewer.replace("A", "w", "1").await, viewer.remove("A", "1").await, describe]
    {
        assert_eq!(refused.unwrap_err().status, 403);
    }
    assert_eq!(rows_of(&site.url).await, before);
    let other = site.member(&site.other_organization().await, "mallory", Role::Owner).await;
    assert_eq!(other.secrets().await, []);
    assert_eq!(other.remove("A", "").await.expect("there is nothing of theirs"), []);
    assert_eq!(owner.secrets().await.len(), 1);
}

async fn an_agent_that_waits_for_a_key_hears_of_a_secret_that_is_added(site: Site) {
    let owner = site.owner().await;
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec()).await;
    let session = owner.work(&configuration).await.id;
    let (store, organization) = (site.keyslot.store(), site.organization().await);
    let row = store.session(&organization, &session).await.unwrap().unwrap();
    let ask = serde_json::from_value(json!({"keys": [{"key": "A"}]})).expect("an ask");
    let request = site.keyslot.ask(&organization, &row, "Agent", ask).await.expect("asked");
    owner.add("A", "", "v").await.expect("added");
    let answered = site.keyslot.request(&organization, &session, &request.id).await.expect("the request");
    assert_eq!(answered.state, domain::request::RequestState::Answered);
}

crate::on_both!(
    a_secret_is_added_upper_cased_listed_with_its_uses_and_reaches_running_sandboxes,
    a_key_that_has_a_value_is_replaced_on_purpose_only,
    what_cannot_be_a_key_or_a_value_is_refused_by_its_field,
    a_description_changes_without_a_new_version,
    a_description_is_text_wherever_it_is_shown,
    a_narrower_value_and_a_tampered_record_are_told,
    a_viewer_sees_everything_and_changes_nothing_and_others_see_nothing,
    an_agent_that_waits_for_a_key_hears_of_a_secret_that_is_added,
);
