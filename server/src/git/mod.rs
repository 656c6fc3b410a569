//! git, as this server uses it on what comes from outside: always with settings of ours alone, and inside the wall.

mod address;
mod calls;
mod error;
mod explain;
mod folders;
mod hosts;
mod keys;
mod output;
mod place;
mod rules;
mod scratch;
mod settings;
mod source;
mod submodules;

pub use address::{Address, HostAddress, Scheme};
pub use calls::{Found, Git};
pub use error::GitError;
pub use place::Place;
pub use rules::{FOLDER_ROLE, Rules};
pub use scratch::{Borrowed, Hash, Scratch};
