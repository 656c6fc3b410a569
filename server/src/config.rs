//! Settings of the server: command line first, then environment variables, then defaults that need no set-up.

use crate::quotas::Quotas;
use app::domain::SecretValue;
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
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
    /// Address under which people reach the server, for links and cookies; http:// and the listen address when not
    /// given.
    #[arg(long, env = "KEYSLOT_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
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
    /// How much this server takes on.
    #[command(flatten)]
    pub quotas: Quotas,
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

    /// Address for links, without a trailing slash.
    pub fn origin(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
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
