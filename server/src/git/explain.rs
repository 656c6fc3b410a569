//! Turns git's complaints into words for people.

use super::{Address, GitError};

/// What git's complaint about an address means.
pub(super) fn explain(address: &Address, said: &str) -> GitError {
    let has = |texts: &[&str]| texts.iter().any(|text| said.contains(text));
    if has(&["No space left on device", "Disk quota exceeded"]) {
        return GitError::NoSpace;
    }
    let missing = ["does not appear to be a git repository", "not found", "does not exist", "not a git repository"];
    match address {
        Address::Host(host) => {
            // For the administrator; an address holds no password.
            tracing::info!(address = host.as_str(), said, "a repository could not be read");
            let refused = [
                "Authentication failed",
                "could not read Username",
                "Permission denied (",
                "terminal prompts",
                "Host key verification failed",
            ];
            if has(&refused) {
                GitError::NoAccess(host.as_str().to_owned())
            } else if has(&missing) {
                GitError::NotFound(host.as_str().to_owned())
            } else {
                GitError::Unreachable(host.place())
            }
        }
        Address::Folder(path) => {
            let location = path.display().to_string();
            if has(&["dubious ownership", "safe.directory"]) {
                GitError::ForeignOwner(location)
            } else if has(&missing) || has(&["Permission denied"]) {
                // The repository was seen before git was asked.
                GitError::Unreadable(location)
            } else {
                let line = said.lines().rev().find(|line| line.starts_with("fatal:")).or(said.lines().last());
                let reason = line.unwrap_or("it gave no reason").trim_start_matches("fatal: ").to_owned();
                GitError::Other { location, reason }
            }
        }
    }
}
