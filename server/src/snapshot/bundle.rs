//! Looking into git's bundles: a few lines of text, then a pack.

use super::look::Look;
use super::packs;
use crate::git::Hash;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};

/// Bytes that the lines before the pack may have.
const LINES: u64 = 16 * 1024 * 1024;

/// Looks into a bundle. One whose pack needs objects that are not in it is noted.
pub(super) fn look(look: &mut Look<'_>, file: File, place: &str) -> io::Result<()> {
    let mut reader = BufReader::new(file);
    let (mut hash, mut line) = (Hash::Sha1, Vec::new());
    let mut lines = reader.by_ref().take(LINES);
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line)? {
            0 => {
                look.not_searched(place, "git cannot read this bundle");
                return Ok(());
            }
            1 if line == b"\n" => break,
            _ if line == b"@object-format=sha256\n" => hash = Hash::Sha256,
            _ => {}
        }
    }
    let mut pack = tempfile::tempfile_in(look.temporary)?;
    io::copy(&mut reader, &mut pack)?;
    pack.rewind()?;
    packs::look_by(look, hash, pack, place)
}
