//! Which server process this is, when several work on one database.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use uuid::Uuid;
use vault::ROOT_KEY_FILE;

const FILE: &str = "instance";

/// The id of a server with a data folder of its own. It stays the same over restarts, so that the process that comes
/// back knows which sandboxes lie on its disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance(String);

impl Instance {
    /// Reads the id from the data folder; makes a random one at the first start.
    pub fn load(data: &Path) -> std::io::Result<Self> {
        let path = data.join(FILE);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        match options.open(&path) {
            Ok(mut file) => {
                let id = Uuid::new_v4().to_string();
                file.write_all(id.as_bytes())?;
                file.sync_all()?;
                Ok(Self(id))
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::read(&path),
            Err(error) => Err(error),
        }
    }

    /// Whether a server was set up with this data folder before.
    pub fn was_set_up(data: &Path) -> bool {
        data.join(FILE).exists() || data.join(ROOT_KEY_FILE).exists()
    }

    fn read(path: &Path) -> std::io::Result<Self> {
        let mut text = String::new();
        File::open(path)?.take(1024).read_to_string(&mut text)?;
        let id = Uuid::parse_str(text.trim()).map_err(|_| {
            let problem = format!("{} holds no instance id; delete it to get a new one", path.display());
            Error::new(ErrorKind::InvalidData, problem)
        })?;
        Ok(Self(id.to_string()))
    }

    /// The id as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn an_id_stays_with_its_data_folder() {
        let (one, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let id = Instance::load(one.path()).expect("an id");
        assert_eq!(Instance::load(one.path()).expect("the same id"), id);
        assert_ne!(Instance::load(other.path()).expect("an id"), id);
        let mode = std::fs::metadata(one.path().join(FILE)).expect("the file").mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_with_something_else_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(FILE), "x").expect("a file");
        let error = Instance::load(folder.path()).expect_err("no id");
        assert!(error.to_string().contains("holds no instance id"), "{error}");
    }
}
