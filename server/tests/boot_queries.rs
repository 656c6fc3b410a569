//! A boot asks the database the same number of questions, however many keys there are, and a save reads the values as
//! often, however many requests it answers.
//!
//! A program of its own, because statements are counted for the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros, reason = "other tests use more of it")]
mod support;

use domain::SecretValue;
use domain::environment::Readiness;
use domain::ids::{ConfigurationId, RepositoryId};
use domain::release::ReleaseMode;
use domain::request::{Ask, RequestState};
use serde_json::json;
use server::store::{Expected, NewValue};
use std::fmt::{Debug, Write};
use std::sync::{Mutex, OnceLock, PoisonError};
use support::{Site, json_spec, key, run_sql};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use vault::{RecordIdentity, SecretScope};

/// The statements that sqlx reported since the last look, each with how many rows it gave.
static STATEMENTS: Mutex<Vec<(String, u64)>> = Mutex::new(Vec::new());
/// One story at a time, from making its database to dropping it: all of that is statements too.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

struct Counter;

#[derive(Default)]
struct Text {
    statement: String,
    rows: u64,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if matches!(field.name(), "summary" | "db.statement") {
            write!(self.statement, "{value:?} ").expect("text");
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.rows = value;
        }
    }
}

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut text = Text::default();
            event.record(&mut text);
            STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner).push((text.statement, text.rows));
        }
    }
}

/// Counts from now on.
fn count() {
    static COUNTER: OnceLock<()> = OnceLock::new();
    COUNTER.get_or_init(|| tracing_subscriber::registry().with(Counter).init());
}

fn statements() -> Vec<String> {
    statements_with_rows().into_iter().map(|(statement, _)| statement).collect()
}

fn statements_with_rows() -> Vec<(String, u64)> {
    std::mem::take(&mut *STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// How often git reports progress depends on the clock, and which of two tasks asks first on the scheduler.
/// A connection that the pool opens meanwhile sets itself up by pragmas, once for its life.
/// What is told to other processes is gathered, so its count depends on the clock too; the first boot also ends it.
fn by_chance(statement: &str) -> bool {
    ["UPDATE sessions SET state", "PRAGMA", "pg_notify", "LISTEN"].iter().any(|part| statement.contains(part))
}

/// What a work session with so many keys asks from its start to its running state, and how many keys it wrote.
async fn boot_with(site: &Site, name: &str, count: usize) -> (Vec<String>, usize) {
    let keys: Vec<_> = (0..count).map(|number| json!({"key": format!("KEY_{number}")})).collect();
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": keys}]}));
    let (configuration, repositories) = site.configuration(&[(name, ".")], &spec).await;
    let owner = site.owner().await;
    save_all(site, &repositories[0], count).await;
    let shown = owner.environment(&format!("configuration:{configuration}")).await;
    assert_eq!(shown.readiness(), Readiness::Ready);
    statements();
    let session = owner.start(&configuration, "work").await.expect("starts");
    // No questions by those who wait: they would be counted.
    site.keyslot.finish_work().await;
    let asked = statements();
    let receipt = owner.session(&session).await.expect("the session").receipt.expect("it booted");
    let mut asked: Vec<_> = asked.into_iter().filter(|text| !by_chance(text)).collect();
    asked.sort();
    (asked, receipt.written())
}

/// Saves every key, in turn for the organization and for the repository, in one batch.
async fn save_all(site: &Site, repository: &RepositoryId, count: usize) {
    let (store, organization) = (site.keyslot.store(), site.organization().await);
    let member = store.members(&organization).await.unwrap().swap_remove(0).id;
    let row = store.organization(&organization).await.unwrap().unwrap();
    let data_key = site.keyslot.vault().open_data_key(&organization, &row.data_key).unwrap();
    let scopes = [SecretScope::Organization, SecretScope::Repository(repository.clone())];
    let keys: Vec<_> = (0..count).map(|number| key(&format!("KEY_{number}"))).collect();
    let value = SecretValue::new("value".to_owned());
    let new = |(number, key)| {
        let (scope, organization, data_key, value) = (&scopes[number % 2], &organization, &data_key, &value);
        let seal = move |version| data_key.seal_value(&RecordIdentity { organization, scope, key, version }, value);
        NewValue { scope, key, expected: Expected::Any, description: None, release_to: None, seal: Box::new(seal) }
    };
    store.put_values(&organization, &member, keys.iter().enumerate().map(new).collect()).await.unwrap();
}

fn reads_values(statement: &str) -> bool {
    statement.contains("FROM secrets") || statement.contains("JOIN secrets")
}

/// How often the values are read by a save that answers so many requests of a session.
async fn save_answering(site: &Site, name: &str, requests: usize) -> usize {
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[(name, ".")], &spec).await;
    let (owner, organization) = (site.owner().await, site.organization().await);
    let session = owner.work(&configuration).await.id;
    let row = site.keyslot.store().session(&organization, &session).await.unwrap().unwrap();
    for _ in 0..requests {
        let ask: Ask = serde_json::from_value(json!({"keys": [{"key": "A"}]})).unwrap();
        site.keyslot.ask(&organization, &row, "Agent", ask).await.expect("asked");
    }
    statements();
    owner.save((&format!("session:{session}"), ".env", "A"), "session", "value").await.expect("saved");
    let asked = statements();
    let all = owner.requests(&session).await;
    assert!(all.len() == requests && all.iter().all(|one| one.state == RequestState::Answered), "{all:?}");
    asked.iter().filter(|text| reads_values(text)).count()
}

async fn a_save_that_answers_three_requests_reads_the_values_as_often_as_for_one(url: String) {
    count();
    let site = Site::start(&url).await;
    let (one, three) = (save_answering(&site, "one", 1).await, save_answering(&site, "three", 3).await);
    assert!(one > 0);
    assert_eq!(one, three);
}

/// The statements that it takes to look at an environment, at the repositories and to boot, and the rows of values that
/// they read.
async fn look_and_boot(site: &Site, configuration: &ConfigurationId) -> (usize, u64) {
    let owner = site.owner().await;
    let target = format!("configuration:{configuration}");
    statements();
    let shown = owner.environment(&target).await;
    assert_eq!(shown.releasable().len(), 1, "held: {shown:?}");
    assert!(owner.get("/").await.text.contains("shop"));
    let mut asked = statements_with_rows();
    let session = owner.start(configuration, "work").await.expect("starts");
    site.keyslot.finish_work().await;
    asked.extend(statements_with_rows());
    asked.retain(|(text, _)| !by_chance(text));
    owner.end(&session).await.expect("ends");
    site.keyslot.finish_work().await;
    let values = asked.iter().filter(|(text, _)| reads_values(text)).map(|(_, rows)| rows).sum();
    (asked.len(), values)
}

async fn ten_thousand_secrets_that_no_slot_names_cost_no_statement_and_are_not_read(url: String) {
    count();
    let site = Site::start(&url).await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "KEY_0", "required": false}]}]}));
    let (configuration, repositories) = site.configuration(&[("shop", ".")], &spec).await;
    let organization = site.organization().await;
    site.keyslot.store().set_release_mode(&organization, &configuration, ReleaseMode::Each).await.expect("sets");
    save_all(&site, &repositories[0], 10).await;
    // The first boot also ends what is told to other processes.
    look_and_boot(&site, &configuration).await;
    let few = look_and_boot(&site, &configuration).await;
    assert!(few.1 > 0, "rows are counted");
    let many = "INSERT INTO secrets
                (id, organization_id, repository_id, key, version, record, length, fingerprint, set_by, set_at)
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
                SELECT 'many' || n.i, s.organization_id, NULL, 'MANY_' || n.i, 1, s.record, 5, 'x', s.set_by, s.set_at
                FROM n CROSS JOIN secrets s WHERE s.key = 'KEY_0'";
    run_sql(&site.url, many).await;
    assert_eq!(look_and_boot(&site, &configuration).await, few);
}

