//! Where a checkout is put together, and how it gets into the workspace. git writes only into a new folder beside the
//! workspace: what stands in the workspace already may come from another repository or from a snapshot, and a symlink of
//! theirs would lead git elsewhere. From there the checkout is moved in one step, below descriptors of real folders.

use super::GitError;
use crate::usage::Usage;
use domain::RelativePath;
use rustix::fs::{CWD, renameat};
use rustix::io::Errno;
use sandbox::apply::{Dir, Problem};
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Mode of folders on the way to a checkout.
const FOLDER_MODE: u32 = 0o755;

/// A repository's place in a session's workspace.
#[derive(Clone, Debug)]
pub struct Place {
    /// The session's own folder, in which nothing of a repository runs or writes but in `workspace`.
    session: PathBuf,
    workspace: PathBuf,
    path: RelativePath,
}

impl Place {
    /// `workspace` lies in `session`, the session's own folder.
    pub fn new(session: PathBuf, workspace: PathBuf, path: RelativePath) -> Self {
        Self { session, workspace, path }
    }

    /// Whether a checkout is there already: a snapshot had it.
    pub fn is_taken(&self) -> Result<bool, GitError> {
        let look = || {
            let root = Dir::open(&self.workspace).map_err(|error| Problem::System(error.into()))?;
            Ok(match root.walk(self.path.parts())? {
                Some(folder) => folder.kind(".git")?.is_some(),
                None => false,
            })
        };
        look().map_err(|problem| self.failed(problem))
    }

    /// A new empty folder beside the workspace.
    pub fn prepare(&self) -> Result<PathBuf, GitError> {
        let beside = self.beside();
        self.clear()?;
        crate::config::make_private_folder(&beside).map_err(GitError::Disk)?;
        Ok(beside)
    }

    /// Takes away what a failed clone left beside the workspace.
    pub fn clear(&self) -> Result<(), GitError> {
        match fs::remove_dir_all(self.beside()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(GitError::Disk(error)),
            _ => Ok(()),
        }
    }

    /// Whether the session has more bytes on the disk than these.
    pub fn is_larger_than(&self, most: u64) -> Result<bool, GitError> {
        let mut usage = Usage::up_to(most);
        usage.add_folder(&self.session).map_err(GitError::Disk)?;
        Ok(usage.is_over())
    }

    /// Gives the folder its place in the workspace, if nothing stands there.
    pub fn move_in(&self) -> Result<(), GitError> {
        let parts: Vec<&str> = self.path.parts().collect();
        let moved = match parts.split_last() {
            // The workspace itself gives way if it is empty.
            None => renameat(CWD, self.beside(), CWD, &self.workspace).map_err(|error| Problem::System(error.into())),
            Some((name, above)) => {
                let root = Dir::open(&self.workspace).map_err(|error| Problem::System(error.into()));
                root.and_then(|root| root.walk_or_make(above.iter().copied(), FOLDER_MODE)).and_then(|parent| {
                    let moved = renameat(CWD, self.beside(), parent.descriptor(), *name);
                    moved.map_err(|error| Problem::System(error.into()))
                })
            }
        };
        moved.map_err(|problem| self.failed(problem))
    }

    fn beside(&self) -> PathBuf {
        self.session.join("checkout")
    }

    fn failed(&self, problem: Problem) -> GitError {
        let in_the_way = [Errno::NOTEMPTY, Errno::EXIST, Errno::NOTDIR].map(|errno| errno.raw_os_error());
        match problem {
            Problem::System(reason) if !reason.raw_os_error().is_some_and(|errno| in_the_way.contains(&errno)) => {
                GitError::Place { place: self.path.clone(), reason }
            }
            _ => GitError::Occupied(self.path.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    fn place(session: &Path, path: &str) -> Place {
        let path = if path == "." { RelativePath::root() } else { RelativePath::new(path).expect("a path") };
        Place::new(session.to_owned(), session.join("workspace"), path)
    }

    fn put(place: &Place) -> Result<(), GitError> {
        fs::write(place.prepare()?.join("a.txt"), "a")
            .map_err(|reason| GitError::Place { place: RelativePath::root(), reason })?;
        place.move_in()
    }

    #[test]
    fn a_checkout_takes_an_empty_place_and_no_other() {
        let session = tempfile::tempdir().expect("a folder");
        let workspace = session.path().join("workspace");
        fs::create_dir(&workspace).expect("a folder");
        put(&place(session.path(), ".")).expect("an empty workspace");
        fs::create_dir(workspace.join("empty")).expect("a folder");
        put(&place(session.path(), "empty")).expect("an empty folder");
        put(&place(session.path(), "services/api")).expect("nothing there");
        assert!(workspace.join("services/api/a.txt").exists());
        for taken in [".", "services/api", "a.txt", "a.txt/b"] {
            assert!(matches!(put(&place(session.path(), taken)), Err(GitError::Occupied(_))), "{taken}");
        }
        place(session.path(), ".").clear().expect("cleared");
        assert!(!session.path().join("checkout").exists(), "nothing stays beside the workspace");
    }

    #[test]
    fn bytes_of_the_workspace_and_of_what_is_on_its_way_count_together() {
        let session = tempfile::tempdir().expect("a folder");
        let at = place(session.path(), "api");
        fs::create_dir(session.path().join("workspace")).expect("a folder");
        symlink("/usr", session.path().join("workspace/link")).expect("a link");
        fs::write(session.path().join("workspace/a"), [7; 600_000]).expect("a file");
        fs::write(at.prepare().expect("a folder").join("b"), [7; 600_000]).expect("a file");
        assert!(at.is_larger_than(1_000_000).expect("a look"));
        assert!(!at.is_larger_than(2_000_000).expect("a look"));
    }

    #[test]
    fn a_symlink_leads_no_checkout_out_of_the_workspace() {
        let session = tempfile::tempdir().expect("a folder");
        let (workspace, outside) = (session.path().join("workspace"), tempfile::tempdir().expect("a folder"));
        fs::create_dir(&workspace).expect("a folder");
        symlink(outside.path(), workspace.join("link")).expect("a link");
        for bad in ["link", "link/api", "link/a/b"] {
            let place = place(session.path(), bad);
            assert!(matches!(put(&place), Err(GitError::Occupied(_))), "{bad}");
        }
        assert_eq!(fs::read_dir(outside.path()).expect("the folder").count(), 0);
        assert!(matches!(place(session.path(), "link/x").is_taken(), Err(GitError::Occupied(_))));
    }
}
