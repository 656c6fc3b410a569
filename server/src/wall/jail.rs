//! What one program behind the wall may see and use.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

const MIB: u64 = 1024 * 1024;

/// One program to run behind the wall.
///
/// Paths in arguments, the environment and the working directory are the ones *inside*; [`super::Wall::path`] says how a
/// folder is called there.
#[derive(Clone, Debug)]
pub struct Jail {
    pub(super) program: OsString,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) directory: PathBuf,
    pub(super) binds: Vec<Bind>,
    pub(super) network: Network,
    pub(super) limits: Limits,
}

/// A file or folder of the host that exists inside, at a path of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// The path on the host.
    pub host: PathBuf,
    /// The path inside; absolute.
    pub inside: PathBuf,
    /// What may be done with it.
    pub access: Access,
}

/// What a program may do with a bound file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read only.
    Read,
    /// Read and write. A server that runs as root must have handed the folder over: [`super::hand_over`].
    Write,
}

/// Whether a program reaches the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// As the administrator configured it (`--sandbox-network`).
    Configured,
    /// Always: the program is there to fetch something.
    Host,
    /// Never; not even the loopback addresses of the host.
    None,
}

/// What a program and everything that it starts may use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Processes and threads, together.
    pub processes: u64,
    /// Writable memory of each process, in bytes.
    pub memory: u64,
    /// Open files of each process.
    pub files: u64,
    /// Size of a file that is written, in bytes.
    pub file_size: u64,
    /// Bytes in each folder that lies in memory: `/tmp`, HOME and `/dev/shm`.
    pub scratch: u64,
}

impl Default for Limits {
    /// Enough to install dependencies and to serve an application while it is developed.
    fn default() -> Self {
        Self { processes: 2048, memory: 8 * 1024 * MIB, files: 16_384, file_size: 16 * 1024 * MIB, scratch: 1024 * MIB }
    }
}

impl Jail {
    /// A program, by its name or its absolute path. It starts in `/`, sees the system alone and writes nowhere.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: PathBuf::from("/"),
            binds: Vec::new(),
            network: Network::Configured,
            limits: Limits::default(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets a variable. Nothing is inherited: beside these there are PATH, HOME, USER, LOGNAME, TMPDIR and the language.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The working directory.
    #[must_use]
    pub fn directory(mut self, inside: impl AsRef<Path>) -> Self {
        self.directory = inside.as_ref().to_owned();
        self
    }

    /// Makes a file or folder of the host readable inside.
    #[must_use]
    pub fn read(self, host: impl AsRef<Path>, inside: impl AsRef<Path>) -> Self {
        self.bind(host.as_ref(), inside.as_ref(), Access::Read)
    }

    /// Makes a folder of the host writable inside.
    #[must_use]
    pub fn write(self, host: impl AsRef<Path>, inside: impl AsRef<Path>) -> Self {
        self.bind(host.as_ref(), inside.as_ref(), Access::Write)
    }

    /// Says whether it reaches the network.
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// Sets its limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    fn bind(mut self, host: &Path, inside: &Path, access: Access) -> Self {
        self.binds.push(Bind { host: host.to_owned(), inside: inside.to_owned(), access });
        self
    }
}
