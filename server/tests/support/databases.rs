//! A new database for each story, on either backend, and looking into it from outside.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use std::future::Future;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

const POSTGRES_VARIABLE: &str = "KEYSLOT_TEST_POSTGRES_URL";

/// A folder that goes away with the story.
pub fn new_folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Runs a story with the URL of a new SQLite file.
pub async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(story: impl FnOnce(String) -> F) {
    let folder = new_folder();
    story(format!("sqlite:{}", folder.path().join("keyslot.db").display())).await;
}

/// Runs a story with the URL of a new PostgreSQL database, which is dropped even if the story fails.
pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(story: impl FnOnce(String) -> F) {
    let server = std::env::var(POSTGRES_VARIABLE).unwrap_or_else(|_| {
        panic!("{POSTGRES_VARIABLE} is not set: run `make test`, or `end2end/with-postgres.sh cargo test …`")
    });
    let name = format!("keyslot_test_{}", Uuid::now_v7().simple());
    let mut admin = PgConnection::connect(&server).await.expect("the test server answers");
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a database");
    let mut url: Url = server.parse().expect("a URL");
    url.set_path(&name);
    let outcome = tokio::spawn(story(url.into())).await;
    admin.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.expect("dropped");
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// Changes the database behind the server's back. Answers how many rows it touched.
pub async fn run_sql(url: &str, statement: &str) -> u64 {
    let statement = AssertSqlSafe(statement.to_owned());
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.expect("connects");
        connection.execute(statement).await.expect("runs").rows_affected()
    } else {
        let mut connection = PgConnection::connect(url).await.expect("connects");
        connection.execute(statement).await.expect("runs").rows_affected()
    }
}

/// What to ask PostgreSQL about servers that listen to each other.
pub const LISTENERS: &str = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";

/// Waits until so many servers listen.
pub async fn until_listening(url: &str, count: u64) {
    let since = Instant::now();
    while run_sql(url, &format!("SELECT pid {LISTENERS}")).await < count {
        assert!(since.elapsed() < Duration::from_secs(30), "{count} listeners");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every row of every table as text, sorted: what is in the database, down to the last byte.
pub async fn rows_of(url: &str) -> Vec<String> {
    let mut rows = if url.starts_with("sqlite") { sqlite_rows(url).await } else { postgres_rows(url).await };
    rows.sort();
    rows
}

async fn sqlite_rows(url: &str) -> Vec<String> {
    let mut connection = SqliteConnection::connect(url).await.expect("connects");
    let tables = "SELECT m.name, group_concat('quote(\"' || c.name || '\")', ' || '','' || ')
        FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' GROUP BY m.name";
    let tables: Vec<(String, String)> = sqlx::query_as(tables).fetch_all(&mut connection).await.expect("tables");
    let mut rows = Vec::new();
    for (table, columns) in tables {
        let select = AssertSqlSafe(format!("SELECT {columns} FROM \"{table}\""));
        let found: Vec<String> = sqlx::query_scalar(select).fetch_all(&mut connection).await.expect("rows");
        rows.extend(found.into_iter().map(|row| format!("{table}: {row}")));
    }
    rows
}

async fn postgres_rows(url: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(url).await.expect("connects");
    let tables = "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.expect("tables");
    let mut rows = Vec::new();
    for table in tables {
        let select = AssertSqlSafe(format!("SELECT CAST(row_to_json(t) AS TEXT) FROM {table} t"));
        let found: Vec<String> = sqlx::query_scalar(select).fetch_all(&mut connection).await.expect("rows");
        rows.extend(found.into_iter().map(|row| format!("{table}: {row}")));
    }
    rows
}
