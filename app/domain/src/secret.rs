//! The one type that holds a plaintext value.

use zeroize::Zeroizing;

/// A value in the clear, wiped from memory when dropped.
///
/// It has no `Debug`, `Display` or `Serialize`, so it cannot be printed, logged or sent by accident; the only way to
/// its content is [`SecretValue::expose`], which is easy to search for.
#[derive(Clone)]
pub struct SecretValue(Zeroizing<String>);

impl SecretValue {
    /// Takes a value over; the text's memory is wiped on drop.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself. Use it to seal, to write into a sandbox's file or to compare, and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Length in bytes, which may be shown.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a person saved the empty string on purpose.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
