//! Whole files: lines of others, and several values below them.

use super::*;
use crate::dotenv::block::{self, Change};

/// What others write: lines that every reader knows, and lines that hardly one knows.
fn foreign_line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("# a comment with 'one quote\n".to_owned()),
        Just("\n".to_owned()),
        Just("OTHER=plain\n".to_owned()),
        Just("export OTHER='two\nlines'\n".to_owned()),
        Just("OTHER=\"a $HOME b\" # why\r\n".to_owned()),
        Just("source ~/.profile\n".to_owned()),
        Just("# >>> keyslot 7 created=no newline=no | not a block\n".to_owned()),
        Just("# <<< keyslot 0\n".to_owned()),
        "[a-cK='\"`$\\\\{}():\r\t #é-]{0,20}\n",
    ]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,24}",
        "[a-c'\"`$\\\\{}():\n\r\t #=!~é\u{2028}-]{0,16}",
        Just("x\n# <<< keyslot 0\n# >>> keyslot 0 created=yes newline=no \ny".to_owned()),
    ]
}

/// The lines for those values that these readers can be given, each with its key.
fn written_all(readers: &[Reader], values: &[String]) -> (String, Vec<(KeyName, SecretValue)>) {
    let (mut lines, mut pairs) = (String::new(), Vec::new());
    for (at, value) in values.iter().enumerate() {
        let (name, value) = (key(&format!("K{at}")), SecretValue::new(value.clone()));
        if let Ok(line) = assignment(readers, &name, &value) {
            lines.push_str(&line);
            pairs.push((name, value));
        }
    }
    (lines, pairs)
}

fn text_of(change: Change) -> Vec<u8> {
    match change {
        Change::Text(text) => text.to_vec(),
        other => panic!("nothing to write: {other:?}"),
    }
}

fn readers() -> impl Strategy<Value = Vec<Reader>> {
    prop::sample::subsequence(Reader::ALL.to_vec(), 0..4)
}

proptest! {
    #[test]
    fn every_model_reads_the_same_values_from_a_file_of_several(
        readers in readers(), values in prop::collection::vec(value(), 1..5),
    ) {
        let (lines, pairs) = written_all(&readers, &values);
        if pairs.is_empty() {
            return Ok(());
        }
        let text = String::from_utf8(text_of(block::merge(None, lines.as_bytes()).change)).expect("text");
        for family in Reader::families_of(&readers) {
            let reading = family.read(&text).map_err(|misread| TestCaseError::fail(format!("{family:?}: {misread:?}")))?;
            prop_assert_eq!(reading.keys().count(), pairs.len(), "{:?} finds other keys in {:?}", family, text);
            for (name, value) in &pairs {
                prop_assert_eq!(reading.text(name.as_str()), Some(value.expose()), "{:?}: {:?}", family, text);
            }
        }
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name, value)).collect();
        prop_assert_eq!(prove(&readers, "", &text, &pairs), Ok(()));
    }

    #[test]
    fn lines_of_others_survive_byte_for_byte_and_what_is_proven_is_read_back(
        foreign in prop::collection::vec(foreign_line(), 0..6), cut in any::<bool>(), readers in readers(),
        values in prop::collection::vec(value(), 1..4),
    ) {
        let mut foreign = foreign.concat();
        if cut {
            // A last line without its end.
            foreign.truncate(foreign.trim_end_matches('\n').len());
        }
        let (lines, pairs) = written_all(&readers, &values);
        if pairs.is_empty() {
            return Ok(());
        }
        let merged = block::merge(Some(foreign.as_bytes()), lines.as_bytes());
        let kept = merged.foreign.to_vec();
        let text = text_of(merged.change);
        if merged.broken == 0 {
            prop_assert_eq!(&kept, foreign.as_bytes());
        }
        prop_assert!(text.starts_with(&kept));
        prop_assert_eq!(&*block::scrub(&text).foreign, &kept);
        prop_assert_eq!(&*block::own_lines(&text), lines.as_bytes());
        prop_assert_eq!(block::merge(Some(&text), lines.as_bytes()).change, Change::Unchanged);
        let [kept, text] = [kept, text].map(|bytes| String::from_utf8(bytes).expect("text"));
        let proven: Vec<_> = pairs.iter().map(|(name, value)| (name, value)).collect();
        if prove(&readers, &kept, &text, &proven).is_err() {
            return Ok(());
        }
        let seen = read_found_file(&readers, &text).map_err(|rejected| TestCaseError::fail(rejected.to_string()))?;
        for (name, value) in &pairs {
            match seen.seen(name) {
                Seen::Text(text) => prop_assert_eq!(text, value.expose()),
                // No model tells what its readers make of the lines of others.
                Seen::Unclear | Seen::Missing(None) => {
                    let families = super::super::found_file::families_reading(&readers);
                    prop_assert!(families.iter().all(|family| family.read(&text).is_err()), "{text:?}");
                }
                _ => prop_assert!(false, "{:?} lost {}: {:?}", readers, name, text),
            }
        }
    }
}
