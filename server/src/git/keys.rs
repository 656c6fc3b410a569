//! The SSH keys of the user that this server runs as, lent to one git process behind the wall.

use crate::config::make_private_folder;
use crate::wall::{Jail, Wall, hand_over};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Where ssh looks for keys behind the wall.
const INSIDE: &str = "/home/sandbox/.ssh";
const AGENT: &str = "/run/ssh-agent";
/// Keys of hosts that this machine knows, for all its users.
const KNOWN_HOSTS: &str = "/etc/ssh/ssh_known_hosts";
/// Larger files are no keys.
const KEY_BYTES: u64 = 256 * 1024;

/// Keys, and who knows more.
pub(super) struct Keys {
    folder: Option<PathBuf>,
    agent: Option<PathBuf>,
    /// A copy for the user that programs are behind the wall, gone with this.
    _copy: Option<TempDir>,
}

impl Keys {
    /// Those in `~/.ssh`, and the SSH agent. Behind the wall of a server that runs as root git is another user, who may
    /// read only a copy; no agent answers that user.
    pub fn of_this_user(wall: &Wall, temporary: &Path) -> io::Result<Self> {
        let folder = std::env::var_os("HOME").map(|home| Path::new(&home).join(".ssh")).filter(|at| at.is_dir());
        let agent = std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from).filter(|at| at.exists());
        if !rustix::process::geteuid().is_root() || matches!(wall, Wall::Off) {
            return Ok(Self { folder, agent, _copy: None });
        }
        let Some(folder) = folder else { return Ok(Self { folder: None, agent: None, _copy: None }) };
        let copy = copied(&folder, temporary)?;
        hand_over(copy.path())?;
        Ok(Self { folder: Some(copy.path().to_owned()), agent: None, _copy: Some(copy) })
    }

    /// Shows them to a program.
    pub fn lend(&self, mut jail: Jail, wall: &Wall) -> Jail {
        if let Some(folder) = &self.folder {
            jail = jail.read(folder, INSIDE);
        }
        if let Some(agent) = &self.agent {
            let inside = wall.path(agent, Path::new(AGENT)).to_owned();
            jail = jail.read(agent, AGENT).env("SSH_AUTH_SOCK", inside);
        }
        if Path::new(KNOWN_HOSTS).exists() {
            jail = jail.read(KNOWN_HOSTS, KNOWN_HOSTS);
        }
        jail
    }
}

/// The files of a folder, with their modes, in a new one.
fn copied(folder: &Path, temporary: &Path) -> io::Result<TempDir> {
    make_private_folder(temporary)?;
    let private = fs::Permissions::from_mode(0o700);
    let copy = tempfile::Builder::new().permissions(private).tempdir_in(temporary)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = fs::metadata(entry.path());
        if about.is_ok_and(|about| about.is_file() && about.len() <= KEY_BYTES) {
            fs::copy(entry.path(), copy.path().join(entry.file_name()))?;
        }
    }
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_keys_is_private_and_goes_away() {
        let (folder, temporary) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let key = folder.path().join("id_ed25519");
        fs::write(&key, "key").expect("a file");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a mode");
        fs::create_dir(folder.path().join("sockets")).expect("a folder");
        let copy = copied(folder.path(), temporary.path()).expect("a copy");
        let names: Vec<_> = fs::read_dir(copy.path()).expect("it").flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(names, ["id_ed25519"]);
        for path in [copy.path().to_owned(), copy.path().join("id_ed25519")] {
            let mode = fs::metadata(path).expect("it").permissions().mode();
            assert_eq!(mode & 0o077, 0, "nobody else reads it");
        }
        drop(copy);
        assert_eq!(fs::read_dir(temporary.path()).expect("the folder").count(), 0);
    }
}
