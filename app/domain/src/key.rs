//! Names of environment variables.

use super::limits;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of one environment variable: a letter or underscore, then letters, digits and underscores.
///
/// That is the set which every env file reader and every shell accepts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyName(String);

/// Why a text is no key name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyNameError {
    /// Nothing was given.
    #[error("a key needs a name, such as DATABASE_URL")]
    Empty,
    /// Longer than [`limits::KEY_CHARS`].
    #[error("a key name has at most {limit} characters; this one has {0}", limit = limits::KEY_CHARS)]
    TooLong(usize),
    /// Starts with a digit.
    #[error("a key name starts with a letter or an underscore, not with a digit")]
    StartsWithDigit,
    /// Holds a character outside the set.
    #[error("a key name has only letters, digits and underscores; {0:?} is not allowed")]
    Character(char),
}

/// Words that mark a key as sensitive when they stand between underscores.
const SENSITIVE_WORDS: [&str; 16] = [
    "KEY",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASS",
    "PWD",
    "PASSPHRASE",
    "CREDENTIAL",
    "CREDENTIALS",
    "DSN",
    "SALT",
    "PRIVATEKEY",
    "APIKEY",
    "CERT",
];
/// Words that make a key plain although it holds a sensitive word, as in `NEXT_PUBLIC_POSTHOG_KEY`.
const PUBLIC_WORDS: [&str; 4] = ["PUBLIC", "PUBLISHABLE", "VITE", "EXPO"];
/// Addresses that customarily carry credentials.
const SENSITIVE_ENDINGS: [&str; 4] = ["DATABASE_URL", "REDIS_URL", "MONGODB_URI", "WEBHOOK_URL"];

impl KeyName {
    /// Checks and takes a name.
    pub fn new(name: impl Into<String>) -> Result<Self, KeyNameError> {
        let name = name.into();
        let count = name.chars().count();
        let Some(first) = name.chars().next() else {
            return Err(KeyNameError::Empty);
        };
        if count > limits::KEY_CHARS {
            return Err(KeyNameError::TooLong(count));
        }
        if first.is_ascii_digit() {
            return Err(KeyNameError::StartsWithDigit);
        }
        match name.chars().find(|c| !(c.is_ascii_alphanumeric() || *c == '_')) {
            Some(other) => Err(KeyNameError::Character(other)),
            None => Ok(Self(name)),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name says that its value must be hidden: `STRIPE_SECRET_KEY` is, `PORT` and
    /// `NEXT_PUBLIC_POSTHOG_KEY` are not.
    pub fn is_sensitive(&self) -> bool {
        let upper = self.0.to_ascii_uppercase();
        let has = |words: &[&str]| upper.split('_').any(|word| words.contains(&word));
        if has(&PUBLIC_WORDS) {
            return false;
        }
        has(&SENSITIVE_WORDS) || SENSITIVE_ENDINGS.iter().any(|ending| upper.ends_with(ending))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for KeyName {
    type Error = KeyNameError;

    fn try_from(name: String) -> Result<Self, KeyNameError> {
        Self::new(name)
    }
}

impl From<KeyName> for String {
    fn from(key: KeyName) -> String {
        key.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_every_reader_accepts_are_accepted() {
        for name in ["A", "_", "DATABASE_URL", "next_public_x", "A1_", &"K".repeat(limits::KEY_CHARS)] {
            assert_eq!(KeyName::new(name).map(String::from), Ok(name.to_owned()));
        }
    }

    #[test]
    fn other_names_are_refused_with_the_reason() {
        assert_eq!(KeyName::new(""), Err(KeyNameError::Empty));
        assert_eq!(KeyName::new("1A"), Err(KeyNameError::StartsWithDigit));
        assert_eq!(KeyName::new("A-B"), Err(KeyNameError::Character('-')));
        assert_eq!(KeyName::new("A\nB"), Err(KeyNameError::Character('\n')));
        assert_eq!(KeyName::new("Ä"), Err(KeyNameError::Character('Ä')));
        assert_eq!(KeyName::new("K".repeat(201)), Err(KeyNameError::TooLong(201)));
    }

    #[test]
    fn a_name_tells_whether_its_value_is_sensitive() {
        for name in ["STRIPE_SECRET_KEY", "API_KEY", "DB_PASSWORD", "DATABASE_URL", "SENTRY_DSN", "gh_token"] {
            assert!(KeyName::new(name).is_ok_and(|key| key.is_sensitive()), "{name}");
        }
        for name in ["PORT", "NEXT_PUBLIC_POSTHOG_KEY", "STRIPE_PUBLISHABLE_KEY", "KEYCLOAK_HOST", "URL"] {
            assert!(KeyName::new(name).is_ok_and(|key| !key.is_sensitive()), "{name}");
        }
    }
}
