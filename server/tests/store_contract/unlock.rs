//! Starting on a database: the root key first, everything else after.

use crate::support::{Desk, at_once, other_root_key, root_key};
use server::store::{Store, UnlockError};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use vault::RootKeyError;

const WRONG: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

async fn the_next_start_opens_what_the_first_one_made(desk: Desk) {
    let store = Store::connect(&desk.url).await.unwrap();
    store.ping().await.unwrap();
    let vault = store
        .unlock(|may_create| {
            assert!(!may_create, "this database was set up: a new root key could only be a wrong one");
            Ok(root_key())
        })
        .await
        .expect("unlocks");
    let organization = store.organization(&desk.organization).await.unwrap().unwrap();
    assert!(vault.open_data_key(&desk.organization, &organization.data_key).is_ok());
    store.close().await;
    assert!(store.ping().await.is_err());
}

async fn a_wrong_root_key_refuses_before_the_tables_are_touched(desk: Desk) {
    // As an older version would have left it, before the second migration.
    desk.store.close().await;
    let tables = tables(&desk.url).await;
    let older = ["_sqlx_migrations", "root_key_check"];
    for table in tables.iter().filter(|table| !older.contains(&table.as_str())).rev() {
        run(&desk.url, format!("DROP TABLE {table}")).await;
    }
    run(&desk.url, "DELETE FROM _sqlx_migrations WHERE version > 1".to_owned()).await;
    let store = Store::connect(&desk.url).await.unwrap();
    let refused = store.unlock(|_| Ok(other_root_key(WRONG))).await.err().expect("refused");
    assert!(matches!(refused, UnlockError::RootKey(RootKeyError::Wrong { .. })), "{refused}");
    assert!(refused.to_string().contains("does not open this database; nothing was changed"), "{refused}");
    assert_eq!(self::tables(&desk.url).await, older);
    assert!(store.unlock(|_| Ok(root_key())).await.is_ok(), "the right root key still opens it");
    assert_eq!(self::tables(&desk.url).await, tables);
}

async fn instances_that_start_together_agree_on_one_root_key(desk: Desk) {
    desk.store.close().await;
    for table in tables(&desk.url).await.iter().rev() {
        run(&desk.url, format!("DROP TABLE {table}")).await;
    }
    let starts = (0..6).map(|number| {
        let url = desk.url.clone();
        async move {
            let store = Store::connect(&url).await.unwrap();
            let text = if number % 2 == 0 { WRONG.to_owned() } else { WRONG.replace('f', "e") };
            (number % 2, store.unlock(|_| Ok(other_root_key(&text))).await.map(|_| ()))
        }
    });
    let results = at_once(starts).await;
    let winners: Vec<_> = results.iter().filter(|(_, result)| result.is_ok()).map(|(key, _)| *key).collect();
    assert!(winners == [0, 0, 0] || winners == [1, 1, 1], "{results:?}");
    let wrong = |result: &Result<(), _>| matches!(result, Err(UnlockError::RootKey(RootKeyError::Wrong { .. })));
    assert_eq!(results.iter().filter(|(_, result)| wrong(result)).count(), 3, "{results:?}");
}

async fn tables(url: &str) -> Vec<String> {
    let sqlite = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let postgres = "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename";
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sqlite).fetch_all(&mut connection).await.unwrap()
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(postgres).fetch_all(&mut connection).await.unwrap()
    }
}

/// Runs a statement on a connection that does not mind references to dropped tables.
async fn run(url: &str, statement: String) {
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        connection.execute("PRAGMA foreign_keys = OFF").await.unwrap();
        connection.execute(AssertSqlSafe(statement)).await.unwrap();
    } else {
        let cascade = if statement.starts_with("DROP") { " CASCADE" } else { "" };
        let mut connection = PgConnection::connect(url).await.unwrap();
        connection.execute(AssertSqlSafe(statement + cascade)).await.unwrap();
    }
}

crate::on_both!(
    the_next_start_opens_what_the_first_one_made,
    a_wrong_root_key_refuses_before_the_tables_are_touched,
    instances_that_start_together_agree_on_one_root_key,
);
