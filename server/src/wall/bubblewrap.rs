//! The wall that bubblewrap builds from the kernel's namespaces.

use super::choice::SandboxNetwork;
use super::hand_over::SANDBOX_ID;
use super::jail::{Access, Bind, Jail, Limits, Network};
use super::system::{self, Part};
use crate::config::{Config, make_private_folder};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Who programs are behind the wall, as a number.
const INSIDE_ID: &str = "1000";
const HOME: &str = "/home/sandbox";
const USERS: &str = "root:x:0:0:root:/root:/bin/sh\nsandbox:x:1000:1000:sandbox:/home/sandbox:/bin/sh\n\
                     nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n";
const GROUPS: &str = "root:x:0:\nsandbox:x:1000:\nnogroup:x:65534:\n";
/// Where programs are looked for when none of the server's own places exists inside.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// What tells the language and the time zone.
const INHERITED: [&str; 4] = ["LANG", "LC_ALL", "LC_CTYPE", "TZ"];

/// A bubblewrap that was found, and what it shows of this system.
#[derive(Debug)]
pub struct Bubblewrap {
    program: PathBuf,
    parts: Vec<Part>,
    /// The files of users and groups, bound into `/etc`.
    users: [Bind; 2],
    path: OsString,
    network: SandboxNetwork,
    /// The server is root: programs become another user before the wall is built around them.
    as_root: bool,
}

impl Bubblewrap {
    /// Looks for the program; the error says what is missing.
    pub(super) fn find(config: &Config) -> Result<Self, String> {
        let program = find_program("bwrap").ok_or("bubblewrap (the program bwrap) is not installed")?;
        let users = write_users(&config.wall_files())
            .map_err(|error| format!("the files for it cannot be written into the data folder: {error}"))?;
        let hidden = config.private_folders();
        for folder in &config.walls.sandbox_read {
            let real =
                folder.canonicalize().map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
            if hidden.iter().any(|hidden| real.starts_with(hidden)) {
                return Err(format!("{} lies in a folder of Keyslot's own data", folder.display()));
            }
        }
        let parts = system::parts(&config.walls.sandbox_read, &hidden);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = visible_path(&path, &parts);
        let as_root = rustix::process::geteuid().is_root();
        Ok(Self { program, parts, users, path, network: config.walls.sandbox_network, as_root })
    }

