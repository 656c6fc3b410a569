//! A value on its way from a form to the vault.

use domain::SecretValue;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A typed value in a server function's arguments. It travels one way: the browser serializes it to send it, the
/// server only reads it. The default is that nothing was sent, which is not the empty value; `Option` would not do,
/// for in a form it reads an empty field as nothing.
#[derive(Clone, Default)]
pub struct SecretInput(Option<SecretValue>);

impl SecretInput {
    /// Takes what was typed.
    pub fn new(value: String) -> Self {
        Self(Some(SecretValue::new(value)))
    }

    /// The value, to be sealed; none when nothing was sent. A form submission sends each line break of a text area as CR LF, whatever was typed
    /// (HTML standard, "constructing the entry list"); a key file would not survive that, so it is undone here.
    pub fn into_secret(self) -> Option<SecretValue> {
        self.0.map(|value| match value.expose().contains("\r\n") {
            true => SecretValue::new(value.expose().replace("\r\n", "\n")),
            false => value,
        })
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
        serializer.serialize_str(self.0.as_ref().map_or("", SecretValue::expose))
    }

    #[cfg(not(feature = "hydrate"))]
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("a secret is write-only"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_value_cannot_be_printed_and_leaves_the_server_in_no_form() {
        let input = SecretInput::new("hunter2".to_owned());
        assert!(!format!("{input:?}").contains("hunter2"));
        #[cfg(not(feature = "hydrate"))]
        assert!(serde_json::to_string(&input).is_err());
    }

    #[test]
    fn line_breaks_come_through_a_form_as_they_were_typed() {
        let input = SecretInput::new("a\r\nb\r\n".to_owned());
        assert!(input.into_secret().is_some_and(|value| value.expose() == "a\nb\n"));
    }

    #[test]
    fn an_empty_field_is_a_value_and_an_absent_one_is_none() {
        #[derive(Deserialize)]
        struct Form {
            #[serde(default)]
            value: SecretInput,
        }
        let read = |form: &str| serde_qs::from_str::<Form>(form).expect("a form").value.into_secret();
        assert!(read("key=A&value=").is_some_and(|value| value.is_empty()));
        assert!(read("key=A").is_none());
    }
}
