use super::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Key, value, comment and problem of each entry, with its line.
fn seen(text: &str) -> Vec<(u32, String, String, Option<Problem>)> {
    let entries = read(text).into_iter();
    entries.map(|entry| (entry.line, entry.raw_key, entry.value.expose().to_owned(), entry.problem)).collect()
}

fn value(line: &str) -> String {
    let entries = read(line);
    assert_eq!(entries.len(), 1, "{line:?} is one entry");
    assert_eq!(entries[0].problem, None, "{line:?}");
    assert!(entries[0].key.is_ok(), "{line:?}");
    entries[0].value.expose().to_owned()
}

#[test]
fn values_are_read_as_the_common_readers_read_them() {
    for (line, expected) in [
        ("A=b", "b"),
        ("A=", ""),
        ("A=\"\"", ""),
        ("A=''", ""),
        ("  export   A = b c  ", "b c"),
        ("A: b", "b"),
        ("A=b # why", "b"),
        ("A= # why", ""),
        ("A=#fff", "#fff"),
        ("A=#fff # white", "#fff"),
        ("A=#fff\u{a0}# white", "#fff"),
        ("A=# why # and how", ""),
        ("A=#optional", ""),
        ("A=#(Required)", ""),
        ("A=# why", ""),
        ("A=#why, and how", ""),
        ("A=#", ""),
        ("A=## why", ""),
        ("A='# b'", "# b"),
        ("A=b#c", "b#c"),
        ("A=b\t# why", "b"),
        ("A='b # c' # why", "b # c"),
        ("A=\"b # c\"#why", "b # c"),
        ("A=`b \"c' d`", "b \"c' d"),
        ("A=x=y==", "x=y=="),
        ("A=a:b: c", "a:b: c"),
        (r#"A="a\nb\"c\\d\$e\q""#, "a\nb\"c\\d$e\\q"),
        (r"A='a\nb'", r"a\nb"),
        (r"A='it\'s'", "it's"),
        (r"A='C:\'", r"C:\"),
        (r"A=C:\new", r"C:\new"),
        ("A=\"one\ntwo\n\"", "one\ntwo\n"),
        ("A='one\r\ntwo'", "one\ntwo"),
        ("\u{feff}A=b\r\n", "b"),
        ("A=\u{e4}\u{1f511}", "\u{e4}\u{1f511}"),
    ] {
        assert_eq!(value(line), expected, "{line:?}");
    }
}

#[test]
fn a_comment_behind_a_value_is_kept_apart_from_it() {
    let comments = |text| read(text).into_iter().map(|entry| entry.comment).collect::<Vec<_>>();
    let found = comments("A=1 # one\nB=\"2\" ## two \nC=3#\nD=4 #\nE=");
    assert_eq!(found, [Some("one".to_owned()), Some("two".to_owned()), None, None, None]);
}

#[test]
fn what_readers_take_differently_is_noted() {
    use Note::{Hash, Reference};
    let notes = |line: &str| read(line).remove(0).notes;
    for line in ["A=$B", "A=x${B}", "A=\"$B\"", "A=$1", "A=$(id)", "export A=$B # why"] {
        assert_eq!(notes(line), [Reference], "{line}");
    }
    for line in ["A=a#b", "A=#fff", "A=#fff # white", "A=\"a\"#b", "A='a'#b"] {
        assert_eq!(notes(line), [Hash], "{line}");
    }
    assert_eq!(notes("A=$B#c"), [Reference, Hash]);
    for line in ["A='$B'", "A=\\$B", "A=a$", "A=$ b", "A=a # costs $USD", "A=a # see a#b", "A=\"a#b\" # c", "A= #c"] {
        assert_eq!(notes(line), [], "{line}");
    }
}

#[test]
fn entries_after_a_value_of_several_lines_keep_their_line_number() {
    let text = "# head\n\nA=\"1\n2\n3\" # end\nB=4\r\nC=5\rD=6";
    let lines: Vec<(u32, String)> = seen(text).into_iter().map(|(line, key, ..)| (line, key)).collect();
    let expected = [(3, "A"), (6, "B"), (7, "C"), (8, "D")].map(|(line, key)| (line, key.to_owned()));
    assert_eq!(lines, expected);
}

#[test]
fn a_line_that_no_reader_understands_is_shown_with_its_problem() {
    let entry = |line, key: &str, value: &str, problem| (line, key.to_owned(), value.to_owned(), problem);
    assert_eq!(
        seen("just words # here\nA=\"open\nB=2\nC='x'y\nexport D\n"),
        [
            entry(1, "just words", "", Some(Problem::NoEquals)),
            entry(2, "A", "\"open", Some(Problem::UnterminatedQuote)),
            entry(3, "B", "2", None),
            entry(4, "C", "'x'y", Some(Problem::TextAfterQuote)),
            entry(5, "D", "", Some(Problem::NoEquals)),
        ]
    );
    // The open quote of one line does not swallow the next one, whose first quote would seem to close it.
    assert_eq!(
        seen("A=\"open\nB=\"2\"\n"),
        [entry(1, "A", "\"open", Some(Problem::UnterminatedQuote)), entry(2, "B", "2", None)]
    );
}

#[test]
fn a_bad_key_is_kept_with_the_reason() {
    let keys: Vec<_> = read("MY-KEY=1\n2X=1\n=1\nMY KEY=1\n").into_iter().map(|e| (e.raw_key, e.key)).collect();
    let expected = [
        ("MY-KEY".to_owned(), Err(KeyNameError::Character('-'))),
        ("2X".to_owned(), Err(KeyNameError::StartsWithDigit)),
        (String::new(), Err(KeyNameError::Empty)),
        ("MY KEY".to_owned(), Err(KeyNameError::Character(' '))),
    ];
    assert_eq!(keys, expected);
}

/// The keys that are commented out in the text.
fn commented_out(text: &str) -> Vec<String> {
    let found = lines(text).into_iter().filter_map(|line| match line {
        Line::CommentedOut(entry) => Some(entry.raw_key),
        _ => None,
    });
    found.collect()
}

#[test]
fn a_commented_out_assignment_is_told_apart_from_prose() {
    let text = "# A=1\n#B=\n#   C=3\n## export D=\"4 x\"\n# E=several words\n# lower=x\n# F = 6\n";
    assert_eq!(commented_out(text), ["A", "B", "C", "D", "E", "lower", "F"]);
    let prose = "# set A=1 to switch it on\n# A=1 switches it on.\n# a=b is the form\n# A==B\n# Note: x\n# =\n#\n";
    assert_eq!(commented_out(prose), Vec::<String>::new());
}

#[test]
fn an_assignment_that_is_indented_in_prose_is_an_example_of_the_prose() {
    let text = "# Instead of:\n#   A=1\n# use:\n#   A_FILE=/run/a\n# B=2\n\n#   C=3\n";
    assert_eq!(commented_out(text), ["B", "C"]);
}

#[test]
fn five_hundred_keys_and_hostile_quotes_are_read_at_once() {
    let keys: String = (0..500).map(|n| format!("KEY_{n}=\"value {n}\" # note\n")).collect();
    let hostile = "A=\"\\\"\nB='\\'x\nC=`\n".repeat(20_000);
    let start = Instant::now();
    assert_eq!(read(&keys).len(), 500);
    assert!(!read(&hostile).is_empty());
    // Some milliseconds when linear, minutes when not.
    assert!(start.elapsed() < Duration::from_secs(5));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}", marks in "[A-C=#'\"`\\\\ \n\r:x]{0,80}") {
        for text in [text, marks] {
            for entry in read(&text) {
                prop_assert!(entry.line >= 1);
                prop_assert!(entry.value.len() <= text.len());
            }
        }
    }

    #[test]
    fn every_simple_line_is_found_where_it_stands(
        rows in prop::collection::vec(("[A-Z_][A-Z0-9_]{0,8}", "[a-z0-9/.:@-]{0,12}", "[ #x]{0,1}"), 0..20),
    ) {
        let mut text = String::new();
        let mut expected = Vec::new();
        for (index, (key, value, before)) in rows.iter().enumerate() {
            let before = if before == "x" { "# note" } else { before };
            text.push_str(&format!("{before}\n{key}={value}\n"));
            expected.push((2 * index as u32 + 2, key.clone(), value.clone(), None));
        }
        prop_assert_eq!(seen(&text), expected);
    }
}
