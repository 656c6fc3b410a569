//! Which wall is in force.

use super::bubblewrap::Bubblewrap;
use super::jail::Jail;
use super::probe;
use crate::config::Config;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::process::Command;

/// Settings of the wall.
#[derive(Args, Clone, Debug, Default)]
pub struct WallOptions {
    /// What keeps programs in workspaces apart from this machine: bubblewrap, or nothing. Without bubblewrap such
    /// programs are refused unless this is "none".
    #[arg(long, env = "KEYSLOT_WALLS", value_enum, default_value_t, global = true)]
    pub walls: WallChoice,
    /// Network of programs in workspaces: this machine's, or none.
    #[arg(long, env = "KEYSLOT_SANDBOX_NETWORK", value_enum, default_value_t, global = true)]
    pub sandbox_network: SandboxNetwork,
    /// More folders that programs in workspaces may read, such as toolchains; separated by ":".
    #[arg(long, env = "KEYSLOT_SANDBOX_READ", value_delimiter = ':', value_name = "FOLDER", global = true)]
    pub sandbox_read: Vec<PathBuf>,
}

/// What the administrator wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum WallChoice {
    /// Bubblewrap; without it programs in workspaces are refused.
    #[default]
    Auto,
    /// No wall: programs in workspaces run as the server's own user.
    None,
}

/// The network of programs in workspaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SandboxNetwork {
    /// The one of this machine, its loopback addresses included.
    #[default]
    Host,
    /// None.
    None,
}

/// The wall that is in force, chosen once at start. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Wall {
    /// Bubblewrap, which was proved to work.
    Bubblewrap(Arc<Bubblewrap>),
    /// No wall, by the administrator's choice.
    Off,
    /// No wall can be built here, so nothing is run.
    Missing {
        /// Why, as a sentence without a full stop.
        reason: Arc<str>,
    },
}

/// Why a program was not run.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WallError {
    /// There is no wall to run it behind.
    #[error(
        "This server runs no programs in workspaces, because it cannot keep them apart from the rest of the machine: \
         {0}. Install bubblewrap and restart the server, or start it with --walls none to run them without protection."
    )]
    Missing(Arc<str>),
}

impl Wall {
    /// Chooses the wall and proves that it works.
    pub async fn choose(config: &Config) -> Self {
        if config.walls.walls == WallChoice::None {
            return Self::Off;
        }
        match Bubblewrap::find(config) {
            Ok(found) => {
                let found = Arc::new(found);
                match probe::try_out(&found).await {
                    Ok(()) => Self::Bubblewrap(found),
                    Err(reason) => Self::Missing { reason: reason.into() },
                }
            }
            Err(reason) => Self::Missing { reason: reason.into() },
        }
    }

    /// The command that runs a program behind the wall, in a process group of its own, killed when its handle is
    /// dropped. When its first process is killed, everything that it started is gone too.
    ///
    /// It dies with the *thread* that spawns it: spawn it on a worker of the runtime, or on a thread that waits for it.
    pub fn command(&self, jail: &Jail) -> Result<Command, WallError> {
        match self {
            Self::Bubblewrap(wall) => Ok(wall.command(jail)),
            Self::Off => Ok(open_command(jail)),
            Self::Missing { reason } => Err(WallError::Missing(reason.clone())),
        }
    }

    /// Refuses where [`Wall::command`] would.
    pub fn require(&self) -> Result<(), WallError> {
        match self {
            Self::Missing { reason } => Err(WallError::Missing(reason.clone())),
            Self::Bubblewrap(_) | Self::Off => Ok(()),
        }
    }

    /// How a program is to name a bound file or folder: by its path inside, or, without a wall, by the one of the host.
    pub fn path<'a>(&self, host: &'a Path, inside: &'a Path) -> &'a Path {
        match self {
            Self::Bubblewrap(_) => inside,
            Self::Off | Self::Missing { .. } => host,
        }
    }
}

/// A command without a wall, which still inherits nothing of Keyslot's.
fn open_command(jail: &Jail) -> Command {
    let mut command = Command::new(&jail.program);
    command.args(&jail.arguments).env_clear().kill_on_drop(true).process_group(0);
    let inherited = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"];
    command.envs(inherited.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.envs(jail.environment.iter().map(|(name, value)| (name, value)));
    // The working directory is a path inside; without a wall there is only the host's.
    let bound =
        jail.binds.iter().find_map(|bind| Some(bind.host.join(jail.directory.strip_prefix(&bind.inside).ok()?)));
    command.current_dir(bound.as_deref().unwrap_or(&jail.directory));
    command
}
