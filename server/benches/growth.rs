//! What the product's answers cost in a larger organization: `cargo bench -p server --bench growth`, or `make bench`.
//!
//! The same database grows from 1,000 organization secrets that no spec names to 100,000. Medians of a boot, a view of
//! an environment, the repositories page, a save and the first page of unused secrets are printed for both sizes with
//! their ratio.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a program for developers")]

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "tests use more of it")]
mod support;

use domain::ids::OrganizationId;
use serde_json::json;
use server::store::SessionRow;
use std::hint::black_box;
use std::time::{Duration, Instant};
use support::{Person, Site, json_spec, run_sql};

const KEYS: usize = 20;
const FEW: usize = 1_000;
const MANY: usize = 100_000;
const ROUNDS: usize = 100;

const WHAT: [&str; 5] = ["boot, to the input", "environment", "repositories page", "save", "unused secrets"];

struct Bench {
    site: Site,
    owner: Person,
    organization: OrganizationId,
    session: SessionRow,
    target: String,
}

impl Bench {
    async fn new(url: &str) -> Self {
        let site = Site::start(url).await;
        let keys: Vec<_> = (0..KEYS).map(|number| json!({"key": format!("KEY_{number}")})).collect();
        let spec = json_spec(&json!({"files": [{"path": ".env", "keys": keys}]}));
        let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
        let owner = site.owner().await;
        let target = format!("configuration:{configuration}");
        for number in 0..KEYS {
            let value = format!("a secret of usual length, number {number}");
            owner.save((&target, ".env", &format!("KEY_{number}")), "organization", &value).await.expect("saved");
        }
        let work = owner.work(&configuration).await;
        let organization = site.organization().await;
        let session = site.keyslot.store().session(&organization, &work.id).await.expect("reads").expect("a session");
        Self { site, owner, organization, session, target }
    }

    /// Adds secrets that no spec names, with a record that does not open under their keys: nobody opens them.
    async fn grow(&self, from: usize, to: usize) {
        let statement = format!(
            "INSERT INTO secrets
             (id, organization_id, repository_id, key, version, record, length, fingerprint, set_by, set_at)
             WITH RECURSIVE n (i) AS (SELECT {} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
             SELECT 'many' || n.i, s.organization_id, NULL, 'MANY_' || n.i, 1, s.record, 5, 'x', s.set_by, s.set_at
             FROM n CROSS JOIN secrets s WHERE s.key = 'KEY_0'",
            from + 1,
        );
        assert_eq!(run_sql(&self.site.url, &statement).await, (to - from) as u64);
    }

    async fn run(&self, what: usize, round: usize) {
        match what {
            0 => {
                let opened = self.site.keyslot.opened(&self.organization, self.session.clone()).await.expect("opens");
                black_box(opened.input().expect("an input"));
            }
            1 => drop(black_box(self.owner.environment(&self.target).await)),
            2 => assert!(self.owner.get("/").await.text.contains("shop")),
            3 => {
                let value = format!("another value, number {round}");
                self.owner.save((&self.target, ".env", "KEY_1"), "organization", &value).await.expect("saved");
                self.site.keyslot.applied().await;
            }
            _ => {
                let asked = [("target", self.target.as_str())];
                let page: serde_json::Value = self.owner.call("list_unused_secrets", &asked).await.expect("a page");
                assert!(page["secrets"].as_array().is_some_and(|secrets| !secrets.is_empty()));
            }
        }
    }

    async fn medians(&self) -> Vec<Duration> {
        let mut medians = Vec::new();
        for what in 0..WHAT.len() {
            let mut times = Vec::new();
            for round in 0..ROUNDS {
                let start = Instant::now();
                self.run(what, round).await;
                times.push(start.elapsed());
            }
            times.sort();
            medians.push(times[ROUNDS / 2]);
        }
        medians
    }
}

async fn measure(database: &str, url: String) {
    let bench = Bench::new(&url).await;
    bench.grow(0, FEW).await;
    let few = bench.medians().await;
    bench.grow(FEW, MANY).await;
    let many = bench.medians().await;
    for (what, (few, many)) in WHAT.iter().zip(few.into_iter().zip(many)) {
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        println!(
            "{database:<10} {what:<20} {FEW} secrets {few:>9.1?}  {MANY} secrets {many:>9.1?}  ratio {ratio:>5.2}"
        );
    }
}

#[tokio::main]
async fn main() {
    println!("The same answers of a larger organization: medians of {ROUNDS}");
    support::on_sqlite(|url| async move { measure("SQLite", url).await }).await;
    support::on_postgres(|url| async move { measure("PostgreSQL", url).await }).await;
}
