//! Where a request comes from, for the log.

use crate::config::Config;
use crate::service::Keyslot;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// The address of whoever sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender(Option<IpAddr>);

impl Sender {
    /// The other end of the connection; behind a trusted proxy, whom the proxy names. What anybody else says about
    /// where they come from counts for nothing.
    pub fn of(config: &Config, extensions: &Extensions, headers: &HeaderMap) -> Self {
        let Some(ConnectInfo(peer)) = extensions.get::<ConnectInfo<SocketAddr>>() else { return Self(None) };
        let is_trusted = |address: &IpAddr| config.trusted_proxies.contains(&address.to_canonical());
        let named = headers.get_all("x-forwarded-for").into_iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
        let mut sender = peer.ip().to_canonical();
        for hop in hops.iter().rev() {
            match hop.parse::<IpAddr>() {
                Ok(before) if is_trusted(&sender) => sender = before.to_canonical(),
                _ => break,
            }
        }
        Self(Some(sender))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

impl FromRequestParts<Keyslot> for Sender {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, keyslot: &Keyslot) -> Result<Self, Infallible> {
        Ok(Self::of(keyslot.config(), &parts.extensions, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::CommandLine;
    use clap::Parser;

    fn sender(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let config = CommandLine::parse_from(["keyslot-server", "--trusted-proxies", proxies]).config;
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().expect("an address"), 4000)));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().expect("a header"));
        }
        Sender::of(&config, &extensions, &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(sender("10.0.0.1", "203.0.113.9", &["198.51.100.7"]), "203.0.113.9", "anybody can claim anything");
        assert_eq!(sender("10.0.0.1", "10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(sender("10.0.0.1", "::ffff:10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(sender("10.0.0.1,10.0.0.2", "10.0.0.1", &["1.2.3.4, 198.51.100.7", "10.0.0.2"]), "198.51.100.7");
        assert_eq!(sender("10.0.0.1", "10.0.0.1", &["not an address"]), "10.0.0.1");
        assert_eq!(sender("10.0.0.1", "10.0.0.1", &[]), "10.0.0.1");
    }
}
