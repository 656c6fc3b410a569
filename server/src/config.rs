//! Settings of the server: command line first, then environment variables, then defaults that need no set-up.

use app::domain::SecretValue;
use clap::{Args, Parser, Subcommand};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

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

/// The name under which browsers on this machine reach the server. Names below `localhost` always mean the machine
/// itself, and this one is nobody else's.
const LOCAL_NAME: &str = "keyslot.localhost";

/// Whether a host, with or without a port, is an address or name that all programs on a machine share.
fn is_bare_loopback(host: &str) -> bool {
    let (name, _) = name_and_port(host);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The two parts of a host as it stands in addresses, an IPv6 address without its brackets.
fn name_and_port(host: &str) -> (&str, Option<&str>) {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => (address, port.strip_prefix(':')),
        None => host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
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

    /// Address for links, without a trailing slash.
    pub fn origin(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if self.is_local() => format!("http://{LOCAL_NAME}:{}", self.listen.port()),
            None => format!("http://{}", self.listen),
        }
    }

    /// Address for programs, without a trailing slash. They bring tokens and no cookies, and may run where the name for
    /// browsers is not known.
    pub fn programs_origin(&self) -> String {
        match &self.public_url {
            None if self.listen.ip().is_unspecified() => format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.listen.port()),
            None => format!("http://{}", self.listen),
            Some(_) => self.origin(),
        }
    }

    /// Whether people reach the server by a name that means their own machine. Cookies are kept by name and know no
    /// ports, so other programs on this machine must not share the name.
    fn is_local(&self) -> bool {
        self.public_url.is_none() && (self.listen.ip().is_loopback() || self.listen.ip().is_unspecified())
    }

    /// Where a page that was asked for under this host belongs instead, as an origin. A forwarded port stays. A public
    /// URL may have proxies in front that change the host, so there every host counts as right.
    pub fn right_origin(&self, host: &str) -> Option<String> {
        let (name, port) = name_and_port(host);
        if !self.is_local() || name.eq_ignore_ascii_case(LOCAL_NAME) {
            return None;
        }
        match port.and_then(|port| port.parse::<u16>().ok()) {
            Some(port) if is_bare_loopback(host) => Some(format!("http://{LOCAL_NAME}:{port}")),
            None if is_bare_loopback(host) => Some(format!("http://{LOCAL_NAME}")),
            _ => self.listen.ip().is_loopback().then(|| self.origin()),
        }
    }

    /// Whether the public URL is an address that every program on this machine shares.
    pub fn shares_its_name(&self) -> bool {
        let host = self.public_url.as_deref().and_then(|url| url.split_once("://")).map(|(_, rest)| rest);
        host.is_some_and(|rest| is_bare_loopback(rest.split('/').next().unwrap_or_default()))
    }

    /// Whether browsers say of each request which site it comes from. They do so only where nobody in between reads or
    /// changes it.
    pub fn is_trustworthy(&self) -> bool {
        self.is_secure() || self.is_local() || self.shares_its_name()
    }

    /// Whether cookies must only travel over TLS.
    pub fn is_secure(&self) -> bool {
        self.origin().starts_with("https://")
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

    /// Folder of one session's local sandbox.
    pub fn sandbox(&self, session: &str) -> PathBuf {
        let data = std::path::absolute(&self.data).unwrap_or_else(|_| self.data.clone());
        data.join("sandboxes").join(session)
    }
}

/// Makes the data folder, for its owner alone.
pub fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(arguments: &[&str]) -> Config {
        let words = ["keyslot-server"].iter().chain(arguments);
        CommandLine::try_parse_from(words).expect("settings").config
    }

    #[test]
    fn browsers_on_this_machine_get_a_name_that_nothing_else_shares() {
        let local = config(&["--listen", "127.0.0.1:3000"]);
        assert_eq!(local.origin(), "http://keyslot.localhost:3000");
        assert_eq!(local.programs_origin(), "http://127.0.0.1:3000");
        for right in ["keyslot.localhost:3000", "KEYSLOT.localhost:3000", "keyslot.localhost:8080", "keyslot.localhost"] {
            assert_eq!(local.right_origin(right), None, "{right}");
        }
        for (other, right) in [
            ("127.0.0.1:3000", "http://keyslot.localhost:3000"),
            ("localhost:8080", "http://keyslot.localhost:8080"),
            ("[::1]:3000", "http://keyslot.localhost:3000"),
            ("127.0.0.1", "http://keyslot.localhost"),
            ("evil.test:4000", "http://keyslot.localhost:3000"),
            ("", "http://keyslot.localhost:3000"),
        ] {
            assert_eq!(local.right_origin(other).as_deref(), Some(right), "{other}");
        }
        let everywhere = config(&["--listen", "0.0.0.0:3000"]);
        assert_eq!(everywhere.origin(), "http://keyslot.localhost:3000");
        assert_eq!(everywhere.programs_origin(), "http://127.0.0.1:3000");
        assert!(everywhere.right_origin("127.0.0.1:3000").is_some());
        assert_eq!(everywhere.right_origin("desk.example.test:3000"), None);
        let network = config(&["--listen", "10.0.0.7:3000"]);
        assert_eq!(network.origin(), "http://10.0.0.7:3000");
        assert_eq!(network.right_origin("desk.example.test"), None);
    }

    #[test]
    fn a_public_url_is_kept_and_one_that_everything_on_the_machine_shares_is_noticed() {
        for (url, shared) in [
            ("http://127.0.0.1:3000", true),
            ("http://localhost:3000/", true),
            ("http://[::1]:3000", true),
            ("https://keyslot.example.test", false),
            ("http://keyslot.localhost:3000", false),
        ] {
            let public = config(&["--public-url", url]);
            assert_eq!(public.origin(), url.trim_end_matches('/'));
            assert_eq!(public.programs_origin(), public.origin());
            assert_eq!(public.shares_its_name(), shared, "{url}");
            assert_eq!(public.right_origin("127.0.0.1:3000"), None, "{url}");
        }
    }
}
