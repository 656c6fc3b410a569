//! What of the system programs behind the wall may read.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold programs and what they need, where they exist.
const FOLDERS: [&str; 9] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix"];

/// Parts of `/etc` that programs need, without anything that may hold a password or name the machine's services. Names
/// that end in `*` stand for every entry that begins so.
const ETC: [&str; 36] = [
    "alternatives",
    "bash.bashrc",
    "ca-certificates",
    "ca-certificates.conf",
    "crypto-policies",
    "debian_version",
    "default/locale",
    "fonts",
    "gai.conf",
    "host.conf",
    "hosts",
    "inputrc",
    "java*",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "locale.alias",
    "locale.conf",
    "localtime",
    "magic",
    "mime.types",
    "nsswitch.conf",
    "os-release",
    "perl",
    "pki/ca-trust",
    "pki/tls/certs",
    "pki/tls/cert.pem",
    "pki/tls/openssl.cnf",
    "protocols",
    "python3*",
    "resolv.conf",
    "services",
    "ssl/certs",
    "ssl/cert.pem",
    "ssl/openssl.cnf",
    "timezone",
];

/// Something of the host that appears at the same place inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A file or folder, read-only.
    Read(PathBuf),
    /// A symlink with its target, as on systems where `/bin` is `/usr/bin`.
    Link(PathBuf, PathBuf),
    /// A folder that stays empty although it lies in a readable one.
    Hide(PathBuf),
}

/// What exists of the system, and of `more`, with each of `hidden` covered that would be visible.
pub(super) fn parts(more: &[PathBuf], hidden: &[PathBuf]) -> Vec<Part> {
    let system = FOLDERS.iter().map(PathBuf::from).chain(etc(Path::new("/etc"))).chain(more.iter().cloned());
    let mut parts: Vec<Part> = system.filter_map(part).collect();
    let shown: Vec<PathBuf> = parts.iter().filter_map(|part| part.shows()).collect();
    let is_visible = |folder: &&PathBuf| shown.iter().any(|shown| folder.starts_with(shown));
    parts.extend(hidden.iter().filter(is_visible).cloned().map(Part::Hide));
    parts
}

impl Part {
    /// The real folder whose content can be read inside.
    fn shows(&self) -> Option<PathBuf> {
        match self {
            Self::Read(path) => fs::canonicalize(path).ok(),
            Self::Link(..) | Self::Hide(_) => None,
        }
    }
}

fn part(path: PathBuf) -> Option<Part> {
    // A link between folders of the root is kept as one; others are replaced by what they lead to.
    if path.parent() == Some(Path::new("/"))
        && let Ok(target) = fs::read_link(&path)
    {
        return Some(Part::Link(path, target));
    }
    path.exists().then_some(Part::Read(path))
}

fn etc(folder: &Path) -> Vec<PathBuf> {
    let names = || fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let found = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(start) => {
            names().filter(|name| name.to_string_lossy().starts_with(start)).map(|name| folder.join(name)).collect()
        }
        None => vec![folder.join(pattern)],
    };
    ETC.iter().flat_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_folder_inside_of_a_readable_folder_is_covered() {
        let folder = tempfile::tempdir().expect("a folder");
        let tools = folder.path().canonicalize().expect("a path").join("tools");
        let data = tools.join("keyslot/data");
        fs::create_dir_all(&data).expect("a folder");
        let elsewhere = folder.path().join("elsewhere");
        let parts = parts(std::slice::from_ref(&tools), &[data.clone(), elsewhere.clone()]);
        assert!(parts.contains(&Part::Read(tools)));
        assert!(parts.contains(&Part::Hide(data)));
        assert!(!parts.contains(&Part::Hide(elsewhere)), "it is not visible anyway");
    }

    #[test]
    fn of_etc_only_what_programs_need_is_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["shadow", "hosts", "python3.13", "keyslot.env"] {
            fs::write(folder.path().join(name), "").expect("a file");
        }
        let shown: Vec<_> = etc(folder.path()).into_iter().filter_map(part).collect();
        let expected = ["hosts", "python3.13"].map(|name| Part::Read(folder.path().join(name)));
        assert_eq!(shown, expected);
    }
}
