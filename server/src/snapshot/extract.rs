//! Unpacking an archive into a new folder. Nothing in it can reach out of that folder: every part of a path is opened
//! below the one before it without following links, nothing that is there is written over, and whatever an archive of
//! ours never holds is refused.

use super::Progress;
use super::strip::strip;
use crate::usage::megabytes;
use rustix::fs::{self, AtFlags, Mode, OFlags, Timespec, Timestamps, UTIME_OMIT};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use tar::{Archive, Entry, EntryType};

/// While folders are being filled their owner may write to them.
const OPEN_FOLDER: Mode = Mode::RWXU;

/// Why an archive was not unpacked, in words for people.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// The archive tries something.
    #[error("the archive holds {0}, which no snapshot of Keyslot does")]
    Refused(&'static str),
    /// It is larger than a workspace may be.
    #[error("it unpacks to more than {0} MB, which is as much as this server allows a workspace")]
    TooLarge(u64),
    /// It cannot be read, or the disk does not take it.
    #[error("it cannot be unpacked: {0}")]
    Io(#[from] io::Error),
}

impl From<Errno> for ExtractError {
    fn from(error: Errno) -> Self {
        Self::Io(error.into())
    }
}

/// A folder that was made: its mode and time come last, when nothing changes it any more.
struct Made {
    path: PathBuf,
    mode: Mode,
    time: i64,
}

/// Unpacks a compressed archive of at most so many bytes into a folder that is there and empty, but for what would have git
/// run something.
pub fn extract(archive: impl Read, into: &Path, most: u64, progress: &Progress) -> Result<(), ExtractError> {
    let root = fs::open(into, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut archive = Archive::new(zstd::Decoder::new(archive)?);
    let mut folders = Vec::new();
    for entry in archive.entries()? {
        progress.check().map_err(io::Error::from)?;
        let entry = entry?;
        if entry.header().entry_size()?.saturating_add(progress.bytes()) > most {
            return Err(ExtractError::TooLarge(megabytes(most)));
        }
        unpack(&root, entry, &mut folders, progress)?;
    }
    // Before folders get their modes back, which may forbid to change what is in them.
    let gone = strip(into)?;
    for Made { path, mode, time } in folders.iter().rev().filter(|made| !gone.contains(&made.path)) {
        let (parent, name) = parent_of(&root, path)?;
        let folder = child(&parent, name)?;
        fs::fchmod(&folder, *mode)?;
        fs::futimens(&folder, &times(*time))?;
    }
    Ok(())
}

fn unpack(
    root: &OwnedFd,
    mut entry: Entry<'_, impl Read>,
    folders: &mut Vec<Made>,
    progress: &Progress,
) -> Result<(), ExtractError> {
    let path = checked(&entry.path_bytes())?;
    let (parent, name) = parent_of(root, &path)?;
    // Who may do what; never the bits that give a program the rights of its owner.
    let mode = Mode::from_raw_mode(entry.header().mode()? & 0o777);
    let time = i64::try_from(entry.header().mtime()?).unwrap_or(0);
    match entry.header().entry_type() {
        EntryType::Directory => {
            fs::mkdirat(&parent, name, OPEN_FOLDER).map_err(taken)?;
            folders.push(Made { path, mode, time });
        }
        EntryType::Regular => {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mut file = File::from(fs::openat(&parent, name, flags, Mode::RUSR | Mode::WUSR).map_err(taken)?);
            let size = entry.header().size()?;
            if io::copy(&mut entry, &mut file)? != size {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            progress.add_bytes(size);
            fs::fchmod(&file, mode)?;
            fs::futimens(&file, &times(time))?;
        }
        EntryType::Symlink => {
            let target = entry.link_name_bytes().ok_or(ExtractError::Refused("a link that leads nowhere"))?;
            // Where it leads does not matter: nothing here follows it.
            fs::symlinkat(OsStr::from_bytes(&target), &parent, name).map_err(taken)?;
            fs::utimensat(&parent, name, &times(time), AtFlags::SYMLINK_NOFOLLOW)?;
        }
        EntryType::Link => return Err(ExtractError::Refused("a hard link")),
        EntryType::Char | EntryType::Block | EntryType::Fifo => {
            return Err(ExtractError::Refused("a device or a pipe"));
        }
        _ => return Err(ExtractError::Refused("an entry of an unknown kind")),
    }
    progress.add_file();
    Ok(())
}

fn taken(error: Errno) -> ExtractError {
    if error == Errno::EXIST { ExtractError::Refused("one path twice") } else { error.into() }
}

/// The path, if each part of it is a plain name.
fn checked(path: &[u8]) -> Result<PathBuf, ExtractError> {
    let path = Path::new(OsStr::from_bytes(path));
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || path.as_os_str().is_empty() {
        return Err(ExtractError::Refused("a path that leads elsewhere"));
    }
    Ok(path.components().collect())
}

/// The open folder that holds the last part of a path, and that part.
fn parent_of<'a>(root: &OwnedFd, path: &'a Path) -> Result<(OwnedFd, &'a OsStr), ExtractError> {
    let name = path.file_name().ok_or(ExtractError::Refused("a path that leads elsewhere"))?;
    let mut folder = root.try_clone()?;
    for part in path.parent().into_iter().flat_map(Path::components) {
        folder = child(&folder, part.as_os_str())?;
    }
    Ok((folder, name))
}

fn child(folder: &OwnedFd, name: &OsStr) -> Result<OwnedFd, ExtractError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    fs::openat(folder, name, flags, Mode::empty()).map_err(|error| match error {
        Errno::LOOP | Errno::NOTDIR => ExtractError::Refused("a path that goes through a link"),
        Errno::NOENT => ExtractError::Refused("a file without its folder"),
        error => error.into(),
    })
}

fn times(seconds: i64) -> Timestamps {
    let keep = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    Timestamps { last_access: keep, last_modification: Timespec { tv_sec: seconds, tv_nsec: 0 } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, symlink};
    use tar::{Builder, Header};
    use tempfile::TempDir;

    /// An entry as an attacker writes it: the name is not looked at.
    fn entry(tar: &mut Builder<Vec<u8>>, kind: EntryType, name: &str, target: &str, content: &[u8]) {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o4755);
        header.set_mtime(1_000_000_000);
        header.set_size(content.len() as u64);
        let raw = header.as_mut_bytes();
        raw[..name.len()].copy_from_slice(name.as_bytes());
        raw[157..157 + target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        tar.append(&header, content).expect("an entry");
    }

    const MOST: u64 = 1024;

    #[test]
    fn what_unpacks_to_more_than_a_workspace_may_have_is_given_up_before_it_is_written() {
        for (sizes, fits) in [(&[1024][..], true), (&[1000, 24], true), (&[1025], false), (&[1000, 25], false)] {
            let mut tar = Builder::new(Vec::new());
            for (number, size) in sizes.iter().enumerate() {
                entry(&mut tar, EntryType::Regular, &number.to_string(), "", &vec![0; *size]);
            }
            let archive = zstd::encode_all(&*tar.into_inner().expect("a tar"), 3).expect("zstd");
            let folder = tempfile::tempdir().expect("a folder");
            let done = extract(&*archive, folder.path(), MOST, &Progress::default());
            assert_eq!(done.is_ok(), fits, "{sizes:?}: {done:?}");
            assert!(fits || matches!(done, Err(ExtractError::TooLarge(_))));
        }
    }

    fn unpacked(entries: &[(EntryType, &str, &str)]) -> (TempDir, Result<(), ExtractError>) {
        let mut tar = Builder::new(Vec::new());
        for (kind, name, target) in entries {
            let content: &[u8] = if *kind == EntryType::Regular { b"content" } else { b"" };
            entry(&mut tar, *kind, name, target, content);
        }
        let archive = zstd::encode_all(&*tar.into_inner().expect("a tar"), 3).expect("zstd");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("in")).expect("a folder");
        let done = extract(&*archive, &folder.path().join("in"), MOST, &Progress::default());
        (folder, done)
    }

    #[test]
    fn whatever_leads_out_of_the_folder_is_refused_and_writes_nothing_outside() {
        use EntryType::{Block, Char, Directory, Fifo, Link, Regular, Symlink};
        let cases: [&[(EntryType, &str, &str)]; 14] = [
            &[(Regular, "../escaped", "")],
            &[(Regular, "/escaped", "")],
            &[(Regular, "a/../../escaped", "")],
            &[(Directory, "..", "")],
            &[(Regular, ".", "")],
            &[(Symlink, "up", ".."), (Regular, "up/escaped", "")],
            &[(Symlink, "up", ".."), (Directory, "up/escaped", "")],
            &[(Symlink, "up", "../escaped"), (Regular, "up", "")],
            &[(Directory, "d", ""), (Symlink, "d/up", "../.."), (Symlink, "d/up/escaped", "x")],
            &[(Regular, "a", ""), (Link, "b", "a")],
            &[(Link, "b", "../outside")],
            &[(Char, "null", "")],
            &[(Block, "disk", "")],
            &[(Fifo, "pipe", "")],
        ];
        for case in cases {
            let (folder, done) = unpacked(case);
            assert!(matches!(done, Err(ExtractError::Refused(_))), "{case:?}: {done:?}");
            assert!(!folder.path().join("escaped").exists(), "{case:?}");
        }
    }

    #[test]
    fn the_same_path_twice_and_a_file_without_its_folder_are_refused() {
        use EntryType::{Directory, Regular};
        for case in [
            &[(Regular, "a", ""), (Regular, "a", "")][..],
            &[(Directory, "a", ""), (Directory, "a", "")],
            &[(Regular, "no/folder", "")],
        ] {
            assert!(matches!(unpacked(case).1, Err(ExtractError::Refused(_))), "{case:?}");
        }
    }

    #[test]
    fn files_keep_mode_and_time_and_lose_the_bits_that_lend_rights() {
        let (folder, done) = unpacked(&[
            (EntryType::Directory, "d", ""),
            (EntryType::Regular, "d/a", ""),
            (EntryType::Symlink, "d/up", "/etc/hostname"),
        ]);
        done.expect("unpacked");
        for name in ["in/d", "in/d/a"] {
            let about = std::fs::symlink_metadata(folder.path().join(name)).expect("it is there");
            assert_eq!((about.mode() & 0o7777, about.mtime()), (0o755, 1_000_000_000), "{name}");
        }
        let link = folder.path().join("in/d/up");
        assert_eq!(std::fs::read_link(&link).expect("a link").to_str(), Some("/etc/hostname"));
        assert_eq!(std::fs::symlink_metadata(&link).expect("it is there").mtime(), 1_000_000_000);
    }

    #[test]
    fn a_folder_that_was_swapped_for_a_link_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("in");
        std::fs::create_dir(&root).expect("a folder");
        symlink("..", root.join("up")).expect("a link");
        let opened = fs::open(&root, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).expect("opened");
        let refused = parent_of(&opened, Path::new("up/escaped")).map(|_| ());
        assert!(matches!(refused, Err(ExtractError::Refused(_))), "{refused:?}");
    }
}
