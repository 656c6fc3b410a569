//! Addresses of repositories: what people type, brought into one normal form, or what is wrong with it. Nothing is
//! contacted here. What git is given is the normal form, so that git cannot read another host into it than was checked.

use super::GitError;
use std::fmt;
use std::path::{Path, PathBuf};
use url::Url;

const ADVICE: &str = "Leave the password or token out of the address: addresses are shown to everybody and written into \
                      every checkout. Use the SSH address, such as git@host:team/project.git, with a key of this \
                      server's user.";
const EMPTY: &str = "Give the git URL or the local path of a repository.";
const NEITHER: &str = "This is neither a git URL nor a path.";
const SCHEMES: &str = "Use an https, http, ssh, git or file address, or a local path.";
const SHAPE: &str = "Give a git URL, such as https://host/team/project.git, or a whole path, starting with /.";
const HOST: &str = "The host of this address is not a host name.";
const USER: &str = "The user name of an SSH address has at most 32 letters, digits and the characters . _ -";

/// Longest name of a user on a host.
const USER_CHARS: usize = 32;
/// How tokens start that people put where a user name belongs; only what their issuers state.
const TOKENS: [&str; 12] =
    ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glcbt-", "glptt-", "ATBB", "ATCTT"];

/// Where a repository is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// On a host.
    Host(HostAddress),
    /// In a folder of this server: an absolute path without a trailing slash.
    Folder(PathBuf),
}

/// A repository on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostAddress {
    text: String,
    /// How it is asked.
    pub scheme: Scheme,
    /// A name or an IP address, the latter without brackets.
    pub host: String,
    /// Port, where the address names one that is not the usual one.
    pub port: Option<u16>,
}

/// A transport that repositories are read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP over TLS.
    Https,
    /// HTTP.
    Http,
    /// SSH, as a URL or as `user@host:path`.
    Ssh,
    /// git's own.
    Git,
}

impl Scheme {
    fn of(word: &str) -> Option<Self> {
        [Self::Https, Self::Http, Self::Ssh, Self::Git].into_iter().find(|scheme| scheme.as_str() == word)
    }

    /// As in addresses, and as git calls the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::Ssh => "ssh",
            Self::Git => "git",
        }
    }

    /// The port where none is named.
    pub fn usual_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
            Self::Ssh => 22,
            Self::Git => 9418,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(address) => formatter.write_str(&address.text),
            Self::Folder(path) => path.display().fmt(formatter),
        }
    }
}

impl HostAddress {
    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host with its port, as people write it.
    pub fn place(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        self.port.map_or(host.clone(), |port| format!("{host}:{port}"))
    }
}

impl Address {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(GitError::Address(EMPTY));
        }
        if text.starts_with('-') || text.chars().any(char::is_control) {
            return Err(GitError::Address(NEITHER));
        }
        if text.starts_with('/') {
            return Ok(Self::folder(Path::new(text)));
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Self::url(&scheme.to_ascii_lowercase(), text);
        }
        let refused = if text.contains("::") && !text.contains('[') { SCHEMES } else { SHAPE };
        ssh_short(text)?.map(Self::Host).ok_or(GitError::Address(refused))
    }

    /// The last part, without `.git`: what people call the repository.
    pub fn name(&self) -> String {
        let text = self.to_string();
        let name = text.trim_end_matches(".git").trim_end_matches('/').rsplit(['/', ':']).next();
        name.filter(|name| !name.is_empty()).unwrap_or(&text).to_owned()
    }

    fn folder(path: &Path) -> Self {
        // Without the slash at the end; the root is left as it is.
        Self::Folder(path.components().collect())
    }

    fn url(scheme: &str, text: &str) -> Result<Self, GitError> {
        // Programs disagree about what a backslash in an address is.
        let url = Url::parse(text).ok().filter(|_| !text.contains('\\')).ok_or(GitError::Address(SHAPE))?;
        if scheme == "file" {
            return url.to_file_path().map(|path| Self::folder(&path)).map_err(|()| GitError::Address(SHAPE));
        }
        let scheme = Scheme::of(scheme).ok_or(GitError::Address(SCHEMES))?;
        let named_user = !url.username().is_empty();
        if url.password().is_some() || (named_user && scheme != Scheme::Ssh) {
            return Err(GitError::Address(ADVICE));
        }
        if named_user {
            check_user(url.username())?;
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(GitError::Address(ADVICE));
        }
        let host = url.host_str().unwrap_or_default();
        let host = checked_host(host.trim_matches(['[', ']']))?;
        let port = url.port().filter(|port| *port != scheme.usual_port());
        Ok(Self::Host(HostAddress { text: url.as_str().trim_end_matches('/').to_owned(), scheme, host, port }))
    }
}

