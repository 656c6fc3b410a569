//! A repository of ours, empty and gone after its use, in which git looks at objects that came from a workspace: no
//! setting, hook or link of the workspace's own repository counts.

use super::settings::Settings;
use crate::config::make_private_folder;
use crate::wall::{Jail, Network, Wall, hand_over};
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const INSIDE: &str = "/scratch";
const WORKSPACE: &str = "/borrowed";
/// Larger objects are streamed instead of held in memory.
const LARGE: &str = "16m";

/// The repository.
pub struct Scratch<'a> {
    folder: TempDir,
    wall: &'a Wall,
}

/// How the ids of objects are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// 40 digits.
    Sha1,
    /// 64 digits.
    Sha256,
}

/// A workspace of which git reads one repository.
pub struct Borrowed<'a> {
    /// The workspace.
    pub workspace: &'a Path,
    /// The git folder, from the workspace down.
    pub git: &'a str,
}

impl<'a> Scratch<'a> {
    /// A new one in `temporary`.
    pub fn new(wall: &'a Wall, temporary: &Path, hash: Hash) -> io::Result<Self> {
        make_private_folder(temporary)?;
        let folder = tempfile::tempdir_in(temporary)?;
        for name in ["objects", "refs"] {
            fs::create_dir(folder.path().join(name))?;
        }
        fs::write(folder.path().join("HEAD"), "ref: refs/heads/none\n")?;
        let config = match hash {
            Hash::Sha1 => "[core]\nrepositoryFormatVersion = 0\nbare = true\n",
            Hash::Sha256 => "[core]\nrepositoryFormatVersion = 1\nbare = true\n[extensions]\nobjectFormat = sha256\n",
        };
        fs::write(folder.path().join("config"), config)?;
        if matches!(wall, Wall::Bubblewrap(_)) {
            hand_over(folder.path())?;
        }
        Ok(Self { folder, wall })
    }

    /// A git behind the wall with these arguments, which reads the borrowed repository's objects as its own.
    pub fn git(&self, arguments: &[&str], borrowed: Option<&Borrowed<'_>>) -> io::Result<Command> {
        let own = self.wall.path(self.folder.path(), Path::new(INSIDE)).to_owned();
        let settings = Settings::new("").config("core.bigFileThreshold", LARGE);
        let mut jail = Jail::new("git").args(arguments).network(Network::None).directory(INSIDE);
        for (name, value) in settings.variables() {
            jail = jail.env(name, value);
        }
        jail = jail.env("GIT_DIR", &own).env("GIT_NO_REPLACE_OBJECTS", "1").write(self.folder.path(), INSIDE);
        if let Some(Borrowed { workspace, git }) = borrowed {
            // Links of the workspace lead nowhere else: behind the wall there is nothing else.
            let git = self.wall.path(workspace, Path::new(WORKSPACE)).join(git);
            jail = jail.read(workspace, WORKSPACE).env("GIT_INDEX_FILE", git.join("index"));
            jail = jail.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(&git.join("objects")));
        }
        let command = self.wall.command(&jail).map_err(io::Error::other)?;
        Ok(command.into_std())
    }
}

/// One entry of a list of paths, whatever characters it has.
fn quoted(path: &Path) -> String {
    let mut quoted = String::from("\"");
    for character in path.to_string_lossy().chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}
