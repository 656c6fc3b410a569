//! Repositories in folders of the server: what git may read there, and what it may not.

use super::{GitError, Rules};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Bytes of the small files that lead from one git folder to another.
const POINTER_BYTES: u64 = 8 * 1024;

/// A repository in a folder, with every symlink followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FolderRepository {
    /// What git is pointed at.
    pub git: PathBuf,
    /// Where the objects lie, if that is another folder: git has linked worktrees.
    pub common: Option<PathBuf>,
}

impl FolderRepository {
    /// Every folder that git reads.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        [Some(self.git.as_path()), self.common.as_deref()].into_iter().flatten()
    }
}

/// Finds the repository and refuses what the rules do not allow. What lies elsewhere is refused before it is looked at.
pub(super) fn find(path: &Path, rules: &Rules) -> Result<FolderRepository, GitError> {
    let shown = || path.display().to_string();
    if rules.folders().is_some_and(<[PathBuf]>::is_empty) {
        return Err(GitError::FoldersOff);
    }
    let missing = |error: &io::Error| {
        let known = rules.folders().is_none_or(|folders| folders.iter().any(|folder| path.starts_with(folder)));
        match error.kind() {
            _ if !known => GitError::FolderNotAllowed(shown()),
            _ => GitError::NotFound(shown()),
        }
    };
    let top = fs::canonicalize(path).map_err(|error| missing(&error))?;
    check(&top, path, rules)?;
    let dot = top.join(".git");
    let git = match fs::metadata(&dot) {
        Ok(about) if about.is_file() => pointer(&dot, "gitdir: ", &top),
        Ok(_) => fs::canonicalize(&dot).ok(),
        Err(_) => Some(top),
    };
    let git = git.filter(|git| git.join("HEAD").exists()).ok_or_else(|| GitError::NotFound(shown()))?;
    let common = pointer(&git.join("commondir"), "", &git);
    let found = FolderRepository { git, common };
    for folder in found.folders() {
        check(folder, path, rules)?;
        // Everything in these folders can be read by git.
        let holds_own = fs::canonicalize(rules.data()).and_then(|data| lies_in(&data, folder));
        if holds_own.unwrap_or_else(|error| error.kind() != ErrorKind::NotFound) {
            return Err(GitError::OwnFolder(shown()));
        }
    }
    Ok(found)
}

/// The folder that a small file names, if there is such a file.
fn pointer(file: &Path, prefix: &str, base: &Path) -> Option<PathBuf> {
    let about = fs::metadata(file).ok()?;
    if !about.is_file() || about.len() > POINTER_BYTES {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    fs::canonicalize(base.join(text.trim_end_matches(['\n', '\r']).strip_prefix(prefix)?)).ok()
}

/// Refuses a folder that may not be read, `folder` without symlinks.
fn check(folder: &Path, typed: &Path, rules: &Rules) -> Result<(), GitError> {
    let shown = || typed.display().to_string();
    let allowed = match rules.folders() {
        None => true,
        Some(allowed) => allowed.iter().any(|allowed| lies_in(folder, allowed).unwrap_or(false)),
    };
    if !allowed {
        return Err(GitError::FolderNotAllowed(shown()));
    }
    // What cannot be compared counts as Keyslot's own.
    let own = lies_in(folder, rules.data()).unwrap_or(true);
    if own { Err(GitError::OwnFolder(shown())) } else { Ok(()) }
}

/// Whether a folder is another one or lies in it, also by another name (a bind mount).
fn lies_in(folder: &Path, other: &Path) -> io::Result<bool> {
    let id = |path: &Path| fs::metadata(path).map(|about| (about.dev(), about.ino()));
    let other = match id(other) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        found => found?,
    };
    for above in folder.ancestors() {
        if id(above)? == other {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::local;
    use std::os::unix::fs::symlink;

    fn repository(folder: &Path) {
        fs::create_dir_all(folder).expect("a folder");
        fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").expect("a file");
    }

    #[test]
    fn neither_symlinks_nor_pointers_lead_into_the_data_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let mut config = local(&at("data"));
        repository(&at("data/sandboxes/x/workspace/.git"));
        repository(&at("good/.git"));
        repository(folder.path());
        fs::create_dir_all(at("linked")).expect("a folder");
        fs::write(at("linked/.git"), "gitdir: ../data/sandboxes/x/workspace/.git\n").expect("a file");
        repository(&at("shared"));
        fs::write(at("shared/commondir"), "../data/sandboxes/x/workspace/.git\n").expect("a file");
        symlink(at("data/sandboxes/x/workspace"), at("link")).expect("a link");

        let rules = Rules::new(&config);
        let found = find(&at("good"), &rules).expect("a repository");
        assert_eq!(found, FolderRepository { git: at("good/.git").canonicalize().expect("a path"), common: None });
        for bad in ["", "data/sandboxes/x/workspace", "linked", "shared", "link", "good/../data/sandboxes/x/workspace"]
        {
            assert!(matches!(find(&at(bad), &rules), Err(GitError::OwnFolder(_))), "{bad}");
        }

        config.allow_local = vec![at("allowed")];
        repository(&at("allowed/x/.git"));
        symlink(at("good"), at("allowed/link")).expect("a link");
        let rules = Rules::new(&config);
        find(&at("allowed/x"), &rules).expect("a repository");
        assert!(matches!(find(&at("allowed/none"), &rules), Err(GitError::NotFound(_))));
        for bad in ["good", "allowed/link", "nothing", "allowed/../good"] {
            assert!(matches!(find(&at(bad), &rules), Err(GitError::FolderNotAllowed(_))), "{bad}");
        }

        config.allow_local.clear();
        config.listen = ([0, 0, 0, 0], 3000).into();
        assert!(matches!(find(&at("good"), &Rules::new(&config)), Err(GitError::FoldersOff)));
    }
}
