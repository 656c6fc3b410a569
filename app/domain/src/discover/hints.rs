//! What a comment asks a value to be: one of some choices, or something random.

use crate::limits;
use crate::spec::Generate;

/// What announces a list of choices, in lower case.
const ANNOUNCEMENTS: [&str; 9] = [
    "options:",
    "values:",
    "choices:",
    "supported:",
    "one of:",
    "one of the following:",
    "options are",
    "values are",
    "one of",
];
/// Longest choice, in characters, that makes a button.
const CHOICE_CHARS: usize = 100;
/// What a comment calls a value that only has to be random.
const RANDOM_THINGS: [&str; 10] =
    ["string", "key", "value", "secret", "token", "password", "hex", "bytes", "characters", "salt"];

/// The choices that a comment lists, as in `Available options: local (default) | s3`; empty if it lists none.
pub(super) fn choices(comment: &str) -> Vec<String> {
    let lower = comment.to_ascii_lowercase();
    let lists = ANNOUNCEMENTS.iter().filter_map(|announcement| {
        let at = lower.find(announcement).filter(|at| !lower[..*at].ends_with(char::is_alphanumeric))?;
        let list = enumeration(&comment[at + announcement.len()..]);
        let items = items(&list);
        // Without a colon, "one of these or those" is prose: the items must be quoted or many.
        let certain = announcement.ends_with(':') || items.len() > 2 || list.trim_start().starts_with(['"', '\'', '`']);
        (items.len() > 1 && certain).then_some(items)
    });
    lists.into_iter().next().or_else(|| bare_list(comment)).unwrap_or_else(|| instructed(comment, &lower))
}

/// The choices of a comment with a line that is nothing but a list, as in `debug | info` or `true or false`.
fn bare_list(comment: &str) -> Option<Vec<String>> {
    let lists = comment.lines().map(|line| (line, items(&enumeration(line))));
    let is_switch = |items: &[String]| items.iter().all(|item| ["true", "false"].contains(&item.as_str()));
    lists
        .filter(|(line, items)| items.len() > 1 && (line.contains('|') || is_switch(items)))
        .map(|(_, items)| items)
        .next()
}

/// The values that a comment says to set, as in `Set to "true" to …`; without quotes only `true` and `false`.
fn instructed(comment: &str, lower: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, phrase) in ["set to ", "set this to "].iter().flat_map(|phrase| lower.match_indices(phrase)) {
        let after = &comment[at + phrase.len()..];
        let quote = after.chars().next().filter(|c| ['"', '\'', '`'].contains(c));
        let value = match quote {
            Some(quote) => after[1..].split_once(quote).map_or("", |(value, _)| value),
            None => after
                .split(|c: char| !c.is_alphanumeric())
                .next()
                .filter(|word| ["true", "false"].contains(word))
                .unwrap_or(""),
        };
        if let [value] = &items(value)[..]
            && !found.contains(value)
        {
            found.push(value.clone());
        }
    }
    found
}

/// The text up to the end of the sentence or of the bracket it stands in, without what stands in brackets itself.
fn enumeration(text: &str) -> String {
    let mut list = String::new();
    let mut depth = 0_usize;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => break,
            ')' => depth -= 1,
            '\n' | ';' => break,
            '.' if depth == 0 && chars.peek().is_none_or(|next| next.is_whitespace()) => break,
            _ if depth == 0 => list.push(c),
            _ => {}
        }
    }
    list
}

/// The items of a list, each once; none if one of them is not a single word.
fn items(list: &str) -> Vec<String> {
    let parts: Vec<String> = if list.contains('|') {
        list.split('|').map(str::to_owned).collect()
    } else {
        let list = list.replace(" or ", ",").replace(" and ", ",");
        let by = if list.contains(',') || list.contains("://") { ',' } else { '/' };
        list.split(by).map(str::to_owned).collect()
    };
    let mut found = Vec::new();
    for part in parts {
        let item = part.trim().trim_matches(['"', '\'', '`']);
        if item.is_empty() {
            continue;
        }
        let word = !item.contains(char::is_whitespace) && item.chars().count() <= CHOICE_CHARS;
        if !word || !item.contains(char::is_alphanumeric) {
            return Vec::new();
        }
        if !found.iter().any(|known| known == item) && found.len() < limits::SUGGESTIONS {
            found.push(item.to_owned());
        }
    }
    found
}

