//! The server's address: over TLS, or on this machine.

use std::fmt;
use std::net::IpAddr;
use ureq::http::Uri;

/// Where a server is, without a trailing slash. Values and the token travel there, so it is TLS or this very machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// Why an address is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not the address of a server.
    #[error("give the server's address as https://HOST or https://HOST:PORT, as people open it in a browser")]
    Form,
    /// Everybody on the way could read along.
    #[error(
        "values would travel unencrypted to {0}: use https, or add --insecure-http if the network between is trusted"
    )]
    Unencrypted(String),
}

impl Address {
    /// Takes an address. Plain HTTP counts only to this machine, unless `insecure`.
    pub fn new(text: &str, insecure: bool) -> Result<Self, AddressError> {
        let text = text.trim().trim_end_matches('/');
        let uri: Uri = text.parse().map_err(|_| AddressError::Form)?;
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return Err(AddressError::Form) };
        let plain = uri.query().is_none() && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        if !plain || !matches!(scheme, "http" | "https") {
            return Err(AddressError::Form);
        }
        if scheme == "http" && !insecure && !is_this_machine(host) {
            return Err(AddressError::Unencrypted(host.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The address of a path on the server.
    pub fn of(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_encrypted_or_this_machine() {
        for good in [
            "https://keys.example.test",
            "https://10.0.0.7:8443/",
            "http://127.0.0.1:3000",
            "http://[::1]:1",
            "http://LOCALHOST",
        ] {
            assert!(Address::new(good, false).is_ok(), "{good}");
        }
        for open in ["http://keys.example.test", "http://10.0.0.7:3000", "http://127.0.0.1.example.test"] {
            assert!(matches!(Address::new(open, false), Err(AddressError::Unencrypted(_))), "{open}");
            assert!(Address::new(open, true).is_ok(), "{open}");
        }
        for bad in ["", "keys.example.test", "ftp://x", "https://", "https://user:secret@host", "https://h/?a=b", "/x"]
        {
            assert_eq!(Address::new(bad, true), Err(AddressError::Form), "{bad}");
        }
    }
}
