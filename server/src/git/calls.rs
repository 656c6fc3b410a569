//! What the server has git do with repositories of others.

use super::explain::explain;
use super::output::follow;
use super::source::{Source, inside};
use super::{Address, GitError, Place, Rules};
use crate::config::Config;
use crate::wall::Wall;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How long asking a repository for its branches may take.
const CHECK_LIMIT: Duration = Duration::from_secs(30);
/// How long a clone may take.
const CLONE_LIMIT: Duration = Duration::from_secs(15 * 60);
/// How long a check waits for its turn.
const QUEUE: Duration = Duration::from_secs(15);
/// Repositories that are asked for their branches at once.
const CHECKS: usize = 8;
/// Repositories that are cloned at once.
const CLONES: usize = 4;
/// Time between two looks at how large a checkout has become.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Bytes of an answer that is only about HEAD.
const ANSWER: u64 = 64 * 1024;

/// git, as this server uses it on what comes from outside.
pub struct Git {
    pub(super) wall: Wall,
    rules: Rules,
    temporary: PathBuf,
    /// Bytes that a workspace may have while something is cloned into it.
    most: u64,
    checks: Semaphore,
    clones: Semaphore,
}

/// A repository that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its address in one normal form: a URL, or an absolute path without a trailing slash.
    pub location: String,
    /// Short name: the last part of the address, without `.git`.
    pub name: String,
    /// Branch that a clone checks out, where the repository names one.
    pub default_branch: Option<String>,
}

impl Git {
    /// With the rules of this server, behind its wall.
    pub fn new(config: &Config, wall: Wall) -> Self {
        Self {
            wall,
            rules: Rules::new(config),
            temporary: config.temporary(),
            most: config.quotas.workspace_bytes(),
            checks: Semaphore::new(CHECKS),
            clones: Semaphore::new(CLONES),
        }
    }

    /// Asks the repository for its default branch; clones nothing.
    pub async fn check(&self, address: &Address) -> Result<Found, GitError> {
        let Ok(Ok(_turn)) = timeout(QUEUE, self.checks.acquire()).await else { return Err(GitError::Busy) };
        let source = self.source(address).await?;
        let git = source.git(&self.wall, &["ls-remote", "--symref"], "HEAD", None)?;
        let late = || match address {
            Address::Host(host) => GitError::Unreachable(host.place()),
            Address::Folder(_) => GitError::Timeout(address.to_string()),
        };
        let text = timeout(CHECK_LIMIT, run(git, address, |_| ())).await.map_err(|_| late())??;
        if text.trim().is_empty() {
            return Err(GitError::Empty(address.to_string()));
        }
        let head = text.lines().find_map(|line| line.strip_prefix("ref: refs/heads/")?.split('\t').next());
        Ok(Found { location: address.to_string(), name: address.name(), default_branch: head.map(str::to_owned) })
    }

    /// Clones the newest commit of the default branch to its place in a workspace. Submodules are not checked out.
    /// `progress` hears git's own progress lines, such as `Receiving objects:  45% (9/20)`.
    pub async fn clone(
        &self,
        address: &Address,
        place: &Place,
        progress: impl FnMut(&str) + Send,
    ) -> Result<(), GitError> {
        let Ok(_turn) = self.clones.acquire().await else { return Err(GitError::Busy) };
        let placed = match self.clone_beside(address, place, progress).await {
            Ok(()) => on_disk(place, Place::move_in).await,
            Err(error) => Err(error),
        };
        if placed.is_err() {
            on_disk(place, Place::clear).await?;
        }
        placed
    }

    async fn clone_beside(
        &self,
        address: &Address,
        place: &Place,
        progress: impl FnMut(&str) + Send,
    ) -> Result<(), GitError> {
        let checkout = on_disk(place, Place::prepare).await?;
        let source = self.source(address).await?;
        let clone = ["clone", "--depth", "1", "--no-recurse-submodules", "--template=", "--progress"];
        let into = inside(&self.wall, &checkout).to_string_lossy().into_owned();
        let git = source.git(&self.wall, &clone, &into, Some(&checkout))?;
        let late = |_| GitError::Timeout(address.to_string());
        // Dropping the call ends git.
        tokio::select! {
            done = timeout(CLONE_LIMIT, run(git, address, progress)) => done.map_err(late)?.map(drop)?,
            outgrown = self.outgrown(place) => return outgrown.and(Err(self.too_large(address))),
        }
        // What came at the very end.
        let most = self.most;
        match on_disk(place, move |place| place.is_larger_than(most)).await? {
            true => Err(self.too_large(address)),
            false => Ok(()),
        }
    }

    /// Ends when the session has more bytes than a workspace may have.
    async fn outgrown(&self, place: &Place) -> Result<(), GitError> {
        let most = self.most;
        while !on_disk(place, move |place| place.is_larger_than(most)).await? {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn too_large(&self, address: &Address) -> GitError {
        GitError::TooLarge { location: address.to_string(), megabytes: self.most / (1024 * 1024) }
    }

    async fn source(&self, address: &Address) -> Result<Source, GitError> {
        Source::of(address, &self.rules, &self.wall, &self.temporary).await
    }
}

/// Runs git to its end. Returns what it printed.
async fn run(mut git: Command, address: &Address, mut progress: impl FnMut(&str)) -> Result<String, GitError> {
    git.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = git.spawn().map_err(GitError::NoGit)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let printed = async {
        let mut printed = Vec::new();
        match stdout {
            Some(stdout) => stdout.take(ANSWER).read_to_end(&mut printed).await.map(|_| printed),
            None => Ok(printed),
        }
    };
    let said = async {
        match stderr {
            Some(stderr) => follow(stderr, &mut progress).await,
            None => String::new(),
        }
    };
    let (printed, said) = tokio::join!(printed, said);
    let status = child.wait().await.map_err(GitError::NoGit)?;
    match printed {
        Ok(printed) if status.success() => Ok(String::from_utf8_lossy(&printed).into_owned()),
        _ => Err(explain(address, &said)),
    }
}

/// Does something about a place on the disk.
async fn on_disk<T: Send + 'static>(
    place: &Place,
    work: impl FnOnce(&Place) -> Result<T, GitError> + Send + 'static,
) -> Result<T, GitError> {
    let own = place.clone();
    let done = spawn_blocking(move || work(&own)).await;
    done.map_err(|broken| GitError::Disk(std::io::Error::other(broken)))?
}
