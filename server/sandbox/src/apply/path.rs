//! Paths that files of the workspace name.

use std::path::{Component, Path};

/// The parts, from the workspace, of a path that a symlink or a file of git's names; `None` if it leads outside.
///
/// By name alone: the way is later walked without following symlinks, so a name cannot mean another place.
pub(super) fn resolve(workspace: &Path, base: &[String], target: &str) -> Option<Vec<String>> {
    let target = Path::new(target);
    let (mut parts, rest) = match target.is_absolute() {
        true => (Vec::new(), target.strip_prefix(workspace).ok()?),
        false => (base.to_vec(), target),
    };
    for component in rest.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?.to_owned()),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts)
}
