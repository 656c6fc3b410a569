//! The store: everything that is kept, on SQLite or on PostgreSQL.
//!
//! # One way for both databases
//!
//! sqlx's checked macros bind a crate to one database and its `Any` driver knows neither JSON nor all errors, so the
//! store does this: [`Db`] is an enum over the two pools, every SQL text is written **once**, in the subset which both
//! understand, and the macros of the private module `sql` run that text on whichever pool there is. The subset:
//!
//! - `$1` placeholders, `RETURNING`, `ON CONFLICT … DO UPDATE`, window functions;
//! - identifiers are TEXT (UUID version 7), times are BIGINT (milliseconds since 1970 UTC), counters are BIGINT;
//! - bytes are BYTEA or BLOB, JSON goes through `sqlx::types::Json` (JSONB on PostgreSQL, TEXT on SQLite);
//! - a row that must not change under a transaction is locked by writing it first (`UPDATE … SET id = id`), which
//!   locks on PostgreSQL and costs nothing on SQLite, where a write transaction is alone anyway.
//!
//! What really differs stands in the private module `dialect`, with the reason beside it. Every test of
//! `tests/store_contract.rs` runs on both.
//!
//! # Organizations
//!
//! Every method takes the organization first and every statement is scoped by it; composite foreign keys keep rows
//! of one organization from pointing into another. The exceptions are the ways in, where the organization is what one
//! wants to know: [`Store::organizations`], [`Store::use_sign_in_link`], [`Store::web_session`] and
//! [`Store::token_bearer`].
//!
//! # Durability
//!
//! SQLite runs in WAL mode with `synchronous = FULL`: when a person is told "saved", the value survives a power cut.
//! Writes are rare here (people type them), so the sync per commit is cheap.

mod auto_start;
mod chosen_readers;
mod configuration_edits;
mod configurations;
mod connect;
mod dialect;
mod error;
mod form_problems;
mod gate;
mod guesses;
mod hand_overs;
mod members;
mod notify;
mod old_sessions;
mod organizations;
mod plain_keys;
mod probe;
mod proposals;
mod reach;
mod receipts;
mod releases;
mod replaced_values;
mod repositories;
mod requests;
mod sandboxes;
mod session_tokens;
mod sessions;
mod sign_in;
mod snapshot_saves;
mod snapshots;
mod spec_keys;
mod specs;
mod sql;
mod threads;
mod unlock;
mod value_reads;
mod value_row;
mod values;

pub use chosen_readers::Chooser;
pub use configurations::{AttachedRow, BootPolicy, ConfigurationRow, Finish, NewAttachment, NewConfiguration};
pub use connect::Store;
pub use error::StoreError;
pub use hand_overs::GivenValue;
pub use members::{MemberRow, Role};
pub use notify::Notices;
pub use organizations::OrganizationRow;
pub use proposals::{Decision, NewProposal, Proposed};
pub use reach::Reach;
pub use receipts::ReceiptRow;
pub use replaced_values::SealedValue;
pub use repositories::{NewRepository, RepositoryRow};
pub use requests::NewRequest;
pub use sandboxes::{SandboxKind, SandboxRow};
pub use session_tokens::{NewSessionToken, SessionTokenRow, TokenBearer};
pub use sessions::{ConfigurationSession, NewSession, SessionKind, SessionRow, SessionUpdate};
pub use sign_in::{SignedIn, TokenHash};
pub use snapshot_saves::{NewSnapshot, SnapshotEnd, SnapshotEnded, SnapshotProgress, Then};
pub use snapshots::SnapshotRow;
pub use specs::{SavedSpec, SpecRow};
pub use threads::ThreadEntry;
pub use unlock::UnlockError;
pub use value_reads::{Keys, ValueRow};
pub use values::{Expected, NewValue};
