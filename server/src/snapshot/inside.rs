//! Looking into files that hold others in packed form, two layers deep, and all of git's.

use super::budget::Budget;
use super::look::{Look, Searched};
use super::packed::Packed;
use super::{bundle, density, packs};
use brotli_decompressor::Decompressor;
use domain::snapshot::Spot;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use zip::ZipArchive;

/// Bytes that tell what a file is.
pub(super) const HEAD: usize = 512;
/// How many archives may lie in each other.
const LAYERS: usize = 2;
const BROTLI_BUFFER: usize = 64 * 1024;

/// Looks into a file of the workspace.
pub(super) fn look(look: &mut Look<'_>, packed: Packed, file: File, place: &str) -> io::Result<()> {
    look.budget.begin_file();
    layer(look, packed, file, place, 1)
}

fn layer(look: &mut Look<'_>, packed: Packed, file: File, place: &str, depth: usize) -> io::Result<()> {
    let budget = look.budget.clone();
    let done = match packed {
        Packed::Zip => zip(look, file, place, depth),
        Packed::Tar => tar(look, budget.meter(BufReader::new(file)), place, depth),
        Packed::Gzip => stream(look, budget.meter(MultiGzDecoder::new(BufReader::new(file))), place, depth),
        Packed::Zstd => zstd::Decoder::new(file).and_then(|decoder| stream(look, budget.meter(decoder), place, depth)),
        Packed::Brotli => stream(look, budget.meter(Decompressor::new(file, BROTLI_BUFFER)), place, depth),
        Packed::Zlib => return zlib(look, file, place, depth),
        Packed::GitObject(id) => object(look, budget.meter(ZlibDecoder::new(BufReader::new(file))), &id, place),
        Packed::GitPack => return packs::look(look, file, place),
        Packed::GitBundle => return bundle::look(look, file, place),
        Packed::Closed(kind) => {
            look.not_searched(place, &format!("{kind} archives are not looked into"));
            Ok(())
        }
    };
    note_end(look, place, done)
}

/// Names what could not be unpacked to its end.
pub(super) fn note_end(look: &mut Look<'_>, place: &str, done: io::Result<()>) -> io::Result<()> {
    // Whoever called it off wants no note about it.
    look.progress.check()?;
    match done {
        Ok(()) => {}
        Err(error) if Budget::is_spent(&error) => {
            look.not_searched(place, "it unpacks to more than is looked into; the rest was not searched");
        }
        Err(error) => look.not_searched(place, &format!("it cannot be unpacked ({})", error.kind())),
    }
    Ok(())
}

/// A compressed file: a tar archive, or anything else.
fn stream(look: &mut Look<'_>, mut unpacked: impl Read, place: &str, depth: usize) -> io::Result<()> {
    let mut head = Vec::new();
    unpacked.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let is_tar = Packed::is_tar(&head);
    let whole = (&head[..]).chain(unpacked);
    if is_tar {
        return tar(look, whole, place, depth);
    }
    content(look, whole, Path::new(""), &format!("{place} › content"), depth)
}

/// What may be a zlib stream by its first two bytes, which many other files begin with too: nothing is said of these.
fn zlib(look: &mut Look<'_>, file: File, place: &str, depth: usize) -> io::Result<()> {
    let mut unpacked = look.budget.meter(ZlibDecoder::new(BufReader::new(file)));
    let mut head = Vec::new();
    if unpacked.by_ref().take(HEAD as u64).read_to_end(&mut head).is_err() && head.is_empty() {
        return Ok(());
    }
    let whole = (&head[..]).chain(unpacked);
    let done = content(look, whole, Path::new(""), &format!("{place} › content"), depth);
    note_end(look, place, done)
}

/// One thing in an archive: searched, and looked into where that is not too deep.
fn content(look: &mut Look<'_>, mut from: impl Read, name: &Path, place: &str, depth: usize) -> io::Result<()> {
    let mut head = Vec::new();
    let begun = from.by_ref().take(HEAD as u64).read_to_end(&mut head).map(|_| ());
    let packed = Packed::of(name, &head);
    let mut whole = (&head[..]).chain(from);
    let goes_on = packed.as_ref().is_some_and(|packed| depth < LAYERS && !matches!(packed, Packed::Closed(_)));
    if !goes_on {
        let Searched { hits, is_dense, end, .. } = look.search(&mut whole, &mut io::sink());
        look.found(place, hits);
        match packed {
            // Most that begin like zlib are none.
            Some(Packed::Zlib) if !is_dense => {}
            Some(Packed::Closed(kind)) => look.not_searched(place, &format!("{kind} archives are not looked into")),
            Some(_) => look.not_searched(place, "it lies in more archives than are looked into"),
            None if is_dense && !density::is_media(&head) => look.not_searched(place, density::UNKNOWN),
            None => {}
        }
        return begun.and(end);
    }
    let mut copy = tempfile::tempfile_in(look.temporary)?;
    let Searched { hits, end, .. } = look.search(&mut whole, &mut copy);
    look.found(place, hits);
    copy.rewind()?;
    if let Some(packed) = packed {
        layer(look, packed, copy, place, depth + 1)?;
    }
    begun.and(end)
}

fn tar(look: &mut Look<'_>, from: impl Read, place: &str, depth: usize) -> io::Result<()> {
    let mut archive = tar::Archive::new(from);
    for entry in archive.entries()? {
        if look.is_full() {
            break;
        }
        let mut entry = entry?;
        let (name, target) = (entry.path_bytes().into_owned(), entry.link_name_bytes().map(|name| name.into_owned()));
        let shown = String::from_utf8_lossy(&name);
        let place = format!("{place} › {shown}");
        look.name(&place, &name, target.as_deref());
        content(look, &mut entry, Path::new(shown.as_ref()), &place, depth)?;
    }
    Ok(())
}

fn zip(look: &mut Look<'_>, file: File, place: &str, depth: usize) -> io::Result<()> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(io::Error::from)?;
    let budget = look.budget.clone();
    for at in 0..archive.len() {
        if look.is_full() {
            break;
        }
        let raw = archive.by_index_raw(at).map(|entry| entry.name_raw().to_vec()).map_err(io::Error::from)?;
        let shown = String::from_utf8_lossy(&raw).into_owned();
        let place = format!("{place} › {shown}");
        look.name(&place, &raw, None);
        let done = match archive.by_index(at) {
            Ok(entry) => content(look, budget.meter(entry), Path::new(&shown), &place, depth),
            Err(error) => Err(error.into()),
        };
        look.progress.check()?;
        match done {
            Err(error) if Budget::is_spent(&error) => return Err(error),
            Err(_) => look.not_searched(&place, "it is encrypted, damaged or packed in another way than deflate"),
            Ok(()) => {}
        }
    }
    Ok(())
}

fn object(look: &mut Look<'_>, mut unpacked: impl Read, id: &str, place: &str) -> io::Result<()> {
    let Searched { hits, end, .. } = look.search(&mut unpacked, &mut io::sink());
    look.found_at(place, hits, |_| Spot::GitObject(id.to_owned()));
    end
}