/// The short form of SSH addresses: `user@host:path`, or without the user.
fn ssh_short(text: &str) -> Result<Option<HostAddress>, GitError> {
    let (before, path) = match text.split_once("]:") {
        Some((before, path)) => (before, path),
        None => match text.split_once(':') {
            Some(parts) => parts,
            None => return Ok(None),
        },
    };
    if before.contains('/') || path.is_empty() {
        return Ok(None);
    }
    let (user, host) = match before.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, before),
    };
    // `https:/host/x` is a slip of the pen, and not a host called https. `ext::` runs any command that it names.
    let is_scheme = Scheme::of(&host.to_ascii_lowercase()).is_some() || host.eq_ignore_ascii_case("file");
    if (is_scheme && user.is_none()) || path.starts_with(':') {
        return Ok(None);
    }
    if path.contains(['?', '#']) {
        return Err(GitError::Address(ADVICE));
    }
    if let Some(user) = user {
        check_user(user)?;
    }
    let host = match host.strip_prefix('[') {
        Some(host) if text.contains("]:") => checked_host(host)?,
        _ => checked_host(host)?,
    };
    let text = text.trim_end_matches('/').to_owned();
    Ok(Some(HostAddress { text, scheme: Scheme::Ssh, host, port: None }))
}

fn check_user(user: &str) -> Result<(), GitError> {
    if user.contains(':') || TOKENS.iter().any(|start| user.starts_with(start)) {
        return Err(GitError::Address(ADVICE));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if user.is_empty() || user.starts_with('-') || !user.bytes().all(plain) {
        return Err(GitError::Address(USER));
    }
    // No host has such long names: it is a token.
    if user.len() > USER_CHARS {
        return Err(GitError::Address(ADVICE));
    }
    Ok(())
}

/// A host whose name means the same to every program: it goes into the options of others.
fn checked_host(host: &str) -> Result<String, GitError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_name = !host.is_empty() && !host.starts_with('-') && host.bytes().all(plain);
    if is_name || host.parse::<std::net::Ipv6Addr>().is_ok() {
        return Ok(host.to_ascii_lowercase());
    }
    Err(GitError::Address(HOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> &'static str {
        match Address::parse(text) {
            Err(GitError::Address(why)) => why,
            other => panic!("{text:?}: {other:?}"),
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in ["", "  ", "--upload-pack=touch x", "ext::sh -c true", "project", "ftp://h/x", "a\nb", "https:/h/x"]
        {
            refused(bad);
        }
        for bad in ["ssh://$(id)/x", "ssh://a%62/x", "https://host\\@other/x", "git@ho;st:x", "ssh://-oX/x", "ssh:///x"]
        {
            refused(bad);
        }
    }

    #[test]
    fn a_password_or_token_is_refused_wherever_it_stands() {
        for bad in [
            "https://user:secret@host/x",
            "https://ghp_secret@host/x",
            "HTTPS://someone@host/x",
            "http://secret@host:8080/x",
            "https://host/x?private_token=secret",
            "https://host/x#secret",
            "ssh://git:secret@host/x",
            "ssh://glpat-secret@host/x",
            "git@host:x?token=secret",
            "ghp_secret@host:team/x.git",
            "aVeryLongWordThatIsMostCertainlyNoUserName@host:team/x.git",
            "git://secret@host/x",
        ] {
            assert_eq!(refused(bad), ADVICE, "{bad}");
        }
    }

    #[test]
    fn an_address_has_one_normal_form() {
        for (text, normal, name) in [
            (" https://Host/team/x.git/ ", "https://host/team/x.git", "x"),
            ("https://host:443/x", "https://host/x", "x"),
            ("http://0x7f.1:8080/x", "http://127.0.0.1:8080/x", "x"),
            ("git@host:team/x.git", "git@host:team/x.git", "x"),
            ("host:x", "host:x", "x"),
            ("git@[::1]:x", "git@[::1]:x", "x"),
            ("/srv/x/", "/srv/x", "x"),
            ("file:///srv/a%20b", "/srv/a b", "a b"),
            ("ssh://git@host/x", "ssh://git@host/x", "x"),
        ] {
            let address = Address::parse(text).expect("an address");
            assert_eq!((address.to_string().as_str(), address.name().as_str()), (normal, name));
        }
    }
}
