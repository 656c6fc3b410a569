//! The files of a spec as they are found: read in the way in which they are written, through no symlink but one that
//! leads to another file of the spec.

use super::Workspace;
use super::dir::{Dir, FILE_BYTES, Problem};
use super::links;
use super::plan::{NOT_TEXT, name, parent};
use domain::spec::{EnvFile, EnvSpec};
use std::path::Path;
use zeroize::Zeroizing;

/// The text of a file.
pub(super) struct FoundText {
    /// Its text; bytes of another encoding, as in old comments, are replaced.
    pub text: Zeroizing<String>,
    /// Whether there were such bytes.
    pub replaced: bool,
}

impl Workspace {
    /// The text that stands in a file of the spec; nothing where there is no file. An error tells the reason.
    pub(super) fn text_of(&self, spec: &EnvSpec, file: &EnvFile) -> Result<Option<FoundText>, String> {
        let place = links::host_of(&self.root, &self.path, spec, file).unwrap_or_else(|| file.place());
        let found = parent(&self.root, &place).and_then(|dir| match dir {
            Some(dir) => dir.read(name(&place), FILE_BYTES),
            None => Ok(None),
        });
        let Some(found) = found.map_err(|problem| problem.to_string())? else { return Ok(None) };
        if found.bytes.contains(&0) {
            return Err(NOT_TEXT.to_owned());
        }
        let text = Zeroizing::new(String::from_utf8_lossy(&found.bytes).into_owned());
        let replaced = std::str::from_utf8(&found.bytes).is_err();
        Ok(Some(FoundText { text, replaced }))
    }
}

/// Gives a file of the person's own, which no spec names, a new content in one step; its mode and owner stay.
pub fn replace_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let path = std::fs::canonicalize(path)?;
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(std::io::ErrorKind::InvalidFilename.into());
    };
    let replace = || {
        let dir = Dir::open(folder)?;
        let found = dir.read(name, u64::MAX - 1)?;
        let (mode, owner) = found.map_or((0o644, None), |found| (found.mode, Some(found.owner)));
        dir.stage(name, bytes, mode, owner)?.commit().map(drop)
    };
    replace().map_err(|problem: Problem| match problem {
        Problem::System(error) => error,
        other => std::io::Error::other(other.to_string()),
    })
}
