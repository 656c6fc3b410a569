//! What a boot costs: `cargo bench -p server`, or `make bench`.
//!
//! A boot of 20 keys on SQLite and on PostgreSQL, beside a baseline in the same run: the raw loop, which reads the
//! same rows with plain sqlx, opens them with the data key and does nothing else. Both take turns, so that whatever
//! else the machine does hits both; the medians are printed with their ratio.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a program for developers")]

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "tests use more of it")]
mod support;

use domain::KeyName;
use domain::ids::{OrganizationId, RepositoryId};
use domain::receipt::Occasion;
use serde_json::json;
use server::store::SessionRow;
use sqlx::{PgPool, SqlitePool};
use std::hint::black_box;
use std::time::{Duration, Instant};
use support::{Site, json_spec};
use vault::{DataKey, RecordIdentity, SecretScope};

const KEYS: usize = 20;
const OPENINGS: usize = 300;
const APPLIES: usize = 60;

const SPEC: &str = "SELECT CAST(spec AS TEXT) FROM env_specs WHERE organization_id = $1 ORDER BY version DESC LIMIT 1";
const VALUES: &str =
    "SELECT key, repository_id, version, record FROM secrets WHERE organization_id = $1 AND record IS NOT NULL";

type Columns = (String, Option<String>, i64, Vec<u8>);

/// The database, without anything of the product in between.
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

macro_rules! read {
    ($pool:expr, $organization:expr) => {{
        let spec: String =
            sqlx::query_scalar(SPEC).bind($organization.as_str()).fetch_one($pool).await.expect("a spec");
        let rows: Vec<Columns> =
            sqlx::query_as(VALUES).bind($organization.as_str()).fetch_all($pool).await.expect("rows");
        (spec, rows)
    }};
}

struct Bench {
    site: Site,
    pool: Pool,
    organization: OrganizationId,
    data_key: DataKey,
    session: SessionRow,
}

impl Bench {
    async fn new(url: &str) -> Self {
        let site = Site::start(url).await;
        let keys: Vec<_> = (0..KEYS).map(|number| json!({"key": format!("KEY_{number}")})).collect();
        let spec = json_spec(&json!({"files": [{"path": ".env", "keys": keys}]}));
        let (configuration, repositories) = site.configuration(&[("shop", ".")], &spec).await;
        let owner = site.owner().await;
        let (target, repository) =
            (format!("configuration:{configuration}"), format!("repository:{}", repositories[0]));
        for number in 0..KEYS {
            let scope = if number % 2 == 0 { "organization" } else { &repository };
            let value = format!("a secret of usual length, number {number}");
            owner.save((&target, ".env", &format!("KEY_{number}")), scope, &value).await.expect("saved");
        }
        let work = owner.work(&configuration).await;
        let organization = site.organization().await;
        let session = site.keyslot.store().session(&organization, &work.id).await.expect("reads").expect("a session");
        let row = site.keyslot.store().organization(&organization).await.expect("reads").expect("an organization");
        let data_key = site.keyslot.vault().open_data_key(&organization, &row.data_key).expect("the data key");
        let pool = match url.starts_with("sqlite") {
            true => Pool::Sqlite(SqlitePool::connect(url).await.expect("connects")),
            false => Pool::Postgres(PgPool::connect(url).await.expect("connects")),
        };
        Self { site, pool, organization, data_key, session }
    }

    /// The baseline: the same rows, read and opened.
    async fn raw(&self) {
        let (spec, rows) = match &self.pool {
            Pool::Sqlite(pool) => read!(pool, self.organization),
            Pool::Postgres(pool) => read!(pool, self.organization),
        };
        black_box(spec);
        assert_eq!(rows.len(), KEYS);
        for (key, repository, version, record) in rows {
            let key = KeyName::new(key).expect("a key");
            let scope = repository.map(RepositoryId::from).map_or(SecretScope::Organization, SecretScope::Repository);
            let identity = RecordIdentity { organization: &self.organization, scope: &scope, key: &key, version };
            black_box(self.data_key.open(&identity, &record).expect("opens"));
        }
    }

    /// A boot up to what the sandbox is handed.
    async fn input(&self) {
        let opened = self.site.keyslot.opened(&self.organization, self.session.clone()).await.expect("opens");
        black_box(opened.input().expect("an input"));
    }

    /// A boot with the sandbox program, the written file and the recorded receipt.
    async fn apply(&self) {
        let applied = self.site.keyslot.apply(&self.organization, self.session.clone(), Occasion::Boot).await;
        assert_eq!(applied.expect("applies").written(), KEYS);
    }

    fn take_file_away(&self) {
        std::fs::remove_file(self.site.workspace(&self.session.id).join(".env")).expect("the file was written");
    }
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    work.await;
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn print(database: &str, what: &str, raw: Vec<Duration>, boot: Vec<Duration>) {
    let (rounds, raw, boot) = (raw.len(), median(raw), median(boot));
    let ratio = boot.as_secs_f64() / raw.as_secs_f64();
    println!("{database:<10} {what:<22} boot {boot:>9.1?}  raw {raw:>9.1?}  ratio {ratio:>6.2}  ({rounds} rounds)");
}

async fn measure(database: &str, url: String) {
    let bench = Bench::new(&url).await;
    bench.raw().await;
    bench.input().await;
    let (mut raw, mut boot) = (Vec::new(), Vec::new());
    for _ in 0..OPENINGS {
        raw.push(timed(bench.raw()).await);
        boot.push(timed(bench.input()).await);
    }
    print(database, "to the input", raw, boot);
    let (mut raw, mut boot) = (Vec::new(), Vec::new());
    for _ in 0..APPLIES {
        bench.take_file_away();
        raw.push(timed(bench.raw()).await);
        boot.push(timed(bench.apply()).await);
    }
    print(database, "with keyslot env apply", raw, boot);
}

#[tokio::main]
async fn main() {
    println!("A boot of {KEYS} keys against the raw loop: medians");
    support::on_sqlite(|url| async move { measure("SQLite", url).await }).await;
    support::on_postgres(|url| async move { measure("PostgreSQL", url).await }).await;
}
