//! What the store promises, on SQLite and on PostgreSQL alike: each story is written once and runs on both.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod configurations;
mod connect;
mod isolation;
mod people;
mod proposals;
mod releases;
mod requests;
mod sandboxes;
mod sessions;
mod specs;
mod support;
mod tokens;
mod unlock;
mod values;

/// Makes two tests of each story `async fn(Desk)`: one on a new SQLite file, one on a new PostgreSQL database.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                crate::support::on_sqlite(super::$story).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                crate::support::on_postgres(super::$story).await;
            })+
        }
    };
}
pub(crate) use on_both;
