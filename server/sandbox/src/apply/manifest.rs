//! What earlier runs wrote: `.keyslot/applied.json` in the workspace, mode 0600, places only.
//!
//! It lies there and not in a `.git` folder because a workspace may have several repositories or none. It is only a
//! hint where to look: what is Keyslot's in a file is told by the markers in that file, so a manifest that somebody
//! edited cannot make foreign lines disappear.

use super::dir::{Dir, Problem};
use domain::RelativePath;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Keyslot's own folder in the workspace; no file of a spec may lie in it.
pub(super) const FOLDER: &str = ".keyslot";
const NAME: &str = "applied.json";
const BYTES: u64 = 1024 * 1024;

/// The places of earlier runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Files with a block of Keyslot.
    pub files: BTreeSet<RelativePath>,
    /// Folders of repositories whose exclude file has a block of Keyslot.
    pub repositories: BTreeSet<RelativePath>,
}

impl Manifest {
    /// Reads it; one that is not there or not readable is empty, the latter with a warning.
    pub fn load(root: &Dir, warnings: &mut Vec<String>) -> Result<Self, Problem> {
        let Some(dir) = root.walk([FOLDER])? else { return Ok(Self::default()) };
        let Some(found) = dir.read(NAME, BYTES)? else { return Ok(Self::default()) };
        Ok(serde_json::from_slice(&found.bytes).unwrap_or_else(|_| {
            warnings.push(format!(
                "{FOLDER}/{NAME} is not readable as Keyslot's list of files and is made anew; files of earlier runs \
                 that the spec no longer has keep Keyslot's block"
            ));
            Self::default()
        }))
    }

    /// Writes it, if it differs from what is there; without places its folder is removed.
    pub fn store(&self, root: &Dir) -> Result<(), Problem> {
        if *self == Self::default() {
            if let Some(dir) = root.walk([FOLDER])? {
                dir.remove_leftover(NAME)?;
                dir.remove(NAME)?;
                root.remove_dir(FOLDER)?;
            }
            return Ok(());
        }
        let json = serde_json::to_vec_pretty(self).map_err(std::io::Error::from)?;
        let dir = root.walk_or_make([FOLDER], 0o700)?;
        let same = dir.read(NAME, BYTES)?.is_some_and(|found| *found.bytes == json && found.mode == 0o600);
        if same { Ok(()) } else { dir.stage(NAME, &json, 0o600, None)?.commit().map(drop) }
    }
}
