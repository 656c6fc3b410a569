//! Submodules: named by a repository, and not checked out. Their addresses come from the repository's content, so that
//! nobody of the organization chose them.

use super::settings::Settings;
use super::{Git, GitError};
use crate::wall::{Jail, Network};
use domain::RelativePath;
use sandbox::apply::{Dir, Problem};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

const FILE: &str = ".gitmodules";
/// Bytes of the file; a larger one is none.
const BYTES: u64 = 1024 * 1024;
/// Submodules that are told of.
const MOST: usize = 100;
const LIMIT: Duration = Duration::from_secs(20);

impl Git {
    /// The submodules of the repositories at these places of a workspace whose folders are empty.
    pub async fn unfilled_submodules(
        &self,
        workspace: &Path,
        repositories: &[RelativePath],
    ) -> Result<Vec<RelativePath>, GitError> {
        let mut unfilled = Vec::new();
        for repository in repositories {
            let own = (workspace.to_owned(), repository.clone());
            let Some(text) = blocking(move || read(&own.0, &own.1)).await? else { continue };
            let named = timeout(LIMIT, self.named_in(&text)).await;
            let named = named.map_err(|_| GitError::Timeout(repository.to_string()))??;
            let own = (workspace.to_owned(), repository.clone());
            unfilled.extend(blocking(move || empty_ones(&own.0, &own.1, &named)).await?);
        }
        unfilled.truncate(MOST);
        Ok(unfilled)
    }

    /// The paths in such a file, which git reads from its standard input.
    async fn named_in(&self, text: &[u8]) -> Result<Vec<String>, GitError> {
        let words = ["config", "--file", "-", "--no-includes", "--null", "--get-regexp", r"^submodule\..*\.path$"];
        let mut jail = Jail::new("git").args(words).network(Network::None);
        for (name, value) in Settings::new("").variables() {
            jail = jail.env(name, value);
        }
        let mut git = self.wall.command(&jail)?;
        let mut child =
            git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(GitError::NoGit)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let write = async {
            if let Some(mut stdin) = stdin {
                // git closes its input early where it cannot read the file; then it names nothing.
                let _ = stdin.write_all(text).await;
            }
        };
        let read = async {
            let mut printed = Vec::new();
            match stdout {
                Some(stdout) => stdout.take(2 * BYTES).read_to_end(&mut printed).await.map(|_| printed),
                None => Ok(printed),
            }
        };
        let ((), printed) = tokio::join!(write, read);
        let printed = printed.map_err(GitError::Disk)?;
        // Each entry is a name, a line break, and the path.
        let entries = printed.split(|byte| *byte == 0).filter_map(|entry| std::str::from_utf8(entry).ok());
        Ok(entries.filter_map(|entry| Some(entry.split_once('\n')?.1.to_owned())).collect())
    }
}

/// The file of a repository, if it has one that is a real file.
fn read(workspace: &Path, repository: &RelativePath) -> Result<Option<Vec<u8>>, Problem> {
    let root = Dir::open(workspace).map_err(|error| Problem::System(error.into()))?;
    let Some(folder) = root.walk(repository.parts())? else { return Ok(None) };
    Ok(folder.read(FILE, BYTES)?.map(|found| found.bytes.to_vec()))
}

/// Those of the paths at which there is an empty folder: git makes one for each submodule that it does not check out.
fn empty_ones(workspace: &Path, repository: &RelativePath, paths: &[String]) -> Result<Vec<RelativePath>, Problem> {
    let root = Dir::open(workspace).map_err(|error| Problem::System(error.into()))?;
    let mut empty = Vec::new();
    for path in paths.iter().filter_map(|path| RelativePath::new(path).ok()) {
        let place = repository.join(&path);
        // Behind a symlink there is nothing that git would have made.
        if let Ok(Some(folder)) = root.walk(place.parts())
            && folder.is_empty()?
        {
            empty.push(place);
        }
    }
    Ok(empty)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, GitError> {
    let done = spawn_blocking(work).await.map_err(std::io::Error::other);
    done.map_err(GitError::Disk)?.map_err(|problem| GitError::Disk(std::io::Error::other(problem)))
}
