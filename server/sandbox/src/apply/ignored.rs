//! Whether a `.gitignore` brings back what Keyslot's lines in `info/exclude` leave out: those of a folder count more.

use super::dir::Dir;
use domain::RelativePath;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::Path;

const NAME: &str = ".gitignore";
const BYTES: u64 = 1024 * 1024;

/// The line that makes git add a file, such as `!.env` in `web/.gitignore`; nothing where there is none.
pub(super) fn brought_back(root: &Dir, repository: &RelativePath, place: &RelativePath) -> Option<String> {
    let parts: Vec<&str> = place.parts().collect();
    let top = repository.depth();
    let all: Vec<_> = (top..parts.len()).map(|depth| rules(root, &parts[..depth])).collect();
    for end in top + 1..=parts.len() {
        // The nearest file with a matching line decides, and in it the last such line.
        let decided = (top..end).rev().find_map(|depth| {
            let rules = all[depth - top].as_ref()?;
            match rules.matched(parts[depth..end].join("/"), end < parts.len()) {
                Match::None => None,
                Match::Ignore(_) => Some(None),
                Match::Whitelist(glob) => Some(Some((depth, glob.original().to_owned()))),
            }
        });
        match decided {
            // Git does not look into a folder that it ignores.
            Some(None) => return None,
            Some(Some((depth, line))) if end == parts.len() => {
                let file = parts[..depth].iter().copied().chain([NAME]).collect::<Vec<_>>().join("/");
                return Some(format!("the line {line} in {file}"));
            }
            _ => {}
        }
    }
    None
}

/// The rules of one folder. One that cannot be read has none: git could not read it either.
fn rules(root: &Dir, folders: &[&str]) -> Option<Gitignore> {
    let found = root.walk(folders.iter().copied()).ok()??.read(NAME, BYTES).ok()??;
    let mut builder = GitignoreBuilder::new(Path::new(""));
    for line in String::from_utf8_lossy(&found.bytes).lines() {
        // A line that is no pattern matches nothing.
        builder.add_line(None, line).ok();
    }
    builder.build().ok()
}
