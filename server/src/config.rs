//! Settings of the server: command line first, then environment variables, then defaults that need no set-up.

mod names;

use crate::quotas::Quotas;
use crate::wall::WallOptions;
use clap::{Args, Parser, Subcommand};
use domain::SecretValue;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use url::{Host, Url};

/// Serves Keyslot: the secrets and environment desk for cloud workspaces in which AI coding agents work.
#[derive(Parser)]
#[command(name = "keyslot-server", version)]
pub struct CommandLine {
    /// What to do; serves when nothing is given.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Settings.
    #[command(flatten)]
    pub config: Config,
}

/// What the server program does.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the product (the default).
    Serve,
    /// Print a fresh one-time sign-in link for the owner.
    SignInLink,
}

/// Settings of one server process.
#[derive(Args, Clone)]
pub struct Config {
    /// Address and port to listen on.
    #[arg(long, env = "KEYSLOT_LISTEN", default_value = "127.0.0.1:3000", global = true)]
    pub listen: SocketAddr,
    /// Folder for the embedded database, the root key and local sandboxes; made if absent.
    #[arg(long, env = "KEYSLOT_DATA", default_value = "data", global = true)]
    pub data: PathBuf,
    /// Database: postgres://… or sqlite:…; an SQLite file in the data folder when not given.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// Set up an empty database although the data folder belongs to a server that was set up before.
    #[arg(long, global = true)]
    pub new: bool,
    /// Open file descriptor, a pipe, from which the root key is read at start.
    #[arg(long, value_name = "FD", global = true)]
    pub root_key_fd: Option<u32>,
    /// Folder with the browser bundle (pkg) and the style sheets (style).
    #[arg(long, env = "KEYSLOT_SITE", default_value = "target/site", global = true)]
    pub site: PathBuf,
    /// Address under which people reach the server, for links and cookies: a host name that nothing else shares. When
    /// not given, http://keyslot.localhost and the port, or the listen address where that is not this machine's own.
    #[arg(long, env = "KEYSLOT_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
    /// Addresses of proxies, separated by commas, whose X-Forwarded-For says where a request comes from; none when not
    /// given.
    #[arg(long, env = "KEYSLOT_TRUSTED_PROXIES", value_delimiter = ',', global = true)]
    pub trusted_proxies: Vec<IpAddr>,
    /// The keyslot sandbox program; the one beside this program when not given.
    #[arg(long, env = "KEYSLOT_PROGRAM", global = true)]
    pub program: Option<PathBuf>,
    /// Folder of this machine whose git repositories may be connected, by owners and admins; may be given several times.
    /// When not given, any folder but the data folder on a server that only this machine reaches, and none on others.
    #[arg(long, value_name = "DIR", env = "KEYSLOT_ALLOW_LOCAL", value_delimiter = ':', global = true)]
    pub allow_local: Vec<PathBuf>,
    /// Host whose repositories may be connected although it lies in a private network; may be given several times. A
    /// server that only this machine reaches connects to private networks anyway, but never to link-local addresses.
    #[arg(
        long = "allow-private-host",
        value_name = "HOST",
        env = "KEYSLOT_ALLOW_PRIVATE_HOSTS",
        value_delimiter = ',',
        global = true
    )]
    pub allow_private_hosts: Vec<String>,
    /// Where snapshots are kept: a folder, or s3://BUCKET or s3://BUCKET/PREFIX; a folder in the data folder when not
    /// given.
    #[arg(long, env = "KEYSLOT_SNAPSHOTS", global = true)]
    pub snapshots: Option<String>,
    /// Address of an S3-compatible store; Amazon's own when not given.
    #[arg(long, env = "KEYSLOT_S3_ENDPOINT", global = true)]
    pub s3_endpoint: Option<String>,
    /// Region of the S3-compatible store.
    #[arg(long, env = "KEYSLOT_S3_REGION", default_value = "us-east-1", global = true)]
    pub s3_region: String,
    /// Who this server is to the S3-compatible store; from the environment alone.
    #[arg(skip = S3Credentials::from_environment())]
    pub s3_credentials: S3Credentials,
    /// How much this server takes on.
    #[command(flatten)]
    pub quotas: Quotas,
    /// What keeps programs in workspaces apart from the machine.
    #[command(flatten)]
    pub walls: WallOptions,
}

/// What an S3-compatible store is shown: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Without them
/// the store asks the machine that it runs on, as Amazon's own do.
#[derive(Clone, Default)]
pub struct S3Credentials {
    /// Id of the key.
    pub id: Option<SecretValue>,
    /// The key.
    pub secret: Option<SecretValue>,
    /// Token of a session, where the key is one of a session.
    pub token: Option<SecretValue>,
}

