//! Random tokens that prove something by being known.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// 32 random bytes in URL-safe base64, wiped on drop and without Debug. Only its hash is ever stored.
pub struct Token(Zeroizing<String>);

impl Token {
    /// A fresh token from the operating system's randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes)?;
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes))))
    }

    /// The token itself, for the one place it is given to.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
