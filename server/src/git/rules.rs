//! What this server may read repositories from, as its administrator set it.

use crate::config::Config;
use domain::member::Role;
use std::path::{Path, PathBuf};

/// Who may connect folders of the server.
pub const FOLDER_ROLE: Role = Role::Admin;

/// What repositories may be read from.
#[derive(Clone, Debug)]
pub struct Rules {
    folders: Folders,
    /// The data folder, which is never read.
    data: PathBuf,
    private_hosts: bool,
    named_hosts: Vec<String>,
}

/// Folders of the server that may be connected.
#[derive(Clone, Debug)]
enum Folders {
    All,
    Below(Vec<PathBuf>),
}

impl Rules {
    /// The rules that follow from the settings. A server that only this machine reaches serves whoever works on it:
    /// there folders and private hosts are no secret.
    pub fn new(config: &Config) -> Self {
        let local = config.is_local();
        let named = !config.allow_local.is_empty();
        Self {
            folders: if local && !named { Folders::All } else { Folders::Below(config.allow_local.clone()) },
            data: config.data.clone(),
            private_hosts: local,
            named_hosts: config.allow_private_hosts.iter().map(|host| host.trim().to_ascii_lowercase()).collect(),
        }
    }

    /// Whether hosts of private networks may be reached.
    pub(super) fn allows_private_hosts(&self) -> bool {
        self.private_hosts
    }

    /// Whether the administrator allowed this host, wherever it lies.
    pub(super) fn names_host(&self, host: &str) -> bool {
        self.named_hosts.iter().any(|named| named == host)
    }

    /// The data folder.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// The folders that may be connected; none where all may.
    pub(super) fn folders(&self) -> Option<&[PathBuf]> {
        match &self.folders {
            Folders::All => None,
            Folders::Below(folders) => Some(folders),
        }
    }
}
