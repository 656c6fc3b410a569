//! A value on its way from a form to the vault.

use crate::domain::SecretValue;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A typed value in a server function's arguments. It travels one way: the browser serializes it to send it, the
/// server only reads it.
#[derive(Clone)]
pub struct SecretInput(SecretValue);

impl SecretInput {
    /// Takes what was typed.
    pub fn new(value: String) -> Self {
        Self(SecretValue::new(value))
    }

    /// The value, to be sealed.
    pub fn into_secret(self) -> SecretValue {
        self.0
    }
}

impl fmt::Debug for SecretInput {
    // Server functions derive Debug for their arguments; this keeps the value out of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("«secret»")
    }
}

impl<'de> Deserialize<'de> for SecretInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl Serialize for SecretInput {
    #[cfg(feature = "hydrate")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }

    #[cfg(not(feature = "hydrate"))]
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("a secret is write-only"))
    }
}
