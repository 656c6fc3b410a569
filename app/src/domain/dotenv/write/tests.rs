use super::*;
use proptest::prelude::*;

fn written(value: &str) -> Result<String, Unwritable> {
    let key = KeyName::new("K").expect("a good key");
    assignment(Format::Dotenv, &key, &SecretValue::new(value.to_owned())).map(|line| line.to_string())
}

#[test]
fn each_value_gets_the_plainest_quoting_that_carries_it() {
    for (value, line) in [
        ("postgres://u:p@h:5432/db", "K=postgres://u:p@h:5432/db\n"),
        ("", "K=''\n"),
        (" a b ", "K=' a b '\n"),
        ("a#b", "K='a#b'\n"),
        ("pa$$word", "K='pa$$word'\n"),
        ("~/x", "K='~/x'\n"),
        (r#"{"a": "b\n"}"#, "K='{\"a\": \"b\\n\"}'\n"),
        ("-----BEGIN\nx\n-----END\n", "K='-----BEGIN\nx\n-----END\n'\n"),
        ("it's", "K=\"it's\"\n"),
        ("it's 5 $ or 5$", "K=\"it's 5 $ or 5$\"\n"),
        (r"it's $\:", "K=\"it's $\\:\"\n"),
        (r"it's \d", "K=\"it's \\d\"\n"),
        ("${a:b} ${", "K='${a:b} ${'\n"),
        ("${a:-${b", "K='${a:-${b'\n"),
    ] {
        assert_eq!(written(value).as_deref(), Ok(line));
    }
}

#[test]
fn what_no_quoting_carries_is_refused_with_the_reason() {
    for (value, why) in [
        ("a\0b", Unwritable::Nul),
        ("a\r\nb", Unwritable::CarriageReturn),
        ("a${B}", Unwritable::Interpolation),
        ("${}", Unwritable::Interpolation),
        ("${B:-c\nd}", Unwritable::Interpolation),
        ("${a:b} ${c}", Unwritable::Interpolation),
        (r"\\host\share", Unwritable::Backslash),
        (r"C:\dir\", Unwritable::Backslash),
        (r#"it's "x""#, Unwritable::SingleQuoteWith(Beside::DoubleQuote)),
        ("it's `x`", Unwritable::SingleQuoteWith(Beside::Backquote)),
        ("it's $x", Unwritable::SingleQuoteWith(Beside::Dollar)),
        (r"it's\n", Unwritable::SingleQuoteWith(Beside::Backslash)),
        (r"it\'s", Unwritable::SingleQuoteWith(Beside::Backslash)),
        ("it's\\\nx", Unwritable::SingleQuoteWith(Beside::Backslash)),
    ] {
        assert_eq!(check(Format::Dotenv, value), Err(why), "{value:?}");
        assert_eq!(written(value), Err(why), "{value:?}");
        assert!(why.to_string().contains(';'), "{why} offers no alternative");
    }
}

#[test]
fn keys_that_a_reader_keeps_for_itself_are_refused() {
    for key in portable::RESERVED {
        let key = KeyName::new(key).expect("a good key");
        let refused = assignment(Format::Dotenv, &key, &SecretValue::new("1000".to_owned()));
        assert_eq!(refused.err(), Some(Unwritable::ReservedKey), "{key}");
    }
}

/// What bash makes of the text after `=` when nothing in it may expand: `None` where it would expand or go on.
fn bash_word(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| "'\"".contains(*c));
    match quote {
        None => text.chars().all(|c| !c.is_whitespace() && !"'\"\\$`#&|;<>()~*?[]{}!".contains(c)).then_some(text),
        Some(quote) => text[1..].strip_suffix(quote).filter(|inner| {
            let active = if quote == '"' { "\"`" } else { "'" };
            !inner.contains(|c| active.contains(c))
        }),
    }
}

proptest! {
    #[test]
    fn an_accepted_value_stands_verbatim_in_its_line(value in "[a-c'\"`$\\\\{}:\n\t #=é\u{2028}-]{0,12}") {
        match written(&value) {
            Ok(line) => {
                let word = line.strip_prefix("K=").and_then(|rest| rest.strip_suffix('\n')).expect("one assignment");
                prop_assert_eq!(bash_word(word), Some(value.as_str()));
                prop_assert_eq!(check(Format::Dotenv, &value), Ok(()));
            }
            Err(why) => {
                prop_assert_eq!(check(Format::Dotenv, &value), Err(why));
                prop_assert!(value.len() < 4 || !why.to_string().contains(&value));
            }
        }
    }

    #[test]
    fn a_value_without_quotes_backslashes_dollars_and_returns_is_never_refused(value in "[^'\\\\$\r\0]{0,40}") {
        prop_assert_eq!(check(Format::Dotenv, &value), Ok(()));
    }
}
