mod whole_files;

use super::*;
use crate::{KeyName, SecretValue};
use proptest::prelude::*;

fn key(name: &str) -> KeyName {
    KeyName::new(name).expect("a good key")
}

fn written(readers: &[Reader], value: &str) -> Result<String, Unwritable> {
    assignment(readers, &key("K"), &SecretValue::new(value.to_owned())).map(|line| line.to_string())
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
        ("=x", "K='=x'\n"),
        ("a:=b", "K='a:=b'\n"),
    ] {
        assert_eq!(written(&[], value).as_deref(), Ok(line));
    }
}

#[test]
fn each_reader_gets_a_spelling_of_its_own() {
    for (reader, value, line) in [
        (Reader::Next, "pa$word", "K='pa\\$word'\n"),
        (Reader::NpmDotenv, "pa$word", "K='pa$word'\n"),
        (Reader::Docker, "it's \"x\" $y", "K=it's \"x\" $y\n"),
        (Reader::Docker, "", "K=\n"),
        (Reader::PythonDotenv, "a${B}", "K=\"a${:-$}{B}\"\n"),
        (Reader::Shell, "a\r\nb", "K='a\r\nb'\n"),
        (Reader::Compose, "a$b 'c' \\", "K=\"a\\$b 'c' \\\\\"\n"),
        (Reader::Make, "a$b#c", "K=a$$b\\#c\n"),
        (Reader::Symfony, "it's\r", "K=\"it's\\r\"\n"),
    ] {
        assert_eq!(written(&[reader], value).as_deref(), Ok(line), "{reader:?}");
    }
}

#[test]
fn what_no_spelling_carries_is_refused_with_the_reader_the_reason_and_advice() {
    let both = [Reader::Next, Reader::NpmDotenv];
    for (readers, value, reader, cause) in [
        (&[][..], "a\0b", None, Cause::Nul),
        (&[], "a\r\nb", Some(()), Cause::CarriageReturn),
        (&[], "a${B}", None, Cause::Interpolation),
        (&[Reader::Docker], "a\nb", Some(()), Cause::LineBreak),
        (&[Reader::Next], "$(id)", Some(()), Cause::Command),
        (&both, "pa$word", None, Cause::Dollar),
    ] {
        let why = written(readers, value).expect_err("no spelling");
        assert_eq!(why.cause, cause, "{value:?}");
        if reader.is_some() && !readers.is_empty() {
            assert_eq!(why.reader, readers.first().copied(), "{value:?}");
        }
        let words = why.to_string();
        assert!(words.contains(';') && !words.contains(value), "{words}");
        assert_eq!(check(readers, value), Err(why));
    }
}

#[test]
fn keys_that_a_reader_keeps_for_itself_are_refused_where_that_reader_reads() {
    assert!(check_key(&[], &key("UID")).is_err());
    assert!(check_key(&[Reader::Shell], &key("RANDOM")).is_err());
    assert_eq!(check_key(&[Reader::Compose], &key("UID")), Ok(()));
}

#[test]
fn the_name_of_a_reader_in_forms_is_the_one_in_specs() {
    for reader in Reader::ALL {
        assert_eq!(serde_json::to_value(reader).expect("JSON"), reader.wire_name());
    }
}

#[test]
fn foreign_lines_that_swallow_the_block_are_named() {
    let value = SecretValue::new("a".to_owned());
    let name = key("K");
    let foreign = "# fine\nA=1\nB=\"never closed\n";
    let text = format!("{foreign}K=a\n");
    let unproven = prove(&[Reader::Compose], foreign, &text, &[(&name, &value)]).expect_err("swallowed");
    assert_eq!((unproven.line, &unproven.key), (3, &name));
    let foreign = "A=1\nexport B='two\nlines' # fine\n";
    assert_eq!(prove(&[], foreign, &format!("{foreign}K=a\n"), &[(&name, &value)]), Ok(()));
    let commands = "source ~/.profile\n[ -n \"$X\" ] && export Y=1\n";
    assert_eq!(prove(&[Reader::Shell], commands, &format!("{commands}K=a\n"), &[(&name, &value)]), Ok(()));
}

proptest! {
    #[test]
    fn every_reader_reads_back_what_is_written_for_it(value in "[a-c'\"`$\\\\{}():\n\r\t #=!~é\u{2028}-]{0,12}") {
        for reader in Reader::ALL {
            let Ok(line) = written(&[reader], &value) else { continue };
            for family in reader.families() {
                let reading = family.read(&line).map_err(|misread| TestCaseError::fail(format!("{misread:?}")))?;
                prop_assert_eq!(reading.text("K"), Some(value.as_str()), "{:?}: {:?}", reader, line);
            }
        }
    }

    #[test]
    fn models_take_any_text_without_harm(text in "[a-cK='\"`$\\\\{}():\n\r\t #é\u{2028}-]{0,60}") {
        for reader in Reader::ALL {
            for family in reader.families() {
                drop(family.read(&text));
            }
        }
    }

    #[test]
    fn a_value_without_quotes_backslashes_dollars_and_returns_is_never_refused(value in "[^'\"`\\\\$\r\0\u{85}\u{2028}\u{2029}]{0,40}") {
        prop_assert_eq!(check(&[], &value), Ok(()));
    }
}