/// How to make the value, where a comment, or a placeholder such as `generate_a_new_key`, asks for a random one.
///
/// A command such as `openssl rand -hex 24` fixes a length that we do not offer, and then nothing is generated.
pub(super) fn generate(comment: &str, placeholder: &str) -> Option<Generate> {
    let lower = comment.to_lowercase();
    if let Some(bytes) = number_after(&lower, "rand -hex") {
        return match bytes {
            16 => Some(Generate::Hex16),
            32 => Some(Generate::Hex32),
            64 => Some(Generate::Hex64),
            _ => None,
        };
    }
    if let Some(bytes) = number_after(&lower, "rand -base64") {
        return (bytes == 32).then_some(Generate::Base64);
    }
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if has(&["uuidgen", "uuidv4"]) || (has(&["uuid"]) && has(&["random", "generate", "v4"])) {
        return Some(Generate::Uuid);
    }
    // "a random string", "a random, 32 character long string"
    let asked = words.iter().enumerate().any(|(at, word)| {
        let next = words.iter().skip(at + 1).take(4);
        ["random", "randomly"].contains(word) && next.clone().any(|thing| RANDOM_THINGS.contains(thing))
    });
    let value = placeholder.to_lowercase();
    let in_placeholder = value.starts_with("generate") || (value.contains("random") && value != "random");
    (asked || in_placeholder).then(|| of_length(&lower, &words))
}

/// The shape for a stated length; 32 bytes where none is stated, or only a least one.
fn of_length(comment: &str, words: &[&str]) -> Generate {
    let at_least = ["at least", "minimum", "or more", "or longer"].iter().any(|phrase| comment.contains(phrase));
    let words: Vec<&str> = words.iter().copied().filter(|word| *word != "random").collect();
    let stated = words.windows(2).find_map(|pair| {
        let unit = pair[1];
        let count: usize = pair[0].parse().ok()?;
        if unit.starts_with("byte") { Some(count.saturating_mul(2)) } else { unit.starts_with("char").then_some(count) }
    });
    match stated {
        Some(digits) if digits > 64 => Generate::Hex64,
        Some(32) if !at_least => Generate::Hex16,
        _ => Generate::Hex32,
    }
}

fn number_after(text: &str, command: &str) -> Option<usize> {
    let (_, rest) = text.split_once(command)?;
    let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_choices_are_found() {
        for (comment, expected) in [
            ("How. Available options: local (default) | gcloud-hsm | csc", "local gcloud-hsm csc"),
            ("Options: AES (default, fast) | QES. Explicit ones win.", "AES QES"),
            ("Possible value is one of \"s3\" or \"local\". For \"local\" it is.", "s3 local"),
            ("Should be one of error, warn, info, or silly", "error warn info silly"),
            ("The level (one of: debug, info)", "debug info"),
            ("Values: true/false\nDOCS: x", "true false"),
            ("Allowed values are `a`, `b` and `c`.", "a b c"),
            ("Set to \"true\" to hide it. Set this to 'x' or set to \"true\".", "true x"),
            ("Set to false behind a proxy", "false"),
            ("debug | info (default)", "debug info"),
            ("Whether it is on.\ntrue or false", "true false"),
        ] {
            assert_eq!(choices(comment).join(" "), expected, "{comment}");
        }
    }

    #[test]
    fn prose_is_no_list_of_choices() {
        for comment in [
            "At least ONE OF these is required for it",
            "This is one of three ways to configure SSL and can be left empty.",
            "one of these or those",
            "this or that",
            "true or not",
            "the host | the port",
            "none of a, b, c",
            "options: see below",
            "Set to the address of the server",
            "set to \"",
            "values: one",
            "",
        ] {
            assert_eq!(choices(comment), Vec::<String>::new(), "{comment}");
        }
    }

    #[test]
    fn a_random_value_is_made_in_the_shape_that_is_asked_for() {
        for (comment, placeholder, expected) in [
            ("Generate it with `openssl rand -hex 32`.", "", Some(Generate::Hex32)),
            ("openssl rand -hex 16", "", Some(Generate::Hex16)),
            ("openssl rand -hex 64", "", Some(Generate::Hex64)),
            ("openssl rand -hex 24", "", None),
            ("run openssl rand -base64 32", "", Some(Generate::Base64)),
            ("This should be a random string of at least 32 characters", "", Some(Generate::Hex32)),
            ("a random 32-character string", "", Some(Generate::Hex16)),
            ("Generate a hex-encoded 32-byte random key.", "", Some(Generate::Hex32)),
            ("64 random bytes", "", Some(Generate::Hex64)),
            ("a random UUID", "", Some(Generate::Uuid)),
            ("output of uuidgen", "", Some(Generate::Uuid)),
            ("", "generate_a_new_key", Some(Generate::Hex32)),
            ("", "some-random-string", Some(Generate::Hex32)),
            ("Picks a random port", "", None),
            ("The UUID of the project", "", None),
            ("The API key", "abc", None),
        ] {
            assert_eq!(generate(comment, placeholder), expected, "{comment} {placeholder}");
        }
    }
}
