//! The root key: where it comes from, and the proof that it is the right one.

use super::cipher::{KEY_BYTES, Key};
use super::data_key::derive;
use super::record::{self, KeyId, Purpose};
use super::{OpenError, SealError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Environment variable that holds the root key, as base64 or as hexadecimal digits.
pub const ROOT_KEY_VARIABLE: &str = "KEYSLOT_ROOT_KEY";
/// Name of the root key among the credentials that systemd hands to a service.
pub const ROOT_KEY_CREDENTIAL: &str = "keyslot-root-key";
/// Name of the root key's file in the data directory, used when the variable is not set.
pub const ROOT_KEY_FILE: &str = "root.key";

const CHECK_PLAINTEXT: &[u8] = b"this root key opens this database";

/// The key that wraps every organization's data key. Wiped when dropped; no `Debug`, no `Clone`.
pub struct RootKey {
    key: Key,
    id: KeyId,
    source: String,
}

/// Why there is no usable root key. Nothing was changed in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// Not the key that the database was set up with.
    #[error(
        "the root key in {from} does not open this database; nothing was changed. Start Keyslot with the root key that \
         this database was set up with, or with another database"
    )]
    Wrong {
        /// Where the key was read.
        from: String,
    },
    /// The database was set up with a root key, and there is none here.
    #[error(
        "this database was set up with a root key, but {variable} is not set and {path} does not exist; nothing was \
         changed. Put that root key back",
        variable = ROOT_KEY_VARIABLE,
        path = path.display()
    )]
    Missing {
        /// Where the file was looked for.
        path: PathBuf,
    },
    /// The data folder belongs to a server that was set up, and the database is empty.
    #[error(
        "the database is empty, but {folder} belongs to a server that was set up before; nothing was changed. Put the \
         database back, or start once with --new to set up another one (what was encrypted in the old one stays lost \
         with it)",
        folder = folder.display()
    )]
    EmptyDatabase {
        /// The data folder.
        folder: PathBuf,
    },
    /// The text is not a key.
    #[error(
        "the root key in {from} must be {KEY_BYTES} bytes, written as base64 (44 characters) or as 64 hexadecimal \
         digits; `openssl rand -base64 32` makes one"
    )]
    Malformed {
        /// Where the key was read.
        from: String,
    },
    /// Others may read the file.
    #[error("the root key file {path} can be read by others (mode {mode:03o}); run: chmod 600 {path}", path = path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file cannot be read or written.
    #[error("the root key file {path} cannot be used: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The descriptor cannot be read.
    #[error(
        "the root key cannot be read from file descriptor {fd}: {source}. Give an open pipe, for example: --root-key-fd 3 3< <(command)"
    )]
    Descriptor {
        /// Its number.
        fd: u32,
        /// What the system said.
        source: io::Error,
    },
    /// A new key cannot be made.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl RootKey {
    /// The root key from an open descriptor where one is named, or else from [`ROOT_KEY_VARIABLE`], from systemd's
    /// credential [`ROOT_KEY_CREDENTIAL`], or from [`ROOT_KEY_FILE`] in the data directory. The file is made, with a
    /// random key, only if `may_create`: say so only for a database that was never set up.
    pub fn load(data_directory: &Path, descriptor: Option<u32>, may_create: bool) -> Result<Self, RootKeyError> {
        if let Some(fd) = descriptor {
            let text = read_pipe(fd).map_err(|source| RootKeyError::Descriptor { fd, source })?;
            return Self::from_text(&text, format!("file descriptor {fd}"));
        }
        let variable = std::env::var_os(ROOT_KEY_VARIABLE);
        let variable = variable.map(|text| Zeroizing::new(text.to_string_lossy().into_owned()));
        if variable.is_none()
            && let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY")
        {
            let path = Path::new(&folder).join(ROOT_KEY_CREDENTIAL);
            match read_text(&path) {
                Ok(text) => return Self::from_text(&text, path.display().to_string()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(RootKeyError::File { path, source }),
            }
        }
        Self::choose(variable, data_directory, may_create)
    }

    /// [`RootKey::load`] with the variable's content given.
    pub fn choose(
        variable: Option<Zeroizing<String>>,
        data_directory: &Path,
        may_create: bool,
    ) -> Result<Self, RootKeyError> {
        match variable {
            Some(text) => Self::from_text(&text, ROOT_KEY_VARIABLE.to_owned()),
            None => Self::from_file(&data_directory.join(ROOT_KEY_FILE), may_create),
        }
    }

    /// Reads base64 or hexadecimal digits; `source` tells people where the text stood.
    pub fn from_text(text: &str, source: String) -> Result<Self, RootKeyError> {
        match decode(text.trim()) {
            Some(bytes) => Ok(Self::new(bytes, source)),
            None => Err(RootKeyError::Malformed { from: source }),
        }
    }

    fn from_file(path: &Path, may_create: bool) -> Result<Self, RootKeyError> {
        match read_private(path) {
            Ok(text) => Self::from_text(&text, path.display().to_string()),
            Err(RootKeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                if !may_create {
                    return Err(RootKeyError::Missing { path: path.to_owned() });
                }
                create(path)?;
                // Read back, so that what later starts will read is what this start uses.
                Self::from_text(&read_private(path)?, path.display().to_string())
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn new(bytes: Zeroizing<[u8; KEY_BYTES]>, source: String) -> Self {
        let key = Key::new(bytes);
        let named = derive(&key, b"keyslot root key id 1");
        let id = named.bytes().first_chunk().copied().unwrap_or_default();
        Self { key, id, source }
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    pub(super) fn id(&self) -> &KeyId {
        &self.id
    }

    pub(super) fn new_check(&self) -> Result<Vec<u8>, SealError> {
        record::seal(&self.key, &self.id, Purpose::RootKeyCheck, &NOWHERE, CHECK_PLAINTEXT)
    }

    pub(super) fn verify(&self, check: &[u8]) -> Result<(), RootKeyError> {
        let opened: Result<_, OpenError> = record::open(&self.key, &self.id, Purpose::RootKeyCheck, &NOWHERE, check);
        match opened {
            Ok(text) if text.as_slice() == CHECK_PLAINTEXT => Ok(()),
            _ => Err(RootKeyError::Wrong { from: self.source.clone() }),
        }
    }
}

/// The check belongs to the whole database, so its identity has no parts.
const NOWHERE: [&[u8]; 0] = [];

fn decode(text: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    if text.len() == 2 * KEY_BYTES {
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let [high, low] = digits else { return None };
            let digit = |character: &u8| char::from(*character).to_digit(16);
            *byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
        }
        return Some(bytes);
    }
    let decoded = Zeroizing::new(STANDARD.decode(text).ok()?);
    bytes.copy_from_slice(decoded.get(..).filter(|decoded| decoded.len() == KEY_BYTES)?);
    Some(bytes)
}

/// Reads a file that only its owner may read. The permissions are asked of the opened file, not of the path.
fn read_private(path: &Path) -> Result<Zeroizing<String>, RootKeyError> {
    let file_error = |source| RootKeyError::File { path: path.to_owned(), source };
    let mut file = std::fs::File::open(path).map_err(file_error)?;
    let mode = file.metadata().map_err(file_error)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(RootKeyError::Exposed { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::with_capacity(128));
    file.read_to_string(&mut text).map_err(file_error)?;
    Ok(text)
}

fn read_text(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(128));
    std::fs::File::open(path)?.take(1024).read_to_string(&mut text)?;
    Ok(text)
}

/// Reads a pipe that this process was started with. Nothing else: programs that the server starts inherit the
/// descriptor, and could read a file once more.
fn read_pipe(fd: u32) -> io::Result<Zeroizing<String>> {
    let path = PathBuf::from(format!("/proc/self/fd/{fd}"));
    if !std::fs::metadata(&path)?.file_type().is_fifo() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a pipe"));
    }
    read_text(&path)
}

/// Writes a new key whole or not at all: a file of another name, synced, then linked to its place. If another start
/// was faster its file stays.
fn create(path: &Path) -> Result<(), RootKeyError> {
    let file_error = |source| RootKeyError::File { path: path.to_owned(), source };
    let key = Key::random()?;
    let text = Zeroizing::new(STANDARD.encode(key.bytes()) + "\n");
    let draft = path.with_extension(format!("key.{}", uuid::Uuid::now_v7()));
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        }
    };
    let written = write();
    // The draft may not exist if it could not be made; the write's own error is the one to tell.
    let _ = std::fs::remove_file(&draft);
    written.map_err(file_error)
}
