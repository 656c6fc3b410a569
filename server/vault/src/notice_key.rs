//! Proof that a notice between servers comes from one that has the root key.

use super::cipher::Key;
use super::data_key::{derive, hmac};
use hmac::Mac;
use std::sync::Arc;

const HEX: u32 = 16;
/// Hexadecimal digits of a signature.
const DIGITS: usize = 64;

/// Signs what servers of one database tell each other. Whoever may only speak to the database cannot.
#[derive(Clone)]
pub struct NoticeKey(Arc<Key>);

impl NoticeKey {
    pub(super) fn new(root: &Key) -> Self {
        Self(Arc::new(derive(root, b"keyslot notices 1")))
    }

    /// The text behind its signature.
    pub fn sign(&self, text: &str) -> String {
        let mut mac = hmac(&self.0);
        mac.update(text.as_bytes());
        let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{digits}{text}")
    }

    /// The text that was signed; nothing if it was not, or with another key.
    pub fn verified<'a>(&self, signed: &'a str) -> Option<&'a str> {
        let (digits, text) = signed.split_at_checked(DIGITS)?;
        let mut signature = [0; DIGITS / 2];
        for (byte, digits) in signature.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).ok()?;
            *byte = u8::from_str_radix(digits, HEX).ok()?;
        }
        let mut mac = hmac(&self.0);
        mac.update(text.as_bytes());
        mac.verify_slice(&signature).ok().map(|()| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    fn key(byte: u8) -> NoticeKey {
        NoticeKey::new(&Key::new(Zeroizing::new([byte; super::super::cipher::KEY_BYTES])))
    }

    #[test]
    fn only_what_was_signed_with_the_same_key_is_believed() {
        let signed = key(1).sign("the text \u{e9}");
        assert_eq!(key(1).verified(&signed), Some("the text \u{e9}"));
        assert_eq!(key(2).verified(&signed), None);
        assert_eq!(key(1).verified(&format!("{signed}.")), None);
        assert_eq!(key(1).verified(&signed[1..]), None);
        for foreign in ["", "{}", &"\u{e9}".repeat(64), &"g".repeat(99), &"+1".repeat(40)] {
            assert_eq!(key(1).verified(foreign), None, "{foreign}");
        }
    }
}
