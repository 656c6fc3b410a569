//! What the tests of the whole server share: a database on either backend, a running server, and people who use it.

mod databases;
mod listening;
mod person;
mod program;
mod running;
mod sandbox;
mod site;

pub use databases::{LISTENERS, new_folder, on_postgres, on_sqlite, rows_of, run_sql, until_listening};
pub use listening::{Event, Listening};
pub use person::{Answer, HOST, Person, Refusal, cookie_of, pending, slot, status};
pub use program::{Program, Refused, read};
pub use running::Running;
pub use sandbox::{Elsewhere, keyslot_program, until};
pub use site::{ROOT_KEY, Site, git_repository, json_spec, key, root_key};

/// Makes two tests of each story `async fn(Site)`: one on a new SQLite file, one on a new PostgreSQL database.
#[allow(unused_macros, reason = "some tests have only one database")]
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
