//! Under which names browsers and programs reach the server.

use super::Config;
use std::net::{IpAddr, Ipv4Addr};

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
    /// Address for links, without a trailing slash.
    pub fn origin(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if self.has_local_name() => format!("http://{LOCAL_NAME}:{}", self.listen.port()),
            None => format!("http://{}", self.listen),
        }
    }

    /// Address for programs, without a trailing slash. They bring tokens and no cookies, and may run where the name for
    /// browsers is not known.
    pub fn programs_origin(&self) -> String {
        match &self.public_url {
            None if self.listen.ip().is_unspecified() => {
                format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.listen.port())
            }
            None => format!("http://{}", self.listen),
            Some(_) => self.origin(),
        }
    }

    /// Whether people reach the server by a name that means their own machine. Cookies are kept by name and know no
    /// ports, so other programs on this machine must not share the name.
    fn has_local_name(&self) -> bool {
        self.public_url.is_none() && (self.listen.ip().is_loopback() || self.listen.ip().is_unspecified())
    }

    /// Where a page that was asked for under this host belongs instead, as an origin. A forwarded port stays. A public
    /// URL may have proxies in front that change the host, so there every host counts as right.
    pub fn right_origin(&self, host: &str) -> Option<String> {
        let (name, port) = name_and_port(host);
        if !self.has_local_name() || name.eq_ignore_ascii_case(LOCAL_NAME) {
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
        self.is_secure() || self.has_local_name() || self.shares_its_name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::CommandLine;
    use clap::Parser;

    fn config(arguments: &[&str]) -> Config {
        let words = ["keyslot-server"].iter().chain(arguments);
        CommandLine::try_parse_from(words).expect("settings").config
    }

    #[test]
    fn browsers_on_this_machine_get_a_name_that_nothing_else_shares() {
        let local = config(&["--listen", "127.0.0.1:3000"]);
        assert_eq!(local.origin(), "http://keyslot.localhost:3000");
        assert_eq!(local.programs_origin(), "http://127.0.0.1:3000");
        for right in ["keyslot.localhost:3000", "KEYSLOT.localhost:3000", "keyslot.localhost:8080", "keyslot.localhost"]
        {
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
