//! Which addresses of the network repositories are read from, and that git connects to exactly those that were checked.

use super::{GitError, HostAddress, Rules, Scheme};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use tokio::net::lookup_host;
use tokio::time::timeout;

/// How long a name may take to be resolved.
const LOOKUP: Duration = Duration::from_secs(10);

/// How far away an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// Somewhere in the Internet.
    Public,
    /// This machine or its private networks.
    Private,
    /// The link alone: clouds give their machines' credentials away there.
    Link,
}

/// Resolves the host and refuses what may not be reached. Returns the addresses that git must connect to; none where the
/// administrator named the host or a proxy resolves it, so that it is reached as this machine reaches it.
pub(super) async fn resolve(address: &HostAddress, rules: &Rules) -> Result<Vec<IpAddr>, GitError> {
    if rules.names_host(&address.host) {
        return Ok(Vec::new());
    }
    let port = address.port.unwrap_or(address.scheme.usual_port());
    let found = timeout(LOOKUP, lookup_host((address.host.as_str(), port))).await;
    let mut found: Vec<IpAddr> = match found {
        Ok(Ok(found)) => found.map(|socket| socket.ip()).collect(),
        // The proxy resolves what this machine cannot, and decides where it connects to.
        Ok(Err(_)) if has_proxy(address.scheme) => return Ok(Vec::new()),
        _ => return Err(GitError::Unreachable(address.place())),
    };
    found.dedup();
    let allowed = if rules.allows_private_hosts() { Reach::Private } else { Reach::Public };
    match found.iter().map(|ip| reach(*ip)).max() {
        None => Err(GitError::Unreachable(address.place())),
        Some(reach) if reach > allowed => Err(GitError::PrivateHost(address.place())),
        Some(_) => Ok(found),
    }
}

/// Whether git's requests go through a proxy; names of variables as curl reads them.
fn has_proxy(scheme: Scheme) -> bool {
    let names: &[&str] = match scheme {
        Scheme::Https => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        Scheme::Http => &["http_proxy", "all_proxy", "ALL_PROXY"],
        Scheme::Ssh | Scheme::Git => &[],
    };
    names.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn reach(ip: IpAddr) -> Reach {
    match ip {
        IpAddr::V4(ip) => reach_v4(ip),
        IpAddr::V6(ip) => reach_v6(ip),
    }
}

fn reach_v4(ip: Ipv4Addr) -> Reach {
    let [a, b, c, _] = ip.octets();
    match (a, b, c) {
        _ if ip.is_link_local() => Reach::Link,
        // This network, shared address space, protocol assignments, benchmarks, multicast and what is reserved.
        (0 | 224.., _, _) | (100, 64..=127, _) | (192, 0, 0) | (198, 18 | 19, _) => Reach::Private,
        _ if ip.is_private() || ip.is_loopback() => Reach::Private,
        _ => Reach::Public,
    }
}

fn reach_v6(ip: Ipv6Addr) -> Reach {
    let parts = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        reach_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // Amazon's name for the link-local address that gives credentials.
        [0xfd00, 0x0ec2, ..] => Reach::Link,
        [0xfe80..=0xfebf, ..] => Reach::Link,
        // An IPv4 address in another coat: mapped, translated (NAT64) and tunnelled (6to4).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        // Everything that is routed lies in 2000::/3, without Teredo.
        [0x2001, 0, ..] => Reach::Private,
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Private,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_link_local_addresses_are_known_in_every_coat() {
        for (ip, expected) in [
            ("93.184.216.34", Reach::Public),
            ("2606:2800:220:1::1", Reach::Public),
            ("127.0.0.1", Reach::Private),
            ("10.1.2.3", Reach::Private),
            ("172.16.0.1", Reach::Private),
            ("192.168.1.1", Reach::Private),
            ("100.64.0.1", Reach::Private),
            ("0.0.0.0", Reach::Private),
            ("255.255.255.255", Reach::Private),
            ("::", Reach::Private),
            ("::1", Reach::Private),
            ("::ffff:10.0.0.1", Reach::Private),
            ("64:ff9b::7f00:1", Reach::Private),
            ("2002:7f00:1::", Reach::Private),
            ("2001:0:1::", Reach::Private),
            ("fd12::1", Reach::Private),
            ("169.254.169.254", Reach::Link),
            ("::ffff:169.254.169.254", Reach::Link),
            ("fe80::1", Reach::Link),
            ("fd00:ec2::254", Reach::Link),
        ] {
            assert_eq!(reach(ip.parse().expect("an address")), expected, "{ip}");
        }
    }
}
