//! Archives of workspaces: searched while they are written, kept in an object store, and unpacked without ever leaving
//! the folder that they are meant for. A tar archive, compressed with zstd; everything streams.

mod archive;
mod budget;
mod bundle;
mod density;
mod depot;
mod extract;
mod git_settings;
mod history;
mod inside;
mod look;
mod packed;
mod packs;
mod pipe;
mod progress;
mod running;
mod strip;

pub use archive::{Archived, Job, archive, measure};
pub use depot::{Depot, DepotError, Kept};
pub use extract::{ExtractError, extract};
pub use pipe::{Inlet, Outlet};
pub use progress::{Progress, Stopped};
