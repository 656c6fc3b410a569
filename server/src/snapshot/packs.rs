//! Looking into git's packs, where objects are compressed and stored as differences: git itself unpacks them, in a
//! repository of ours, so that no setting of the workspace's own repository counts.

use super::inside;
use super::look::{Look, Searched};
use super::running::Running;
use crate::git::{Hash, Scratch};
use domain::snapshot::Spot;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::process::Stdio;

/// Looks into every object of a pack, however its ids are computed.
pub(super) fn look(look: &mut Look<'_>, mut pack: File, place: &str) -> io::Result<()> {
    let own = Scratch::new(look.wall, look.temporary, Hash::Sha1)?;
    if index(look, &own, pack.try_clone()?)? {
        return objects(look, &own, place);
    }
    pack.rewind()?;
    look_by(look, Hash::Sha256, pack, place)
}

/// The same where that is known. A pack that git does not take is noted.
pub(super) fn look_by(look: &mut Look<'_>, hash: Hash, pack: File, place: &str) -> io::Result<()> {
    let own = Scratch::new(look.wall, look.temporary, hash)?;
    if index(look, &own, pack)? {
        return objects(look, &own, place);
    }
    look.not_searched(place, "git cannot read this pack");
    Ok(())
}

fn objects(look: &mut Look<'_>, own: &Scratch<'_>, place: &str) -> io::Result<()> {
    let mut git = own.git(&["cat-file", "--batch-all-objects", "--batch", "--buffer", "--unordered"], None)?;
    git.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running::start(&mut git)?;
    let Some(output) = running.child.stdout.take() else { return Ok(()) };
    let mut output = BufReader::with_capacity(64 * 1024, output);
    let mut head = Vec::new();
    while !look.is_full() {
        head.clear();
        if output.read_until(b'\n', &mut head)? == 0 {
            break;
        }
        let Some((id, size)) = object(&head) else {
            look.not_searched(place, "git cannot read an object of this pack");
            return Ok(());
        };
        let mut object = look.budget.meter(output.by_ref().take(size));
        let Searched { bytes, hits, end, .. } = look.search(&mut object, &mut io::sink());
        look.found_at(place, hits, |_| Spot::GitObject(id.clone()));
        if end.is_err() {
            return inside::note_end(look, place, end);
        }
        if bytes < size || output.read_until(b'\n', &mut head)? == 0 {
            look.not_searched(place, "git broke off in this pack");
            return Ok(());
        }
    }
    Ok(())
}

/// The id and size in a line such as `0123… blob 12`.
fn object(line: &[u8]) -> Option<(String, u64)> {
    let mut words = std::str::from_utf8(line).ok()?.split_whitespace();
    let (id, _kind, size) = (words.next()?, words.next()?, words.next()?);
    Some((id.to_owned(), size.parse().ok()?))
}

/// Has git write an index of the pack, from its bytes alone: one that came with it might leave objects out.
fn index(look: &Look<'_>, own: &Scratch<'_>, pack: File) -> io::Result<bool> {
    let mut git = own.git(&["index-pack", "--stdin", "--threads=1"], None)?;
    git.stdin(pack).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = Running::start(&mut git)?;
    loop {
        look.progress.check()?;
        if let Some(status) = running.child.try_wait()? {
            return Ok(status.success());
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
