//! What is told and what is not.

use super::Warning::*;
use super::*;
use proptest::prelude::*;

fn told(key: &str, value: &str) -> Vec<Warning> {
    warnings(&KeyName::new(key).expect("a key"), Hints::default(), value)
}

const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----";

#[test]
fn good_values_are_left_in_peace() {
    let pem = format!("{PEM}\n");
    for (key, value) in [
        ("DATABASE_URL", "postgres://shop:pa$$@db/shop?x=1"),
        ("DATABASE_URL", "sqlite:data.db"),
        ("NEXT_PUBLIC_API_URL", "/api"),
        ("PRIVATE_KEY", PEM),
        ("PRIVATE_KEY", pem.as_str()),
        ("TLS_CERT", "/etc/tls/cert.pem"),
        ("WALLET_PRIVATE_KEY", "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"),
        ("VAPID_PRIVATE_KEY", "UUxI4O8-FbRouAevSmBQ6o18hgE4nSG3qwvJTfKc-ls"),
        ("FIREBASE_JSON", r#"{"type":"service_account"}"#),
        ("STRIPE_SECRET_KEY", "rk_live_1"),
        ("GITHUB_TOKEN", "github_pat_11A"),
        ("PORT", "3000"),
        ("NAME", "Max Example"),
        ("GREETING", "your keys are ready"),
        ("EMPTY_URL", ""),
    ] {
        assert_eq!(told(key, value), [], "{key}={value}");
    }
}

#[test]
fn white_space_around_a_value_is_told_and_a_line_break_at_its_end_too() {
    assert_eq!(told("A", " v"), [BoundaryWhitespace]);
    assert_eq!(told("A", "v\t"), [BoundaryWhitespace]);
    assert_eq!(told("A", "v\n"), [TrailingNewline]);
    assert_eq!(told("A", "v \r\n"), [BoundaryWhitespace, TrailingNewline]);
    assert_eq!(told("A", "two\nlines"), []);
}

#[test]
fn texts_that_stand_for_a_value_are_told() {
    for value in [
        "changeme",
        "CHANGE_ME",
        "change-me!",
        "your-key-here",
        "your_api_key",
        "YOUR SECRET",
        "xxx",
        "XXXXXXXX",
        "sk_test_xxxxxxxxxx",
        "<your token>",
        "<secret>",
        "TODO",
        "todo: ask Ada",
        "example",
        "placeholder",
        "...",
        "***",
        "AKIAIOSFODNN7EXAMPLE",
        "replace-with-real-key",
    ] {
        assert_eq!(told("A", value), [Placeholder], "{value}");
        assert_eq!(told("DATABASE_URL", value), [Placeholder], "told once: {value}");
    }
}

#[test]
fn a_shape_that_the_name_makes_plain_is_told_when_it_is_wrong() {
    for (key, value, expected) in [
        ("DATABASE_URL", "localhost:5432", NotUrl),
        ("SENTRY_URI", "a b://c", NotUrl),
        ("PRIVATE_KEY", "MIIEvQ==", NotPem),
        ("TLS_CERTIFICATE", "a certificate", NotPem),
        ("PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----\nMIIEvQ==", CutPem),
        ("FIREBASE_JSON", "{'type': 1}", NotJson),
        ("STRIPE_SECRET_KEY", "pk_live_1", OtherPrefix),
        ("NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY", "sk_live_1", OtherPrefix),
        ("SLACK_BOT_TOKEN", "xapp-1", OtherPrefix),
        ("AWS_ACCESS_KEY_ID", "wJalrXUtnFEMI", OtherPrefix),
    ] {
        assert_eq!(told(key, value), [expected], "{key}={value}");
    }
    assert_eq!(told("MYSTRIPE_SECRET_KEYS", "x1"), [], "another name that only looks alike");
    assert_eq!(told("CURL", "localhost"), [], "another name that only ends alike");
}

#[test]
fn what_the_spec_names_is_right_and_tells_the_shape_of_the_rest() {
    let key = KeyName::new("ENDPOINT").expect("a key");
    let suggestions = ["https://eu.test".to_owned(), "changeme".to_owned()];
    let hints = Hints { default: Some("http://localhost:3000"), suggestions: &suggestions[..1] };
    assert_eq!(warnings(&key, hints, "localhost:4000"), [NotUrl]);
    assert_eq!(warnings(&key, hints, "https://us.test"), []);
    let named = Hints { default: None, suggestions: &suggestions };
    assert_eq!(warnings(&key, named, "changeme"), [], "a suggestion is no mistake");
    assert_eq!(warnings(&key, named, "localhost"), [], "suggestions of several shapes promise none");
    let json = Hints { default: Some("{}"), suggestions: &[] };
    assert_eq!(warnings(&key, json, "yes"), [NotJson]);
}

proptest! {
    #[test]
    fn any_text_gets_each_warning_at_most_once(key in "[A-Z_]{1,8}(_URL|_JSON|_CERT|_TOKEN)?", value in any::<String>()) {
        let found = told(&key, &value);
        let mut distinct = found.clone();
        distinct.sort();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), found.len());
        prop_assert_eq!(told(&key, ""), []);
    }

    #[test]
    fn white_space_is_told_exactly_where_it_is(value in "[ -~]{1,20}") {
        let found = told("A", &value);
        prop_assert_eq!(found.contains(&BoundaryWhitespace), value.trim() != value);
    }
}
