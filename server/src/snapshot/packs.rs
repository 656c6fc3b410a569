//! Looking into git's packs, where objects are compressed and stored as differences: git itself unpacks them, in a
//! repository of ours, so that no setting of the workspace's own repository counts.

use super::look::Look;
use app::domain::snapshot::Spot;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Larger objects are streamed instead of held in memory.
const LARGE: &str = "core.bigFileThreshold=16m";

/// A git process that does not outlive its use.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it is over already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Looks into every object of a pack. One that git does not take is noted.
pub(super) fn look(look: &mut Look<'_>, pack: File, place: &str) -> io::Result<()> {
    let own = empty_repository(look.temporary)?;
    if !index(look, own.path(), pack)? {
        look.not_searched(place, "git cannot read this pack");
        return Ok(());
    }
    let mut git = git(own.path());
    git.args(["cat-file", "--batch-all-objects", "--batch", "--buffer", "--unordered"]);
    let mut running = Running(git.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
    let Some(output) = running.0.stdout.take() else { return Ok(()) };
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
        let (bytes, hits) = look.content(&mut output.by_ref().take(size))?;
        look.found_at(place, hits, |_| Spot::GitObject(id.clone()));
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
fn index(look: &Look<'_>, own: &Path, pack: File) -> io::Result<bool> {
    let mut git = git(own);
    git.args(["index-pack", "--stdin", "--threads=1"]).stdin(pack).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = Running(git.spawn()?);
    loop {
        look.progress.check()?;
        if let Some(status) = running.0.try_wait()? {
            return Ok(status.success());
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn empty_repository(temporary: &Path) -> io::Result<TempDir> {
    let own = tempfile::tempdir_in(temporary)?;
    for folder in ["objects", "refs"] {
        fs::create_dir(own.path().join(folder))?;
    }
    fs::write(own.path().join("HEAD"), "ref: refs/heads/none\n")?;
    Ok(own)
}

fn git(own: &Path) -> Command {
    let mut git = crate::process::command("git").into_std();
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("LC_ALL", "C");
    git.arg("--git-dir").arg(own).args(["-c", LARGE]);
    git
}