    pub(super) fn command(&self, jail: &Jail) -> Command {
        let mut words = Words::default();
        let binds: Vec<&Bind> = self.users.iter().chain(&jail.binds).collect();
        if self.as_root {
            // Root first shows everything at a place that another user can reach, then becomes that user. Root in a
            // namespace would still own what root owns outside, and be free of the limit on processes.
            self.lift(&mut words, &binds);
        }
        self.wall(&mut words, jail, &binds);
        words.add(["choom", "-n", "500", "--", "prlimit"]);
        let Limits { processes, memory, files, file_size, .. } = jail.limits;
        words.add([format!("--nproc={processes}"), format!("--data={memory}"), format!("--nofile={files}")]);
        words.add([format!("--fsize={file_size}"), "--core=0".to_owned(), "--".to_owned()]);
        words.add([&jail.program]);
        words.add(&jail.arguments);
        let mut command = Command::new(&self.program);
        command.args(words.0).env_clear().kill_on_drop(true).process_group(0).current_dir("/");
        command.env("PATH", &self.path).env("HOME", HOME).env("USER", "sandbox").env("LOGNAME", "sandbox");
        command.env("TMPDIR", "/tmp");
        command.envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.envs(jail.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Shows the system and the bound folders in a mount namespace, and becomes an unprivileged user there.
    fn lift(&self, words: &mut Words, binds: &[&Bind]) {
        words.add(["--die-with-parent", "--dev-bind", "/dev", "/dev", "--dev-bind", "/proc", "/proc"]);
        // Where the wall itself is put together.
        words.add(["--perms", "1777", "--dir", "/tmp"]);
        words.system(&self.parts);
        for bind in binds {
            words.bind(bind, &bind.host);
        }
        let id = SANDBOX_ID.to_string();
        words.add(["--", "setpriv", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]);
        words.add([format!("--reuid={id}"), format!("--regid={id}"), "--".to_owned()]);
        words.add([&self.program]);
    }

    fn wall(&self, words: &mut Words, jail: &Jail, binds: &[&Bind]) {
        words.add(["--unshare-user", "--uid", INSIDE_ID, "--gid", INSIDE_ID, "--unshare-pid", "--unshare-ipc"]);
        words.add(["--unshare-uts", "--hostname", "sandbox", "--unshare-cgroup-try", "--disable-userns"]);
        words.add(["--cap-drop", "ALL", "--die-with-parent", "--new-session"]);
        let has_network = match jail.network {
            Network::Configured => self.network == SandboxNetwork::Host,
            Network::Host => true,
            Network::None => false,
        };
        if !has_network {
            words.add(["--unshare-net"]);
        }
        words.add(["--proc", "/proc", "--dev", "/dev"]);
        for (folder, mode) in [("/dev/shm", "1777"), ("/tmp", "1777"), ("/var/tmp", "1777"), (HOME, "0700")] {
            let size = jail.limits.scratch.to_string();
            words.add(["--perms", mode, "--size", size.as_str(), "--tmpfs", folder]);
        }
        words.add(["--dir", "/run"]);
        words.system(&self.parts);
        for bind in binds {
            words.bind(bind, if self.as_root { &bind.inside } else { &bind.host });
        }
        words.add(["--remount-ro", "/", "--chdir"]);
        words.add([&jail.directory]);
        words.add(["--"]);
    }
}

/// The arguments of bubblewrap.
#[derive(Default)]
struct Words(Vec<OsString>);

impl Words {
    fn add<W: AsRef<OsStr>>(&mut self, words: impl IntoIterator<Item = W>) {
        self.0.extend(words.into_iter().map(|word| word.as_ref().to_owned()));
    }

    fn system(&mut self, parts: &[Part]) {
        for part in parts {
            if let Part::Read(path) | Part::Hide(path) = part {
                self.above(path);
            }
            match part {
                Part::Read(path) => self.add([OsStr::new("--ro-bind"), path.as_ref(), path.as_ref()]),
                Part::Link(path, target) => self.add([OsStr::new("--symlink"), target.as_ref(), path.as_ref()]),
                Part::Hide(path) => self.add([OsStr::new("--tmpfs"), path.as_ref()]),
            }
        }
    }

    /// Makes the folders above a path. Bubblewrap would make them for their owner alone where the server is root, and
    /// programs are another user.
    fn above(&mut self, path: &Path) {
        let above: Vec<&Path> = path.ancestors().skip(1).filter(|folder| folder.parent().is_some()).collect();
        for folder in above.iter().rev() {
            self.add([OsStr::new("--perms"), OsStr::new("0755"), OsStr::new("--dir"), folder.as_os_str()]);
        }
    }

    fn bind(&mut self, bind: &Bind, source: &Path) {
        self.above(&bind.inside);
        let kind = match bind.access {
            Access::Read => "--ro-bind",
            Access::Write => "--bind",
        };
        self.add([OsStr::new(kind), source.as_ref(), bind.inside.as_ref()]);
    }
}

/// The places of programs that exist inside.
fn visible_path(path: &OsStr, parts: &[Part]) -> OsString {
    let is_visible = |folder: &PathBuf| {
        parts.iter().any(|part| match part {
            Part::Read(shown) | Part::Link(shown, _) => folder.starts_with(shown),
            Part::Hide(_) => false,
        })
    };
    let visible: Vec<PathBuf> = std::env::split_paths(path).filter(is_visible).collect();
    match std::env::join_paths(visible) {
        Ok(path) if !path.is_empty() => path,
        _ => DEFAULT_PATH.into(),
    }
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_else(|| DEFAULT_PATH.into());
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(name)).find(is_program)
}

fn is_program(path: &PathBuf) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// Writes the files that name the users inside: programs ask who they are, and the host's answer would be wrong.
fn write_users(folder: &Path) -> std::io::Result<[Bind; 2]> {
    make_private_folder(folder)?;
    let write = |name: &str, text: &str| {
        let host = folder.join(name);
        // Readable by whomever a server that runs as root becomes.
        crate::config::write_file(&host, text.as_bytes(), 0o644)?;
        std::io::Result::Ok(Bind { host, inside: Path::new("/etc").join(name), access: Access::Read })
    };
    std::io::Result::Ok([write("passwd", USERS)?, write("group", GROUPS)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_that_exist_inside_are_searched_for_programs() {
        let parts = [Part::Read("/usr".into()), Part::Link("/bin".into(), "usr/bin".into())];
        assert_eq!(visible_path(OsStr::new("/root/.cargo/bin:/usr/bin:/bin:."), &parts), "/usr/bin:/bin");
        assert_eq!(visible_path(OsStr::new("/root/bin"), &parts), DEFAULT_PATH);
    }
}
