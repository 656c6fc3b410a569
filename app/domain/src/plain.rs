//! Plain settings: values that are no secrets, so nobody has to keep them out of anything.
//!
//! The one place that decides what is looked for: in workspaces before a snapshot, in names, and in what commands print.
//! A person can call a key plain; and a value that stands in every project is plain by itself, unless its key says that
//! it is a secret. What an agent writes into a spec changes nothing.

use super::KeyName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A key that a person called plain in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlainKey {
    /// Which key.
    pub key: KeyName,
    /// Name of the member who did.
    pub by: String,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
}

/// The keys that are plain, made ready to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainKeys(BTreeSet<KeyName>);

impl FromIterator<KeyName> for PlainKeys {
    fn from_iter<I: IntoIterator<Item = KeyName>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl PlainKeys {
    /// Whether a value of a key is looked for.
    pub fn seeks(&self, key: &KeyName, value: &str) -> bool {
        !self.0.contains(key) && !is_plain_value(key, value)
    }
}

/// Longest value that may be plain by itself, in bytes.
const LONGEST: usize = 32;
/// Words that stand in every project.
const WORDS: [&str; 86] = [
    "access",
    "all",
    "alpha",
    "always",
    "america",
    "auto",
    "beta",
    "canary",
    "cluster",
    "combined",
    "common",
    "console",
    "critical",
    "database",
    "debug",
    "default",
    "demo",
    "dev",
    "development",
    "disable",
    "disabled",
    "docker",
    "enable",
    "enabled",
    "error",
    "example",
    "fatal",
    "file",
    "filesystem",
    "hidden",
    "info",
    "internal",
    "json",
    "lax",
    "legacy",
    "local",
    "localhost",
    "log",
    "main",
    "master",
    "memcached",
    "memory",
    "mongodb",
    "mysql",
    "never",
    "node",
    "none",
    "notice",
    "null",
    "off",
    "pgsql",
    "plain",
    "postgres",
    "postgresql",
    "preview",
    "primary",
    "private",
    "prod",
    "production",
    "public",
    "readonly",
    "redis",
    "release",
    "require",
    "required",
    "root",
    "sandbox",
    "server",
    "silent",
    "single",
    "smtp",
    "sqlite",
    "stable",
    "stage",
    "staging",
    "standalone",
    "stderr",
    "stdout",
    "strict",
    "sync",
    "test",
    "testing",
    "trace",
    "undefined",
    "verbose",
    "warning",
];
/// Others that are no single word.
const TEXTS: [&str; 9] = [
    "0.0.0.0",
    "127.0.0.1",
    "::1",
    "utf-8",
    "utf8mb4",
    "same-origin",
    "host.docker.internal",
    "text/plain",
    "en_us.utf-8",
];

/// Whether a value is plain by itself: short, of a key that is not sensitive, and one that stands everywhere, such as
/// `production`, `true`, a port, `localhost` or `us-east-1`.
pub fn is_plain_value(key: &KeyName, value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    if key.is_sensitive() || value.len() > LONGEST {
        return false;
    }
    let value = value.strip_prefix("http://").map_or(&*value, |address| address.strip_suffix('/').unwrap_or(address));
    is_common(value) || value.rsplit_once(':').is_some_and(|(host, port)| is_host(host) && is_number(port))
}

fn is_common(value: &str) -> bool {
    let is_switch = matches!(value, "true" | "false" | "yes" | "no" | "on" | "off");
    is_switch || is_number(value) || is_region(value) || WORDS.contains(&value) || TEXTS.contains(&value)
}

fn is_host(value: &str) -> bool {
    matches!(value, "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]" | "host.docker.internal")
}

/// A port, a count, a time in milliseconds: not so many digits that they could be a code.
fn is_number(value: &str) -> bool {
    (1..=5).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit())
        || value.len() > 5 && value.len() <= 9 && value.trim_end_matches('0').len() <= 2 && value.parse::<u32>().is_ok()
}

/// Such as `us-east-1`, `eu-central-1b`, `europe-west4` or `us-gov-west-1`.
fn is_region(value: &str) -> bool {
    const PARTS: [&str; 18] = [
        "us",
        "eu",
        "ap",
        "sa",
        "ca",
        "me",
        "af",
        "il",
        "cn",
        "gov",
        "iso",
        "europe",
        "asia",
        "australia",
        "northamerica",
        "southamerica",
        "africa",
        "mx",
    ];
    const SIDES: [&str; 9] =
        ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];
    let mut parts = value.split('-');
    let starts = parts.next().is_some_and(|part| PARTS.contains(&part));
    let is_part = |part: &str| {
        let word = part.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let is_word = (PARTS.contains(&word) || SIDES.contains(&word)) && part.len() - word.len() <= 2;
        let zone = part.strip_suffix(|letter: char| letter.is_ascii_lowercase()).unwrap_or(part);
        is_word || zone.len() <= 2 && zone.bytes().all(|byte| byte.is_ascii_digit())
    };
    starts && value.contains('-') && parts.all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> KeyName {
        KeyName::new(name).expect("a key")
    }

    #[test]
    fn what_stands_in_every_project_is_plain_by_itself() {
        for value in [
            "production",
            "Development",
            " true ",
            "localhost",
            "3000",
            "us-east-1",
            "eu-central-1b",
            "europe-west4",
            "us-gov-west-1",
            "http://localhost:3000",
            "http://localhost:3000/",
            "127.0.0.1:5432",
            "debug",
            "postgres",
            "600000",
            "en_US.UTF-8",
        ] {
            assert!(is_plain_value(&key("SETTING"), value), "{value}");
        }
    }

    #[test]
    fn whatever_may_be_a_secret_is_not() {
        for value in [
            "correct horse",
            "swordfish",
            "123456",
            "947302",
            "12345678",
            "us-east-1-k8f3",
            "eu-x9f2k1",
            "Tr0ub4dor",
            "http://user:pass@localhost:3000",
            "sk_live_1",
            "hunter2",
            "production-3f9a",
            "postgres://localhost/x",
        ] {
            assert!(!is_plain_value(&key("SETTING"), value), "{value}");
        }
        for sensitive in ["DATABASE_PASSWORD", "API_KEY", "SESSION_SECRET"] {
            assert!(!is_plain_value(&key(sensitive), "production"), "{sensitive}");
        }
    }

    #[test]
    fn a_key_that_a_person_called_plain_is_not_looked_for_whatever_its_value() {
        let plain: PlainKeys = [key("A_SECRET_KEY")].into_iter().collect();
        assert!(!plain.seeks(&key("A_SECRET_KEY"), "anything at all"));
        assert!(plain.seeks(&key("B"), "anything at all") && !plain.seeks(&key("B"), "production"));
    }
}
