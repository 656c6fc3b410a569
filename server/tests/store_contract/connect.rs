//! Opening a database, and what must not be told about it.

use crate::support::Desk;
use server::store::{Store, StoreError};
use sqlx::{Connection, SqliteConnection};

async fn the_store_shows_only_which_database_it_is(desk: Desk) {
    let shown = format!("{:?}", desk.store);
    assert!(["Store(SQLite)", "Store(PostgreSQL)"].contains(&shown.as_str()), "{shown}");
}

crate::on_both!(the_store_shows_only_which_database_it_is);

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_without_its_password() {
    let urls = [
        "postgres://keyslot:hunter2@127.0.0.1:1/none",
        "postgres://keyslot:hunter2@127.0.0.1:port/none",
        "postgres://keyslot:hunter2@127.0.0.1/none?sslmode=hunter",
        "mysql://keyslot:hunter2@127.0.0.1/none",
        "keyslot:hunter2",
        "hunter2",
    ];
    for url in urls {
        let error = Store::connect(url).await.expect_err(url);
        let told = format!("{error} {error:?}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_named_with_the_reason() {
    let error = Store::connect("postgres://keyslot:hunter2@127.0.0.1:1/none").await.expect_err("refused").to_string();
    assert!(error.contains("none at 127.0.0.1:1") && error.contains("refused"), "{error}");
    let error = Store::connect("sqlite:/nonexistent/keyslot.db").await.expect_err("no folder").to_string();
    assert!(error.contains("/nonexistent/keyslot.db") && error.contains("unable to open"), "{error}");
}

#[tokio::test]
async fn sqlite_in_memory_is_refused() {
    for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite:x?mode=memory"] {
        let error = Store::connect(url).await.expect_err(url);
        assert!(matches!(error, StoreError::Url(_)), "{error}");
    }
}

#[tokio::test]
async fn sqlite_runs_in_wal_mode() {
    let directory = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite:{}", directory.path().join("keyslot.db").display());
    let store = Store::connect(&url).await.expect("connects");
    store.ping().await.expect("answers");
    let mut connection = SqliteConnection::connect(&url).await.expect("connects");
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut connection).await.expect("a mode");
    assert_eq!(mode, "wal");
}
