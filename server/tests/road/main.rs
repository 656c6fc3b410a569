//! The road, walked through the real router: each story is written once and runs on SQLite and on PostgreSQL, with
//! real git repositories and the real `keyslot` program.
#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "other tests use more of it")]
mod support;

mod agents;
mod agreement;
mod auto_start;
mod configurations;
mod conflicts;
mod connecting;
mod delivery;
mod events;
mod gate;
mod import;
mod live;
mod main_road;
mod organizations;
mod remote;
mod requests;
mod secrets;
mod sign_in;
mod snapshots;
mod starts;
mod tokens;
mod values;
mod web;

/// Makes two tests of each story `async fn(Site)`: one on a new SQLite file, one on a new PostgreSQL database.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                let story = |url: String| async move { super::$story(crate::support::Site::start(&url).await).await };
                crate::support::on_sqlite(story).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                let story = |url: String| async move { super::$story(crate::support::Site::start(&url).await).await };
                crate::support::on_postgres(story).await;
            })+
        }
    };
}
pub(crate) use on_both;