async fn a_boot_of_three_hundred_keys_asks_no_more_than_one_of_three(url: String) {
    count();
    let site = Site::start(&url).await;
    let (few, written) = boot_with(&site, "few", 3).await;
    assert_eq!(written, 3);
    let (many, written) = boot_with(&site, "many", 300).await;
    assert_eq!(written, 300);
    assert!(few.iter().any(|text| reads_values(text)), "{few:#?}");
    let only = |one: &[String], other: &[String]| {
        let mut rest = other.to_vec();
        let extra =
            one.iter().filter(|text| rest.iter().position(|same| same == *text).map(|at| rest.remove(at)).is_none());
        extra.cloned().collect::<Vec<_>>()
    };
    assert!(many == few, "only with many: {:#?}; only with few: {:#?}", only(&many, &few), only(&few, &many));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_boot_of_three_hundred_keys_asks_no_more_than_one_of_three_on_sqlite() {
    let _turn = TURN.lock().await;
    support::on_sqlite(a_boot_of_three_hundred_keys_asks_no_more_than_one_of_three).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_boot_of_three_hundred_keys_asks_no_more_than_one_of_three_on_postgres() {
    let _turn = TURN.lock().await;
    support::on_postgres(a_boot_of_three_hundred_keys_asks_no_more_than_one_of_three).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_secrets_that_no_slot_names_cost_no_statement_and_are_not_read_on_sqlite() {
    let _turn = TURN.lock().await;
    support::on_sqlite(ten_thousand_secrets_that_no_slot_names_cost_no_statement_and_are_not_read).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_secrets_that_no_slot_names_cost_no_statement_and_are_not_read_on_postgres() {
    let _turn = TURN.lock().await;
    support::on_postgres(ten_thousand_secrets_that_no_slot_names_cost_no_statement_and_are_not_read).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_save_that_answers_three_requests_reads_the_values_as_often_as_for_one_on_sqlite() {
    let _turn = TURN.lock().await;
    support::on_sqlite(a_save_that_answers_three_requests_reads_the_values_as_often_as_for_one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_save_that_answers_three_requests_reads_the_values_as_often_as_for_one_on_postgres() {
    let _turn = TURN.lock().await;
    support::on_postgres(a_save_that_answers_three_requests_reads_the_values_as_often_as_for_one).await;
}
