//! One-time digests, by which the server tells "the same value" without being sent one.
//!
//! The browser makes a random number, the **nonce**, and sends HMAC-SHA-256(nonce, key, value) of what was pasted. The
//! server opens the stored value and makes the same digest of it. Another nonce gives other digests, so one that was
//! overheard matches nothing else.

use domain::{KeyName, SecretValue};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 32;

/// The digest of a value, in hexadecimal digits.
pub fn of(nonce: &[u8; NONCE_BYTES], key: &KeyName, value: &SecretValue) -> String {
    hex(&mac(nonce, key, value).finalize().into_bytes())
}

/// Whether a digest is that of the value. Takes the same time wherever they differ.
pub fn matches(nonce: &[u8; NONCE_BYTES], key: &KeyName, value: &SecretValue, digest: &str) -> bool {
    bytes(digest).is_some_and(|digest| mac(nonce, key, value).verify_slice(&digest).is_ok())
}

/// A nonce as it is sent.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A nonce that was sent.
pub fn nonce(text: &str) -> Option<[u8; NONCE_BYTES]> {
    bytes(text)?.try_into().ok()
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).ok();
    (0..text.len()).step_by(2).map(pair).collect()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(nonce: &[u8; NONCE_BYTES], key: &KeyName, value: &SecretValue) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(nonce).expect("HMAC takes keys of any length");
    for part in [&b"keyslot import 1"[..], key.as_str().as_bytes(), value.expose().as_bytes()] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> KeyName {
        KeyName::new(name).expect("a key")
    }

    fn value(text: &str) -> SecretValue {
        SecretValue::new(text.to_owned())
    }

    #[test]
    fn a_digest_matches_its_own_value_under_its_own_nonce_and_key_alone() {
        let (one, other) = ([1; NONCE_BYTES], [2; NONCE_BYTES]);
        let digest = of(&one, &key("A"), &value("v"));
        assert_eq!(digest.len(), 64);
        assert!(matches(&one, &key("A"), &value("v"), &digest));
        assert!(matches(&one, &key("A"), &value(""), &of(&one, &key("A"), &value(""))));
        assert!(!matches(&one, &key("A"), &value("w"), &digest));
        assert!(!matches(&one, &key("B"), &value("v"), &digest));
        assert!(!matches(&other, &key("A"), &value("v"), &digest));
        assert_ne!(of(&one, &key("A"), &value("Bv")), of(&one, &key("AB"), &value("v")), "parts do not run together");
    }

    #[test]
    fn what_is_no_digest_matches_nothing() {
        for wrong in ["", "0", "zz", "0g", "00", "é0", &"0".repeat(63)] {
            assert!(!matches(&[0; NONCE_BYTES], &key("A"), &value("v"), wrong), "{wrong}");
            assert_eq!(nonce(wrong), None, "{wrong}");
        }
        let sent = [7; NONCE_BYTES];
        assert_eq!(nonce(&hex(&sent)), Some(sent));
    }
}
