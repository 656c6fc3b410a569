//! Looking into files that hold others in packed form: one level of zip, tar, gzip and zstd, and all of git's.

use super::look::Look;
use super::packs;
use app::domain::snapshot::Spot;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use zip::ZipArchive;

/// Bytes that one file may unpack to: a file of zeros packs a thousandfold.
const UNPACKED: u64 = 16 << 30;
const TAR_MAGIC: &[u8] = b"ustar";
const TAR_MAGIC_AT: usize = 257;

/// What a file is, by its first bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packed {
    Zip,
    Tar,
    Gzip,
    Zstd,
    /// A loose git object, with its id.
    GitObject(String),
    GitPack,
    /// Something that is known and not looked into.
    Closed(&'static str),
}

impl Packed {
    pub fn of(path: &Path, head: &[u8]) -> Option<Self> {
        let starts = |magic: &[u8]| head.starts_with(magic);
        match () {
            () if starts(b"PK\x03\x04") => Some(Self::Zip),
            () if starts(b"\x1f\x8b\x08") => Some(Self::Gzip),
            () if starts(b"\x28\xb5\x2f\xfd") => Some(Self::Zstd),
            () if starts(b"PACK\0\0\0") => Some(Self::GitPack),
            () if is_tar(head) => Some(Self::Tar),
            () if starts(b"\xfd7zXZ\0") => Some(Self::Closed("xz")),
            () if starts(b"BZh") => Some(Self::Closed("bzip2")),
            () if starts(b"7z\xbc\xaf\x27\x1c") => Some(Self::Closed("7z")),
            () if starts(b"Rar!\x1a\x07") => Some(Self::Closed("RAR")),
            () => loose_object(path, head).map(Self::GitObject),
        }
    }

    /// Whether it is looked into; if not, that is noted.
    pub fn is_looked_into(&self, look: &mut Look<'_>, place: &str) -> bool {
        if let Self::Closed(kind) = self {
            look.not_searched(place, &format!("{kind} archives are not looked into"));
            return false;
        }
        true
    }
}

fn is_tar(head: &[u8]) -> bool {
    head.get(TAR_MAGIC_AT..).is_some_and(|rest| rest.starts_with(TAR_MAGIC))
}

/// The id of a loose git object: a zlib stream under a name of digits, split after the first two.
fn loose_object(path: &Path, head: &[u8]) -> Option<String> {
    let zlib = |head: &[u8; 2]| head[0] & 15 == 8 && u16::from_be_bytes(*head).is_multiple_of(31);
    head.first_chunk().filter(|head| zlib(head))?;
    let (name, folder) = (path.file_name()?.to_str()?, path.parent()?.file_name()?.to_str()?);
    let id = format!("{folder}{name}");
    let digits = id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (folder.len() == 2 && matches!(id.len(), 40 | 64) && digits).then_some(id)
}

/// Looks into a file.
pub(super) fn look(look: &mut Look<'_>, packed: Packed, file: File, place: &str) -> io::Result<()> {
    let done = match packed {
        Packed::Zip => zip(look, file, place),
        Packed::Tar => tar(look, BufReader::new(file), place),
        Packed::Gzip => stream(look, MultiGzDecoder::new(BufReader::new(file)), place),
        Packed::Zstd => zstd::Decoder::new(file).and_then(|decoder| stream(look, decoder, place)),
        Packed::GitObject(id) => object(look, ZlibDecoder::new(BufReader::new(file)), &id, place),
        Packed::GitPack => return packs::look(look, file, place),
        Packed::Closed(_) => Ok(()),
    };
    // Whoever called it off wants no note about it.
    look.progress.check()?;
    if let Err(error) = done {
        look.not_searched(place, &format!("it cannot be unpacked ({})", error.kind()));
    }
    Ok(())
}

/// A compressed file: a tar archive, or anything else.
fn stream(look: &mut Look<'_>, mut unpacked: impl Read, place: &str) -> io::Result<()> {
    let mut head = Vec::new();
    unpacked.by_ref().take(512).read_to_end(&mut head)?;
    let is_tar = is_tar(&head);
    let whole = (&head[..]).chain(unpacked);
    if is_tar {
        return tar(look, whole, place);
    }
    content(look, whole, &format!("{place} › content"))
}

fn content(look: &mut Look<'_>, from: impl Read, place: &str) -> io::Result<()> {
    let (bytes, hits) = look.content(&mut from.take(UNPACKED))?;
    look.found(place, hits);
    if bytes == UNPACKED {
        look.not_searched(place, "it unpacks to more than 16 GiB, and only those were searched");
    }
    Ok(())
}

fn tar(look: &mut Look<'_>, from: impl Read, place: &str) -> io::Result<()> {
    let mut archive = tar::Archive::new(from.take(UNPACKED));
    for entry in archive.entries()? {
        if look.is_full() {
            break;
        }
        let mut entry = entry?;
        let (name, target) = (entry.path_bytes().into_owned(), entry.link_name_bytes().map(|name| name.into_owned()));
        let place = format!("{place} › {}", String::from_utf8_lossy(&name));
        look.name(&place, &name, target.as_deref());
        content(look, &mut entry, &place)?;
    }
    Ok(())
}

fn zip(look: &mut Look<'_>, file: File, place: &str) -> io::Result<()> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(io::Error::from)?;
    for at in 0..archive.len() {
        if look.is_full() {
            break;
        }
        let raw = archive.by_index_raw(at).map(|entry| entry.name_raw().to_vec()).map_err(io::Error::from)?;
        let place = format!("{place} › {}", String::from_utf8_lossy(&raw));
        look.name(&place, &raw, None);
        let done = match archive.by_index(at) {
            Ok(entry) => content(look, entry, &place),
            Err(error) => Err(error.into()),
        };
        look.progress.check()?;
        if done.is_err() {
            look.not_searched(&place, "it is encrypted, damaged or packed in another way than deflate");
        }
    }
    Ok(())
}

fn object(look: &mut Look<'_>, unpacked: impl Read, id: &str, place: &str) -> io::Result<()> {
    let (_, hits) = look.content(&mut unpacked.take(UNPACKED))?;
    look.found_at(place, hits, |_| Spot::GitObject(id.to_owned()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let of = |path: &str, head: &[u8]| Packed::of(Path::new(path), head);
        let mut tar = vec![0; 512];
        tar[TAR_MAGIC_AT..][..5].copy_from_slice(TAR_MAGIC);
        assert_eq!(of("a", &tar), Some(Packed::Tar));
        assert_eq!(of("a.jar", b"PK\x03\x04 and on"), Some(Packed::Zip));
        assert_eq!(of("a.xz", b"\xfd7zXZ\0 and on"), Some(Packed::Closed("xz")));
        let id = "0123456789abcdef0123456789abcdef01234567";
        let loose = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
        assert_eq!(of(&loose, b"\x78\x01x"), Some(Packed::GitObject(id.to_owned())));
        assert_eq!(of("some/other", b"\x78\x01x"), None);
        assert_eq!(of(&loose, b"text"), None);
        assert_eq!(of("empty", b""), None);
    }
}
