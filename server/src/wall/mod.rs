//! What keeps programs on a workspace's content away from the server, other workspaces and the machine.
//!
//! A [`Wall`] is chosen once at start. A [`Jail`] says what one program may see; [`Wall::command`] makes the command
//! that runs it inside.

mod bubblewrap;
mod choice;
mod hand_over;
mod jail;
mod probe;
mod system;

pub use choice::{SandboxNetwork, Wall, WallChoice, WallError, WallOptions};
pub use hand_over::hand_over;
pub use jail::{Access, Bind, Jail, Limits, Network};
