//! Telling by its first bytes, and by its last ones, whether a file holds others in packed form.

use memchr::memmem;
use std::path::Path;

const TAR_MAGIC: &[u8] = b"ustar";
const TAR_MAGIC_AT: usize = 257;
/// Where the list of a zip archive ends: near the end of the file, whatever stands before the archive.
const ZIP_END: &[u8] = b"PK\x05\x06";
/// Bytes from the end of a zip archive in which that stands.
pub(super) const ZIP_TAIL: u64 = 22 + 65_535;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packed {
    Zip,
    Tar,
    Gzip,
    Zstd,
    /// By its name alone: nothing else tells it.
    Brotli,
    /// By two bytes, which others may begin with too.
    Zlib,
    /// A loose git object, with its id.
    GitObject(String),
    GitPack,
    GitBundle,
    /// Something that is known and not looked into.
    Closed(&'static str),
}

impl Packed {
    pub fn of(path: &Path, head: &[u8]) -> Option<Self> {
        let starts = |magic: &[u8]| head.starts_with(magic);
        match () {
            () if starts(b"PK\x03\x04") || starts(ZIP_END) => Some(Self::Zip),
            () if starts(b"\x1f\x8b\x08") => Some(Self::Gzip),
            () if starts(b"\x28\xb5\x2f\xfd") => Some(Self::Zstd),
            () if starts(b"PACK\0\0\0") => Some(Self::GitPack),
            () if starts(b"# v2 git bundle\n") || starts(b"# v3 git bundle\n") => Some(Self::GitBundle),
            () if Self::is_tar(head) => Some(Self::Tar),
            () if closed(head).is_some() => closed(head).map(Self::Closed),
            () if path.extension().is_some_and(|name| name.eq_ignore_ascii_case("br")) => Some(Self::Brotli),
            () if is_zlib(head) => Some(loose_object(path).map_or(Self::Zlib, Self::GitObject)),
            () => None,
        }
    }

    pub fn is_tar(head: &[u8]) -> bool {
        head.get(TAR_MAGIC_AT..).is_some_and(|rest| rest.starts_with(TAR_MAGIC))
    }

    /// A zip archive behind something else, such as the program that unpacks it, by the end of the file.
    pub fn behind_something(tail: &[u8]) -> Option<Self> {
        memmem::rfind(tail, ZIP_END).map(|_| Self::Zip)
    }
}

fn closed(head: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 12] = [
        (b"\xfd7zXZ\0", "xz"),
        (b"BZh", "bzip2"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"\x04\x22\x4d\x18", "lz4"),
        (b"LZIP", "lzip"),
        (b"\x1f\x9d", "compress"),
        (b"\xed\xab\xee\xdb", "RPM"),
        (b"!<arch>\ndebian-binary", "Debian"),
        (b"MSCF\0\0\0\0", "cabinet"),
        (b"hsqs", "squashfs"),
        (b"\x5d\0\0\x80\0", "lzma"),
    ];
    KINDS.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name)
}

/// The two bytes before a zlib stream.
fn is_zlib(head: &[u8]) -> bool {
    let first = head.first_chunk::<2>();
    first.is_some_and(|head| head[0] & 15 == 8 && head[0] >> 4 <= 7 && u16::from_be_bytes(*head).is_multiple_of(31))
}

/// The id of a loose git object: its name has digits alone, split after the first two.
fn loose_object(path: &Path) -> Option<String> {
    let (name, folder) = (path.file_name()?.to_str()?, path.parent()?.file_name()?.to_str()?);
    let id = format!("{folder}{name}");
    let digits = id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (folder.len() == 2 && matches!(id.len(), 40 | 64) && digits).then_some(id)
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
        assert_eq!(of("app.js.br", b"\x1b\x00"), Some(Packed::Brotli));
        assert_eq!(of("all.bundle", b"# v3 git bundle\n@x"), Some(Packed::GitBundle));
        let id = "0123456789abcdef0123456789abcdef01234567";
        let loose = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
        assert_eq!(of(&loose, b"\x78\x01x"), Some(Packed::GitObject(id.to_owned())));
        assert_eq!(of("some/other", b"\x78\x9cx"), Some(Packed::Zlib));
        assert_eq!(of(&loose, b"text"), None);
        assert_eq!(of("empty", b""), None);
    }
}
