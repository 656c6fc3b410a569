//! Connecting and cloning repositories with the real `git`.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

/// How long asking a repository for its branches may take.
const CHECK_LIMIT: Duration = Duration::from_secs(30);
/// How long a clone may take.
const CLONE_LIMIT: Duration = Duration::from_secs(15 * 60);
/// How much of git's output is kept for explaining a failure, in bytes.
const KEPT_OUTPUT: usize = 16 * 1024;
/// Transports git may use. `ext::` would run any command that a location names.
const TRANSPORTS: &str = "file:git:http:https:ssh";

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

/// Why a repository could not be connected or cloned, in words for people.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The text is no address.
    #[error("{0}")]
    Address(&'static str),
    /// There is no repository at the address.
    #[error("There is no git repository at {0}. Check the spelling; for a local one give the whole path.")]
    NotFound(String),
    /// The host does not answer.
    #[error("The host of {0} could not be reached. Check the address and the network.")]
    Unreachable(String),
    /// The host wants a sign-in that this server does not have.
    #[error("{0} needs a sign-in. Give this server's user access to it, for example by an SSH key, then try again.")]
    NoAccess(String),
    /// git refuses a folder that belongs to another user.
    #[error(
        "git refuses {0}, because the folder belongs to another user. Change its owner, or mark it as a safe.directory."
    )]
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
    /// git is not installed.
    #[error("git is not installed on this server, or not on its PATH.")]
    NoGit(#[source] std::io::Error),
    /// Anything else; the text is git's own last line.
    #[error("git could not read {location}: {reason}")]
    Other {
        /// The address.
        location: String,
        /// git's own words.
        reason: String,
    },
}

/// Brings an address into its normal form, or says what is wrong with it. Nothing is contacted.
pub fn normalize(location: &str) -> Result<String, GitError> {
    let location = location.trim();
    if location.is_empty() {
        return Err(GitError::Address("Give the git URL or the local path of a repository."));
    }
    if location.starts_with('-') || location.chars().any(char::is_control) {
        return Err(GitError::Address("This is neither a git URL nor a path."));
    }
    if let Ok(url) = url::Url::parse(location) {
        if url.password().is_some() {
            return Err(GitError::Address(
                "Leave the password or token out of the URL: addresses are shown to everybody. Use an SSH key or a git credential helper on the server.",
            ));
        }
        if !TRANSPORTS.split(':').any(|transport| transport == url.scheme()) {
            return Err(GitError::Address("Use an https, http, ssh, git or file address, or a local path."));
        }
        return Ok(location.trim_end_matches('/').to_owned());
    }
    let scp_like = location.split_once(':').is_some_and(|(host, _)| !host.contains('/') && !host.is_empty());
    if scp_like && !location.contains("::") {
        return Ok(location.trim_end_matches('/').to_owned());
    }
    if location.starts_with('/') {
        let trimmed = location.trim_end_matches('/');
        return Ok(if trimmed.is_empty() { "/".to_owned() } else { trimmed.to_owned() });
    }
    Err(GitError::Address("Give a git URL, such as https://host/team/project.git, or a whole path, starting with /."))
}

