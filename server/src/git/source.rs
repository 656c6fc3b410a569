//! An address that was checked, and the git process that gets to exactly what was checked.

use super::keys::Keys;
use super::settings::Settings;
use super::{Address, GitError, HostAddress, Rules, Scheme, folders, hosts};
use crate::wall::{Jail, Network, Wall, hand_over};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use tokio::process::Command;
use tokio::task::spawn_blocking;
use url::Url;

/// Where a new checkout lies behind the wall.
const CHECKOUT: &str = "/checkout";
/// ssh that asks nothing and passes nothing on.
const SSH: &str = "ssh -oBatchMode=yes -oForwardAgent=no -oClearAllForwardings=yes -oPermitLocalCommand=no";
/// The part of git that reads a folder. Behind the wall the owner of the folder is nobody; without a wall git's own rule
/// stands, that it reads only folders of its user.
const READ_FOLDER: &str = "--upload-pack=git -c 'safe.directory=*' upload-pack";
/// Settings of this machine's network that git's helpers know.
const NETWORK: [&str; 11] = [
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
];
/// Those of them that name files.
const CERTIFICATES: usize = 3;

/// An address that was checked.
pub(super) struct Source {
    /// What git is told.
    pub url: String,
    settings: Settings,
    network: Network,
    /// Folders that git reads.
    reads: Vec<PathBuf>,
    keys: Option<Keys>,
}

impl Source {
    /// Checks an address against the rules. `temporary` is a folder for what has to lie on the disk meanwhile.
    pub async fn of(address: &Address, rules: &Rules, wall: &Wall, temporary: &Path) -> Result<Self, GitError> {
        match address {
            Address::Host(host) => {
                let ips = hosts::resolve(host, rules).await?;
                let mut settings = pinned(host, &ips);
                let inherited = NETWORK.iter().filter_map(|name| Some((name, std::env::var(name).ok()?)));
                for (name, value) in inherited {
                    settings = settings.environment(name, value);
                }
                let files = NETWORK[..CERTIFICATES].iter().filter_map(std::env::var_os).map(PathBuf::from);
                let reads = files.filter(|file| file.is_absolute() && file.exists()).collect();
                let keys = match host.scheme {
                    Scheme::Ssh => Some(Keys::of_this_user(wall, temporary).map_err(GitError::Disk)?),
                    _ => None,
                };
                Ok(Self { url: host.as_str().to_owned(), settings, network: Network::Host, reads, keys })
            }
            Address::Folder(path) => {
                let broken = || GitError::NotFound(address.to_string());
                let (own, rules) = (path.clone(), rules.clone());
                let found = spawn_blocking(move || folders::find(&own, &rules)).await.map_err(|_| broken())??;
                let url = |path: &Path| Url::from_file_path(path).map(String::from).map_err(|()| broken());
                let (url, git) = (url(path)?, url(&found.git)?);
                // What was checked is read, and the checkout remembers what was typed.
                let settings = Settings::new("file").config(format!("url.{git}.insteadOf"), url.as_str());
                let reads = found.folders().map(Path::to_owned).collect();
                Ok(Self { url, settings, network: Network::None, reads, keys: None })
            }
        }
    }

    /// A git behind the wall that runs this command on the source; it writes into `checkout` alone, whose path it is
    /// given last.
    pub fn git(&self, wall: &Wall, command: &[&str], last: &str, checkout: Option<&Path>) -> Result<Command, GitError> {
        let mut jail = Jail::new("git").args(command).network(self.network);
        if self.network == Network::None && matches!(wall, Wall::Bubblewrap(_)) {
            jail = jail.arg(READ_FOLDER);
        }
        jail = jail.arg("--").arg(&self.url).arg(last);
        for (name, value) in self.settings.variables() {
            jail = jail.env(name, value);
        }
        for path in &self.reads {
            jail = jail.read(path, path);
        }
        if let Some(keys) = &self.keys {
            jail = keys.lend(jail, wall);
        }
        if let Some(checkout) = checkout {
            if matches!(wall, Wall::Bubblewrap(_)) {
                hand_over(checkout).map_err(GitError::Disk)?;
            }
            jail = jail.write(checkout, CHECKOUT);
        }
        Ok(wall.command(&jail)?)
    }
}