impl S3Credentials {
    fn from_environment() -> Self {
        let read = |name| std::env::var(name).ok().filter(|text| !text.is_empty()).map(SecretValue::new);
        let (id, secret) = (read("AWS_ACCESS_KEY_ID"), read("AWS_SECRET_ACCESS_KEY"));
        Self { id, secret, token: read("AWS_SESSION_TOKEN") }
    }
}

impl Config {
    /// The database to open.
    pub fn database(&self) -> String {
        match &self.database_url {
            Some(url) if !url.is_empty() => url.clone(),
            _ => format!("sqlite:{}", self.data.join("keyslot.db").display()),
        }
    }

    /// Whether cookies must only travel over TLS.
    pub fn is_secure(&self) -> bool {
        self.origin().starts_with("https://")
    }

    /// Whether only this machine reaches the server: it listens on a loopback address, and its public address, where one
    /// is set, is not that of a proxy before it.
    pub fn is_local(&self) -> bool {
        let host =
            self.public_url.as_deref().map(|url| Url::parse(url).ok().and_then(|url| url.host().map(|h| h.to_owned())));
        self.listen.ip().is_loopback()
            && host.is_none_or(|host| match host {
                Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                Some(Host::Ipv4(ip)) => ip.is_loopback(),
                Some(Host::Ipv6(ip)) => ip.is_loopback(),
                None => false,
            })
    }

    /// The sandbox program.
    pub fn sandbox_program(&self) -> PathBuf {
        let beside = || std::env::current_exe().ok().and_then(|me| Some(me.parent()?.join("keyslot")));
        self.program.clone().or_else(beside).unwrap_or_else(|| PathBuf::from("keyslot"))
    }

    /// Folder for what has to lie on the disk for a while.
    pub fn temporary(&self) -> PathBuf {
        self.data.join("temporary")
    }

    /// Folder in which the process groups of auto-start commands are written down while they run.
    pub fn commands(&self) -> PathBuf {
        self.data.join("commands")
    }

    /// Folder of the files that the wall around programs in workspaces needs.
    pub fn wall_files(&self) -> PathBuf {
        let data = std::path::absolute(&self.data).unwrap_or_else(|_| self.data.clone());
        data.join("wall")
    }

    /// The real paths of folders that nobody but the server may read: its data, its database, its snapshots.
    pub fn private_folders(&self) -> Vec<PathBuf> {
        let database = self.database();
        let file = database.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
        let file = file.map(|rest| Path::new(rest.split('?').next().unwrap_or(rest)));
        let file = file.map(|file| file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")));
        let snapshots = self.snapshots.as_deref().filter(|place| !place.contains("://")).map(Path::new);
        let folders = [Some(self.data.as_path()), file, snapshots].into_iter().flatten();
        let real = folders.map(|folder| folder.canonicalize().or_else(|_| std::path::absolute(folder)));
        real.filter_map(Result::ok).collect()
    }

    /// Folder of all local sandboxes.
    pub fn sandboxes(&self) -> PathBuf {
        let data = std::path::absolute(&self.data).unwrap_or_else(|_| self.data.clone());
        data.join("sandboxes")
    }

    /// Folder of one session's local sandbox.
    pub fn sandbox(&self, session: &str) -> PathBuf {
        self.sandboxes().join(session)
    }
}

/// Makes the data folder, for its owner alone.
pub fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Writes a file whole or not at all, with exactly this mode.
pub fn write_file(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Settings of a server for this machine alone.
    pub fn local(data: &Path) -> Config {
        let data = data.to_string_lossy().into_owned();
        CommandLine::parse_from(["keyslot-server", "--listen", "127.0.0.1:3000", "--data", &data]).config
    }

    #[test]
    fn a_server_is_local_if_neither_its_listener_nor_a_proxy_is_reached_from_elsewhere() {
        let mut config = local(Path::new("data"));
        for (listen, public_url, expected) in [
            ("127.0.0.1:3000", None, true),
            ("[::1]:3000", None, true),
            ("0.0.0.0:3000", None, false),
            ("192.168.1.5:3000", None, false),
            ("127.0.0.1:3000", Some("http://keyslot.localhost:3000"), true),
            ("127.0.0.1:3000", Some("http://[::1]:3000/"), true),
            ("127.0.0.1:3000", Some("https://keyslot.example"), false),
            ("127.0.0.1:3000", Some("https://localhost.example"), false),
            ("127.0.0.1:3000", Some("nonsense"), false),
        ] {
            config.listen = listen.parse().expect("an address");
            config.public_url = public_url.map(str::to_owned);
            assert_eq!(config.is_local(), expected, "{listen} {public_url:?}");
        }
    }
}
