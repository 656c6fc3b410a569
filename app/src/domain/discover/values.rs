//! Which values of an example file are meant literally.

use crate::domain::resolve::has_credentials;
use crate::domain::{KeyName, limits};
use serde::Serialize;

/// Words that only a placeholder has, anywhere in it.
const PLACEHOLDER_WORDS: [&str; 9] =
    ["your", "example", "changeme", "change", "replace", "replaceme", "placeholder", "todo", "dummy"];
/// Words with which an instruction to the reader starts.
const INSTRUCTIONS: [&str; 9] = ["get", "generate", "insert", "enter", "add", "put", "set", "use", "paste"];
/// Whole values that stand for a secret.
const STAND_INS: [&str; 7] = ["secret", "password", "pass", "token", "key", "value", "string"];

/// Domains that nobody owns, or that only stand for a person's own.
const NOBODYS_DOMAINS: [&str; 12] = [
    "example.com",
    "example.org",
    "example.net",
    "mycompany",
    "yourcompany",
    "mydomain",
    "yourdomain",
    "domain.com",
    "company.com",
    "acme.com",
    "mysite",
    "my-domain",
];
/// Whole values that stand for nothing.
const NOTHING: [&str; 6] = ["null", "nil", "none", "undefined", "n/a", "tbd"];

/// What the value of an example's line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExampleValue {
    /// There is none.
    None,
    /// It only shows where a value belongs: `changeme`, `your-key`, `<token>`, the key's own name.
    Placeholder,
    /// It works for development, but looks like a secret, or carries credentials.
    Example,
    /// It is a plain setting that can be used as it is.
    Default,
}

/// Tells what a value is; `sensitive` says whether the key's name, or a schema, calls it secret.
pub(super) fn classify(key: &KeyName, value: &str, sensitive: bool) -> ExampleValue {
    let trimmed = value.trim();
    if trimmed.is_empty() || NOTHING.contains(&trimmed.to_ascii_lowercase().as_str()) {
        ExampleValue::None
    } else if !is_meant_literally(value) || names_its_key(key, trimmed) || (sensitive && is_stand_in(trimmed)) {
        ExampleValue::Placeholder
    } else if sensitive || has_credentials(trimmed) {
        ExampleValue::Example
    } else {
        ExampleValue::Default
    }
}

/// Whether a value repeats the name of its key, in whole or in part: `REDIS_HOST=redis_host`, `KEY=api-key`.
fn names_its_key(key: &KeyName, value: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_lowercase();
    let (key, value) = (plain(key.as_str()), plain(value));
    value.len() > 4
        && (value == key || (value.len() > 6 && key.ends_with(&value)) || (key.len() > 4 && value.ends_with(&key)))
}

/// Whether a secret's value is one that nobody was ever given: `OAIKEY`, `AWS_KEY`, `12345678`, `abc123`.
fn is_stand_in(value: &str) -> bool {
    let capitals = value.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let counted = "1234567890123456789012345678901234567890".contains(value) && value.len() > 3;
    let word = value.chars().all(|c| c.is_ascii_alphabetic()) && value.len() < 5;
    capitals
        || counted
        || word
        || ["abc123", "foobar", "test1234", "asdf", "testing"].contains(&value.to_ascii_lowercase().as_str())
}

/// Whether a value of an example file can be used as it is, and is no placeholder such as `changeme`, `your-key`,
/// `xxx`, `<token>` or `get_a_key_from_aws`, and no reference to another variable or to a vault.
fn is_meant_literally(value: &str) -> bool {
    let trimmed = value.trim();
    let fits = !trimmed.is_empty() && value.len() <= limits::VALUE_BYTES && !value.contains('\0');
    fits && !is_reference(trimmed) && !is_placeholder(trimmed)
}

fn is_reference(value: &str) -> bool {
    value.starts_with('$') || value.contains("${") || value.contains("{{") || value.starts_with("op://")
}

fn is_placeholder(value: &str) -> bool {
    let lower = value.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let blanks = lower.contains("xxx") || value.contains("***") || value.contains("...") || value.contains('\u{2026}');
    let all_x = !words.is_empty() && words.iter().all(|word| word.chars().all(|c| c == 'x'));
    let bracketed = value.find('<').is_some_and(|open| value[open..].contains('>'));
    let instruction = words.len() > 2 && words.first().is_some_and(|word| INSTRUCTIONS.contains(word));
    let here = words.len() > 1 && words.last() == Some(&"here");
    let nobodys = NOBODYS_DOMAINS.iter().any(|domain| lower.contains(domain));
    let named = nobodys || words.iter().any(|word| PLACEHOLDER_WORDS.contains(word));
    blanks || all_x || bracketed || instruction || here || named || STAND_INS.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_settings_are_meant_literally() {
        for value in [
            "3000",
            "production",
            "en_US",
            "http://localhost:3000",
            "openid profile email",
            "OpenID Connect",
            "/var/lib/outline/data",
            "smtp-auth",
            "true",
            "[]",
            "noreply@documenso.com",
            "{\"a\":1}",
            "get",
        ] {
            assert!(is_meant_literally(value), "{value}");
        }
    }

    #[test]
    fn a_default_an_example_and_a_placeholder_are_told_apart() {
        use ExampleValue::*;
        for (key, value, expected) in [
            ("PORT", "3000", Default),
            ("DATABASE_URL", "postgresql://postgres:postgres@localhost:5432/postgres", Example),
            ("AMQP", "amqp://guest:guest@queue:5672", Example),
            ("DB_PASSWORD", "postgres", Example),
            ("SECRET_KEY", "6f1ed002ab5595859014ebf0951522d9", Example),
            ("OPENAI_API_KEY", "OAIKEY", Placeholder),
            ("ADMIN_EMAIL", "me@mycompany.com", Placeholder),
            ("SECRET", "changeme", Placeholder),
            ("TOKEN", "xxx", Placeholder),
            ("STRIPE_KEY", "STRIPE_KEY", Placeholder),
            ("STRIPE_SECRET_KEY", "secret-key", Placeholder),
            ("REDIS_HOST", "redis_host", Placeholder),
            ("API_TOKEN", "12345678", Placeholder),
            ("SITE", "https://app.example.com", Placeholder),
            ("MAIL_USERNAME", "null", None),
            ("A", " ", None),
            ("LOG_LEVEL", "level", Default),
        ] {
            let key = KeyName::new(key).expect("a good key");
            assert_eq!(classify(&key, value, key.is_sensitive()), expected, "{key}={value}");
        }
    }

    #[test]
    fn placeholders_references_and_blanks_are_not() {
        for value in [
            "",
            "  ",
            "changeme",
            "change-me",
            "CHANGE_THIS",
            "your-api-key",
            "https://your-domain.com",
            "your_token",
            "xxx",
            "xx-xxxx-x",
            "A0XXXXXXX",
            "sk_test_...",
            "***",
            "<token>",
            "https://<host>/",
            "secret",
            "generate_a_new_key",
            "get_a_key_from_aws",
            "bucket_name_here",
            "user@example.com",
            "${PORT}",
            "$HOME/x",
            "{{ secrets.x }}",
            "op://vault/item/field",
            "a\0b",
        ] {
            assert!(!is_meant_literally(value), "{value}");
        }
    }
}