/// How a new checkout is called by git.
pub(super) fn inside<'a>(wall: &Wall, checkout: &'a Path) -> &'a Path {
    wall.path(checkout, Path::new(CHECKOUT))
}

/// Settings with which git connects to the addresses that were checked, and to nothing that the name means a moment
/// later; by name where there are none.
fn pinned(host: &HostAddress, ips: &[IpAddr]) -> Settings {
    let settings = Settings::new(host.scheme.as_str());
    let (name, port) = (&host.host, host.port.unwrap_or(host.scheme.usual_port()));
    let Some(first) = ips.first() else {
        return if host.scheme == Scheme::Ssh { with_ssh(settings, SSH.to_owned()) } else { settings };
    };
    match host.scheme {
        Scheme::Https | Scheme::Http if name.parse::<IpAddr>().is_ok() => settings,
        Scheme::Https | Scheme::Http => {
            let ips: Vec<String> = ips.iter().map(bracketed).collect();
            settings.config("http.curloptResolve", format!("{name}:{port}:{}", ips.join(",")))
        }
        Scheme::Ssh => {
            // The key of the host is still the one of its name.
            let alias = host.port.map_or(name.clone(), |port| format!("[{name}]:{port}"));
            with_ssh(settings, format!("{SSH} -oHostName={first} -oHostKeyAlias={alias}"))
        }
        Scheme::Git => {
            let settings = settings.environment("GIT_OVERRIDE_VIRTUAL_HOST", host.place());
            let pinned = format!("url.git://{}:{port}/.insteadOf", bracketed(first));
            settings.config(pinned, format!("git://{}/", host.place()))
        }
    }
}

fn with_ssh(settings: Settings, command: String) -> Settings {
    settings.environment("GIT_SSH_VARIANT", "ssh").environment("GIT_SSH_COMMAND", command)
}

fn bracketed(ip: &IpAddr) -> String {
    if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(address: &str, ips: &[&str]) -> String {
        let Ok(Address::Host(host)) = Address::parse(address) else { panic!("{address} is no address of a host") };
        let ips: Vec<IpAddr> = ips.iter().map(|ip| ip.parse().expect("an address")).collect();
        format!("{:?}", pinned(&host, &ips).variables())
    }

    #[test]
    fn git_connects_to_the_addresses_that_were_checked() {
        for (address, ips, expected) in [
            ("https://host/x", &["1.2.3.4", "2600::1"][..], "host:443:1.2.3.4,[2600::1]"),
            ("http://host:8080/x", &["1.2.3.4"], "host:8080:1.2.3.4"),
            ("git@host:x", &["1.2.3.4"], "-oHostName=1.2.3.4 -oHostKeyAlias=host\""),
            ("ssh://git@host:2222/x", &["2600::1"], "-oHostName=2600::1 -oHostKeyAlias=[host]:2222\""),
            ("git://host/x", &["1.2.3.4"], "url.git://1.2.3.4:9418/.insteadOf"),
            ("git://host:99/x", &["2600::1"], "url.git://[2600::1]:99/.insteadOf"),
        ] {
            let settings = settings(address, ips);
            assert!(settings.contains(expected), "{address}: {settings}");
        }
        assert!(
            !settings("git@named:x", &[]).contains("HostName"),
            "a host that the administrator named is left to ssh"
        );
    }

    #[test]
    fn a_source_allows_its_own_protocol_alone() {
        for (address, protocol) in [("https://host/x", "https"), ("git@host:x", "ssh"), ("git://host/x", "git")] {
            let settings = settings(address, &["1.2.3.4"]);
            assert!(settings.contains(&format!("(\"GIT_ALLOW_PROTOCOL\", \"{protocol}\")")), "{settings}");
        }
    }
}
