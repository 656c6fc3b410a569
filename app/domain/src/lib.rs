//! The rules of the product: what a spec is, which value wins, how env files are read and written.
//!
//! Everything here is pure: no I/O, no clock, no randomness and no Leptos, so the server, the browser and the
//! sandbox program decide alike.

pub mod check;
pub mod command;
pub mod configuration;
pub mod discover;
pub mod dotenv;
mod env_file_name;
pub mod environment;
pub mod file_readers;
pub mod ids;
pub mod import;
pub mod key;
pub mod limits;
pub mod member;
pub mod path;
pub mod plain;
pub mod proposal;
pub mod reader;
pub mod receipt;
pub mod release;
pub mod report;
pub mod request;
pub mod resolve;
pub mod sandbox;
#[cfg(feature = "schema")]
mod schema;
pub mod secret;
pub mod secret_use;
pub mod session;
pub mod snapshot;
pub mod spec;
mod spec_check;
pub mod spec_text;
pub mod token;
pub mod warnings;
pub mod words;

pub use env_file_name::is_env_file;
pub use environment::Environment;
pub use key::KeyName;
pub use path::RelativePath;
pub use resolve::resolve;
pub use secret::SecretValue;
pub use spec::EnvSpec;
