//! The shape that values of a key have, where its name or the spec makes it plain.

use super::Warning;
use crate::KeyName;
use serde::de::IgnoredAny;

/// The shape of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Url,
    Pem,
    Json,
}

/// Keys whose values are known to start in one of a few ways, by the end of their name. Only what the issuer states.
const PREFIXES: [(&str, &[&str]); 13] = [
    ("AWS_ACCESS_KEY_ID", &["AKIA", "ASIA"]),
    ("GH_TOKEN", &["ghp_", "github_pat_", "gho_", "ghs_", "ghu_"]),
    ("GITHUB_TOKEN", &["ghp_", "github_pat_", "gho_", "ghs_", "ghu_"]),
    ("GITLAB_TOKEN", &["glpat-", "gldt-", "glcbt-"]),
    ("NPM_TOKEN", &["npm_"]),
    ("SENDGRID_API_KEY", &["SG."]),
    ("SLACK_APP_TOKEN", &["xapp-"]),
    ("SLACK_BOT_TOKEN", &["xoxb-"]),
    ("SLACK_USER_TOKEN", &["xoxp-"]),
    ("STRIPE_PUBLISHABLE_KEY", &["pk_"]),
    ("STRIPE_RESTRICTED_KEY", &["rk_"]),
    ("STRIPE_SECRET_KEY", &["sk_", "rk_"]),
    ("STRIPE_WEBHOOK_SECRET", &["whsec_"]),
];

/// Schemes that are followed by a path alone, as in `sqlite:data.db`.
const SHORT_SCHEMES: [&str; 7] = ["data:", "file:", "jdbc:", "mailto:", "sqlite:", "unix:", "urn:"];

/// How values of the key start, where that is known.
pub fn prefixes(key: &KeyName) -> Option<&'static [&'static str]> {
    let upper = key.as_str().to_ascii_uppercase();
    PREFIXES.iter().find(|(name, _)| is_or_ends_with(&upper, name)).map(|(_, known)| *known)
}

fn is_or_ends_with(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('_'))
}

impl Shape {
    /// What the name of the key says, or every value that the spec names.
    pub(super) fn of<'a>(key: &KeyName, named: impl Iterator<Item = &'a str> + Clone) -> Option<Self> {
        let upper = key.as_str().to_ascii_uppercase();
        let ends = |ends: &[&str]| ends.iter().any(|end| is_or_ends_with(&upper, end));
        if ends(&["JSON"]) {
            return Some(Self::Json);
        }
        if ends(&["URL", "URI"]) {
            return Some(Self::Url);
        }
        // A VAPID key is one number, and wallets have keys in hexadecimal digits.
        if ends(&["PRIVATE_KEY", "CERT", "CERTIFICATE", "PEM"]) && !upper.contains("VAPID") {
            return Some(Self::Pem);
        }
        let every = |fits: fn(&str) -> bool| named.clone().next().is_some() && named.clone().all(fits);
        if every(|text| text.contains("://") && is_url(text)) {
            return Some(Self::Url);
        }
        every(|text| text.starts_with(['{', '[']) && is_json(text)).then_some(Self::Json)
    }

    /// What is wrong with a value of this shape.
    pub(super) fn wrong(self, value: &str) -> Option<Warning> {
        match self {
            Self::Url => (!is_url(value)).then_some(Warning::NotUrl),
            Self::Json => (!is_json(value)).then_some(Warning::NotJson),
            Self::Pem if is_pem(value) => (!value.contains("-----END ")).then_some(Warning::CutPem),
            Self::Pem => (!stands_for_pem(value)).then_some(Warning::NotPem),
        }
    }
}

/// Whether a value is a PEM block, also one that was cut off or has its line breaks as `\n`.
pub(super) fn is_pem(value: &str) -> bool {
    value.trim_start().starts_with("-----BEGIN ")
}

/// A PEM block in base64, a path to one, or a bare key in hexadecimal digits.
fn stands_for_pem(value: &str) -> bool {
    let digits = value.strip_prefix("0x").unwrap_or(value);
    let is_hex = digits.len() >= 64 && digits.chars().all(|c| c.is_ascii_hexdigit());
    let is_path = value.starts_with(['/', '.', '~']) && !value.contains('\n');
    is_hex || is_path || value.starts_with("LS0tLS1CRUdJTi")
}

fn is_json(value: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(value).is_ok()
}

/// An absolute URL, or a path on the same host.
fn is_url(value: &str) -> bool {
    if value.contains(char::is_whitespace) {
        return false;
    }
    let scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    let long = value.split_once("://").is_some_and(|(name, rest)| scheme(name) && !rest.is_empty());
    let lower = value.to_ascii_lowercase();
    long || value.starts_with('/') || SHORT_SCHEMES.iter().any(|short| lower.starts_with(short))
}
