//! Paths inside a workspace.

use super::limits;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A path that stays below where it starts: no root, no `..`, no `.git`, `/` between its parts.
///
/// Kept in one normal form (`./a//b/` is `a/b`, the start itself is `.`), so equal places compare equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelativePath(String);

/// Why a text is no path inside the workspace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing was given.
    #[error("a path is needed, such as .env.local")]
    Empty,
    /// Longer than [`limits::PATH_CHARS`].
    #[error("a path has at most {limit} characters; this one has {0}", limit = limits::PATH_CHARS)]
    TooLong(usize),
    /// Starts at a root, a home folder or a drive.
    #[error("the path must be relative to the workspace, not absolute")]
    Absolute,
    /// Has a `..` part.
    #[error("the path must not leave the workspace with \"..\"")]
    Escapes,
    /// Has a part named `.git`.
    #[error("nothing is written into .git")]
    Git,
    /// Holds a backslash or a control character.
    #[error("the path must not contain {0:?}")]
    Character(char),
    /// Is the workspace itself where a file is meant.
    #[error("the path must name a file, not a folder")]
    NoFile,
}

impl RelativePath {
    /// Checks a path and brings it into normal form.
    pub fn new(path: &str) -> Result<Self, PathError> {
        let count = path.chars().count();
        if count > limits::PATH_CHARS {
            return Err(PathError::TooLong(count));
        }
        if path.is_empty() {
            return Err(PathError::Empty);
        }
        if let Some(bad) = path.chars().find(|c| c.is_control() || *c == '\\') {
            return Err(PathError::Character(bad));
        }
        if path.starts_with('/') {
            return Err(PathError::Absolute);
        }
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.contains(&"..") {
            return Err(PathError::Escapes);
        }
        if parts.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
            return Err(PathError::Git);
        }
        // Asked of the first part, for `./C:/x` and `./~/x` would be absolute in normal form.
        let first = parts.first().copied().unwrap_or_default();
        let drive = first.as_bytes().get(1) == Some(&b':') && first.starts_with(|c: char| c.is_ascii_alphabetic());
        if first == "~" || drive {
            return Err(PathError::Absolute);
        }
        Ok(if parts.is_empty() { Self::root() } else { Self(parts.join("/")) })
    }

    /// Like [`RelativePath::new`], for a file: the workspace itself and a trailing slash are refused.
    pub fn file(path: &str) -> Result<Self, PathError> {
        let checked = Self::new(path)?;
        if checked.is_root() || path.ends_with('/') || path.ends_with("/.") {
            return Err(PathError::NoFile);
        }
        Ok(checked)
    }

    /// The place where paths start, written `.`.
    pub fn root() -> Self {
        Self(".".to_owned())
    }

    /// The file that most tools read: `.env` at the start.
    pub fn dotenv() -> Self {
        Self(".env".to_owned())
    }

    /// Whether this is the start itself.
    pub fn is_root(&self) -> bool {
        self.0 == "."
    }

    /// The path as text, in normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts from the start down; none for the start itself.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|part| *part != ".")
    }

    /// `other`, taken as starting here.
    pub fn join(&self, other: &RelativePath) -> RelativePath {
        match (self.is_root(), other.is_root()) {
            (true, _) => other.clone(),
            (_, true) => self.clone(),
            _ => Self(format!("{}/{}", self.0, other.0)),
        }
    }

    /// Whether `other` is this place or lies below it; whole parts count, so `api` does not hold `apiary/x`.
    pub fn holds(&self, other: &RelativePath) -> bool {
        self.is_root() || other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// How many parts the path has.
    pub fn depth(&self) -> usize {
        self.parts().count()
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RelativePath {
    type Error = PathError;

    fn try_from(path: String) -> Result<Self, PathError> {
        Self::new(&path)
    }
}

impl From<RelativePath> for String {
    fn from(path: RelativePath) -> String {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_places_have_one_form() {
        for (given, normal) in [("./a//b/", "a/b"), (".", "."), ("./", "."), (".env.local", ".env.local")] {
            assert_eq!(RelativePath::new(given).map(String::from), Ok(normal.to_owned()));
        }
    }

    #[test]
    fn paths_out_of_the_workspace_are_refused() {
        for (path, why) in [
            ("/etc/passwd", PathError::Absolute),
            ("~/x", PathError::Absolute),
            ("C:/x", PathError::Absolute),
            ("./C:x", PathError::Absolute),
            (".//~/x", PathError::Absolute),
            ("a/../../b", PathError::Escapes),
            ("..", PathError::Escapes),
            ("a/.git/hooks/x", PathError::Git),
            (".GIT/config", PathError::Git),
            ("a\\b", PathError::Character('\\')),
            ("a\0b", PathError::Character('\0')),
            ("", PathError::Empty),
        ] {
            assert_eq!(RelativePath::new(path), Err(why), "{path:?}");
        }
        assert_eq!(RelativePath::file("."), Err(PathError::NoFile));
        assert_eq!(RelativePath::file("a/"), Err(PathError::NoFile));
    }

    #[test]
    fn a_folder_holds_what_lies_below_it_and_nothing_beside_it() {
        let path = |text| RelativePath::new(text).expect("a good path");
        assert!(path("api").holds(&path("api/.env")));
        assert!(path(".").holds(&path("api/.env")));
        assert!(!path("api").holds(&path("apiary/.env")));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_stays_inside(text in "[./a-c~\\\\g:it]{0,12}") {
            if let Ok(path) = RelativePath::new(&text) {
                prop_assert!(!path.as_str().starts_with('/'));
                prop_assert!(path.parts().all(|part| part != ".." && part != ".git" && !part.is_empty()));
                prop_assert_eq!(RelativePath::new(path.as_str()), Ok(path.clone()));
            }
        }
    }
}