/// Asks the repository for its default branch; clones nothing.
pub async fn check(location: &str) -> Result<Found, GitError> {
    let location = normalize(location)?;
    let mut git = git();
    git.args(["ls-remote", "--symref", "--", &location, "HEAD"]);
    let output = timeout(CHECK_LIMIT, git.output()).await.map_err(|_| GitError::Timeout(location.clone()))?;
    let output = output.map_err(GitError::NoGit)?;
    if !output.status.success() {
        return Err(explain(&location, &String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    if text.trim().is_empty() {
        return Err(GitError::Empty(location));
    }
    let head = text.lines().find_map(|line| line.strip_prefix("ref: refs/heads/")?.split('\t').next());
    let name = location.trim_end_matches(".git").rsplit(['/', ':']).next().unwrap_or(&location);
    Ok(Found { name: name.to_owned(), default_branch: head.map(str::to_owned), location })
}

/// Clones the newest commit of the default branch into `into`, which must be empty or absent. `progress` hears git's own
/// progress lines, such as `Receiving objects:  45% (9/20)`.
pub async fn clone(location: &str, into: &Path, mut progress: impl FnMut(&str) + Send) -> Result<(), GitError> {
    // A path is cloned through the file transport: otherwise git copies the whole history by hard links.
    let source = if location.starts_with('/') { format!("file://{location}") } else { location.to_owned() };
    let mut git = git();
    git.args(["clone", "--depth", "1", "--progress", "--", &source]).arg(into);
    git.stdout(Stdio::null()).stderr(Stdio::piped());
    let work = async {
        let mut child = git.spawn().map_err(GitError::NoGit)?;
        let said = match child.stderr.take() {
            Some(stderr) => follow(stderr, &mut progress).await,
            None => String::new(),
        };
        let status = child.wait().await.map_err(GitError::NoGit)?;
        if status.success() { Ok(()) } else { Err(explain(location, &said)) }
    };
    timeout(CLONE_LIMIT, work).await.map_err(|_| GitError::Timeout(location.to_owned()))?
}

fn git() -> Command {
    let mut git = crate::process::command("git");
    // Never ask at a terminal: a server has nobody there to answer.
    git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes").env("LC_ALL", "C");
    git.env("GIT_ALLOW_PROTOCOL", TRANSPORTS);
    git.stdin(Stdio::null());
    git
}

/// Passes each progress line on and keeps the end of what was said.
async fn follow(mut output: impl AsyncRead + Unpin, progress: &mut impl FnMut(&str)) -> String {
    let (mut said, mut line, mut chunk) = (String::new(), Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = output.read(&mut chunk).await {
        for byte in &chunk[..count] {
            if !matches!(byte, b'\r' | b'\n') {
                line.push(*byte);
                continue;
            }
            let text = String::from_utf8_lossy(&line).trim().to_owned();
            line.clear();
            if text.is_empty() {
                continue;
            }
            if text.contains('%') {
                progress(&text);
            } else if said.len() + text.len() < KEPT_OUTPUT {
                said.push_str(&text);
                said.push('\n');
            }
        }
    }
    said + &String::from_utf8_lossy(&line)
}

/// Turns git's complaint into words for people.
fn explain(location: &str, said: &str) -> GitError {
    let location = location.to_owned();
    let has = |texts: &[&str]| texts.iter().any(|text| said.contains(text));
    if has(&["dubious ownership", "safe.directory"]) {
        GitError::ForeignOwner(location)
    } else if has(&["already exists and is not an empty directory"]) {
        GitError::Occupied(location)
    } else if has(&["Authentication failed", "could not read Username", "Permission denied (", "terminal prompts"]) {
        GitError::NoAccess(location)
    } else if has(&[
        "Could not resolve host",
        "Connection refused",
        "Connection timed out",
        "unable to access",
        "unable to connect",
    ]) && !has(&["404", "not found"])
    {
        GitError::Unreachable(location)
    } else if has(&["does not appear to be a git repository", "not found", "does not exist", "not a git repository"]) {
        GitError::NotFound(location)
    } else {
        let line = said.lines().rev().find(|line| line.starts_with("fatal:")).or(said.lines().last());
        let reason = line.unwrap_or("it gave no reason").trim_start_matches("fatal: ").to_owned();
        GitError::Other { location, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(folder: &Path, arguments: &[&str]) {
        let mut git = git();
        git.current_dir(folder).args(["-c", "user.name=T", "-c", "user.email=t@example.test"]).args(arguments);
        let output = git.output().await.expect("git runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    fn addresses_that_are_dangerous_or_hold_a_password_are_refused() {
        for bad in
            ["", "  ", "--upload-pack=touch x", "ext::sh -c true", "https://u:p@host/x", "project", "ftp://h/x", "a\nb"]
        {
            assert!(matches!(normalize(bad), Err(GitError::Address(_))), "{bad:?}");
        }
        for (good, normal) in [
            (" https://host/team/x.git/ ", "https://host/team/x.git"),
            ("git@host:team/x.git", "git@host:team/x.git"),
            ("/srv/x/", "/srv/x"),
            ("ssh://git@host/x", "ssh://git@host/x"),
        ] {
            assert_eq!(normalize(good).expect("a good address"), normal);
        }
    }

    #[tokio::test]
    async fn a_local_repository_is_found_and_cloned_with_one_commit() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("shop.git");
        std::fs::create_dir(&source).expect("a folder");
        run(&source, &["init", "-q", "-b", "trunk"]).await;
        for text in ["1", "2"] {
            std::fs::write(source.join("a.txt"), text).expect("a file");
            run(&source, &["add", "."]).await;
            run(&source, &["commit", "-qm", text]).await;
        }
        let found = check(&format!("{}/", source.display())).await.expect("it is there");
        assert_eq!((found.name.as_str(), found.default_branch.as_deref()), ("shop", Some("trunk")));

        let into = folder.path().join("clone");
        let mut heard = Vec::new();
        clone(&found.location, &into, |line| heard.push(line.to_owned())).await.expect("it clones");
        assert_eq!(std::fs::read_to_string(into.join("a.txt")).expect("the file"), "2");
        assert!(into.join(".git/shallow").exists(), "only the newest commit is fetched");
        assert!(heard.iter().any(|line| line.contains('%')), "{heard:?}");
    }

    #[tokio::test]
    async fn a_wrong_place_and_an_empty_repository_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().display().to_string();
        assert!(matches!(check(&format!("{place}/nothing")).await, Err(GitError::NotFound(_))));
        assert!(matches!(check(&place).await, Err(GitError::NotFound(_))));
        run(folder.path(), &["init", "-q"]).await;
        assert!(matches!(check(&place).await, Err(GitError::Empty(_))));
        assert!(matches!(check("http://127.0.0.1:1/x.git").await, Err(GitError::Unreachable(_))));
    }
}
