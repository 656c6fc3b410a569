//! What the tests of the whole server share: a database on either backend, a running server, and people who use it.

mod databases;
mod listening;
mod person;
mod program;
mod sandbox;
mod site;

pub use databases::{new_folder, on_postgres, on_sqlite, rows_of, run_sql};
pub use listening::{Event, Listening};
pub use person::{Answer, Person, Refusal, cookie_of, slot, status};
pub use program::{Program, Refused, read};
pub use sandbox::{Elsewhere, until};
pub use site::{ROOT_KEY, Site, git_repository, json_spec, key, root_key};
