//! Why a repository could not be connected or cloned, in words for people.

use crate::wall::WallError;
use domain::RelativePath;

/// Why a repository could not be connected or cloned.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The text is no address that may be used.
    #[error("{0}")]
    Address(&'static str),
    /// The host lies in a network that the server does not connect to.
    #[error(
        "{0} is an address of this server's own network, and repositories are not read from there. The administrator \
         can allow this host with --allow-private-host."
    )]
    PrivateHost(String),
    /// Folders of the server are not connected here.
    #[error(
        "This server connects no folders of its own. Give a git URL; or ask the administrator to allow a folder with \
         --allow-local."
    )]
    FoldersOff,
    /// The folder is none of those that may be connected.
    #[error(
        "{0} is not in a folder that this server may connect. Ask the administrator to allow it with --allow-local."
    )]
    FolderNotAllowed(String),
    /// The folder is Keyslot's own.
    #[error("{0} belongs to Keyslot's own data, which is never connected. Give another folder.")]
    OwnFolder(String),
    /// There is no repository at the address.
    #[error("There is no git repository at {0}. Check the spelling; for a local one give the whole path.")]
    NotFound(String),
    /// The network or the host failed. One wording, whatever it was: nobody explores a network by the answers.
    #[error(
        "{0} could not be reached, or does not answer as a git server. Check the address and the network; redirects \
         are not followed."
    )]
    Unreachable(String),
    /// The host wants a sign-in that this server does not have.
    #[error(
        "{0} needs a sign-in that this server does not have. Use its SSH address, and give this server's user a key \
         and the host's entry in known_hosts; then try again."
    )]
    NoAccess(String),
    /// git refuses a folder that belongs to another user.
    #[error("git refuses {0}, because the folder belongs to another user. Change its owner.")]
    ForeignOwner(String),
    /// The repository has no commit yet.
    #[error("The repository at {0} has no commits yet. Push a first one, then connect it.")]
    Empty(String),
    /// Something is in the way.
    #[error(
        "{0} cannot be checked out at its workspace path: the repository around it has something there. \
         Give one of the two another path in the configuration."
    )]
    Occupied(String),
    /// It took too long.
    #[error("{0} did not answer in time. Try again, or check the network.")]
    Timeout(String),
    /// Too many others are asked for at once.
    #[error("This server is busy with other repositories. Try again in a minute.")]
    Busy,
    /// It has more bytes than a workspace may have.
    #[error(
        "{location} makes the workspace larger than {megabytes} MB, which is as much as this server allows. The \
         administrator can raise it with --max-workspace-mb."
    )]
    TooLarge {
        /// The address.
        location: String,
        /// The limit.
        megabytes: u64,
    },
    /// The disk is full.
    #[error("The disk of this server is full. Free some space, then start a new session.")]
    NoSpace,
    /// git could not be started.
    #[error("git could not be started on this server: it is not installed, or not on the PATH.")]
    NoGit(#[source] std::io::Error),
    /// A folder for the checkout could not be made or moved.
    #[error("the checkout at {place} could not be put into the workspace")]
    Place {
        /// Where it belongs.
        place: RelativePath,
        /// Why.
        #[source]
        reason: std::io::Error,
    },
    /// There is no wall for git to run behind.
    #[error(transparent)]
    Wall(#[from] WallError),
    /// The server's own disk fails.
    #[error("git's files could not be read or written")]
    Disk(#[source] std::io::Error),
    /// git may not read a folder, or it is no whole repository.
    #[error(
        "git cannot read the repository at {0}. Check that everybody may read its folder: git runs as a user without \
         rights of its own."
    )]
    Unreadable(String),
    /// Anything else about a folder of the server; the text is git's own last line.
    #[error("git could not read {location}: {reason}")]
    Other {
        /// The address.
        location: String,
        /// git's own words.
        reason: String,
    },
}

impl GitError {
    /// Whether it is the server's own fault, whose cause belongs into the log.
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::Disk(_) | Self::Place { .. })
    }
}
