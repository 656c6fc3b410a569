//! Which values of an example file are meant literally.

use crate::limits;

/// What comments start with in other languages, with which people describe a value in its place.
const COMMENT_STARTS: [&str; 5] = ["// ", "/*", "<!--", "-- ", "; "];
/// Words that only a placeholder has, anywhere in it.
const PLACEHOLDER_WORDS: [&str; 9] =
    ["your", "example", "changeme", "change", "replace", "replaceme", "placeholder", "todo", "dummy"];
/// Words with which an instruction to the reader starts.
const INSTRUCTIONS: [&str; 9] = ["get", "generate", "insert", "enter", "add", "put", "set", "use", "paste"];
/// Whole values that stand for a secret.
const STAND_INS: [&str; 7] = ["secret", "password", "pass", "token", "key", "value", "string"];

/// Whether a value of an example file can be used as it is, and is no placeholder such as `changeme`, `your-key`,
/// `xxx`, `<token>` or `get_a_key_from_aws`, and no reference to another variable or to a vault.
pub(super) fn is_meant_literally(value: &str) -> bool {
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
    let named = words.iter().any(|word| PLACEHOLDER_WORDS.contains(word));
    let comment = COMMENT_STARTS.iter().any(|start| value.starts_with(start));
    comment || blanks || all_x || bracketed || instruction || here || named || STAND_INS.contains(&lower.as_str())
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
            "// the port",
            "/* the port */",
            "; the port",
            "-- the port",
        ] {
            assert!(!is_meant_literally(value), "{value}");
        }
    }
}
