//! Files of the spec that are symlinks to other files of it, as monorepos have them (`apps/web/.env -> ../../.env`).
//!
//! Nothing is written through a symlink. What such a file asks for is written into the file that it points to.

use super::dir::Dir;
use super::input::ApplyInput;
use super::path::resolve;
use domain::report::{FileReport, Outcome};
use domain::spec::{EnvFile, EnvSpec};
use domain::{KeyName, RelativePath};
use std::path::Path;

/// Links that are followed from one file of the spec to the next.
const HOPS: usize = 8;

/// A file of the spec that is a symlink to another one.
pub(super) struct Guest<'a> {
    /// The file of the spec.
    pub file: &'a EnvFile,
    /// Where the real file is.
    pub host: RelativePath,
}

/// A link that cannot be served, with the reason.
pub(super) struct Refused {
    /// Its place.
    pub place: RelativePath,
    /// Why.
    pub reason: String,
}

/// Finds the links, and those among them that ask for other values than the file that they point to.
pub(super) fn find<'a>(
    root: &Dir,
    workspace: &Path,
    spec: &'a EnvSpec,
    input: &ApplyInput,
) -> (Vec<Guest<'a>>, Vec<Refused>) {
    let (mut guests, mut refused) = (Vec::new(), Vec::new());
    for file in &spec.files {
        let Some(host) = host_of(root, workspace, spec, file) else { continue };
        let place = file.place();
        match differs(spec, file, &host, &guests, input) {
            None => guests.push(Guest { file, host }),
            Some(key) => refused.push(Refused {
                reason: format!(
                    "it is a symlink to {host}, where {key} has another value; use the same value, or make it a real \
                     file"
                ),
                place,
            }),
        }
    }
    (guests, refused)
}

/// The file of the spec that a link leads to; nothing where the file is no link to one.
pub(super) fn host_of(root: &Dir, workspace: &Path, spec: &EnvSpec, file: &EnvFile) -> Option<RelativePath> {
    let mut place = file.place();
    for _ in 0..HOPS {
        match target(root, workspace, &place) {
            Some(next) => place = next,
            None => {
                return (place != file.place() && spec.files.iter().any(|file| file.place() == place)).then_some(place);
            }
        }
    }
    None
}

/// Where a symlink points to, by name alone, within the workspace; nothing where there is no symlink.
fn target(root: &Dir, workspace: &Path, place: &RelativePath) -> Option<RelativePath> {
    let mut parts: Vec<&str> = place.parts().collect();
    let name = parts.pop()?;
    let said = root.walk(parts.iter().copied()).ok()??.read_link(name)?;
    let base: Vec<String> = parts.into_iter().map(str::to_owned).collect();
    RelativePath::file(&resolve(workspace, &base, &said)?.join("/")).ok()
}

/// A key that the link and the file, or another link to it, give different values.
fn differs(
    spec: &EnvSpec,
    file: &EnvFile,
    host: &RelativePath,
    guests: &[Guest<'_>],
    input: &ApplyInput,
) -> Option<KeyName> {
    let real = spec.files.iter().filter(|other| other.place() == *host);
    let others = real.chain(guests.iter().filter(|guest| guest.host == *host).map(|guest| guest.file));
    let (place, mut others) = (file.place(), others);
    others.find_map(|other| {
        let shared = other.keys.iter().filter(|slot| file.keys.iter().any(|own| own.key == slot.key));
        let value = |place: &RelativePath, key: &KeyName| input.value(place, key).map(|value| value.expose());
        let at = other.place();
        shared.map(|slot| &slot.key).find(|key| value(&place, key) != value(&at, key)).cloned()
    })
}

impl Guest<'_> {
    /// The report of a link: what became of the file that it points to.
    pub fn report(&self, host: &FileReport, input: &ApplyInput) -> FileReport {
        let place = self.file.place();
        let refused = host.outcome == Outcome::Refused;
        let keys = self.file.keys.iter().map(|slot| slot.key.clone());
        let (written, missing) = keys.partition(|key| input.value(&place, key).is_some());
        FileReport {
            outcome: host.outcome,
            reason: refused.then(|| format!("it is a symlink to {}, which could not be written", self.host)),
            created: false,
            tightened: false,
            written: if refused { Vec::new() } else { written },
            missing,
            place,
        }
    }
}
