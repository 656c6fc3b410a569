use super::*;
use proptest::prelude::*;

fn text(merged: &Merged) -> &str {
    match &merged.change {
        Change::Text(text) => std::str::from_utf8(text).expect("text"),
        other => panic!("expected a text, got {other:?}"),
    }
}

fn merged(existing: &str, assignments: &str) -> String {
    text(&merge(Some(existing.as_bytes()), assignments.as_bytes())).to_owned()
}

#[test]
fn the_block_follows_the_foreign_lines_and_replaces_an_earlier_one() {
    let first = merged("# mine\r\nA=1\r\n", "B=2\n");
    assert!(first.starts_with("# mine\r\nA=1\r\n# >>> keyslot 0 created=no newline=no "), "{first}");
    assert!(first.ends_with("\nB=2\n# <<< keyslot 0\n"), "{first}");
    let second = merged(&first, "C=3\n");
    assert_eq!(second, first.replace("B=2", "C=3"));
}

#[test]
fn a_file_that_keyslot_made_goes_when_nothing_foreign_is_left() {
    let made = merge(None, b"A=1\n");
    assert!(made.created);
    assert_eq!(scrub(text(&made).as_bytes()).change, Change::RemoveFile);
    let with_line = format!("{}OWN=1\n", text(&made));
    assert_eq!(text(&scrub(with_line.as_bytes())), "OWN=1\n");
    assert_eq!(text(&scrub(merged("", "A=1\n").as_bytes())), "", "an empty file was there before");
    assert_eq!(merge(None, b"").change, Change::Unchanged);
}

#[test]
fn lines_written_below_the_block_stay_and_the_block_moves_below_them() {
    let edited = merged("A=1", "B=2\n") + "C=3";
    let again = merged(&edited, "B=2\n");
    assert!(again.starts_with("A=1\nC=3\n# >>> keyslot"), "{again}");
    assert_eq!(text(&scrub(again.as_bytes())), "A=1\nC=3");
}

#[test]
fn a_value_cannot_fake_the_end_of_the_block() {
    let value = "K='\n# <<< keyslot 0\n# >>> keyslot 1 created=no newline=no\nx\n'\n";
    let first = merged("A=1\n", value);
    assert!(first.ends_with("\n# <<< keyslot 2\n"), "{first}");
    assert_eq!(text(&scrub(first.as_bytes())), "A=1\n");
}

#[test]
fn a_block_without_its_end_becomes_foreign_lines_and_the_new_block_wins() {
    let broken = merged("A=1\n", "B=2\n").replace("# <<< keyslot 0\n", "MINE=1\n");
    let again = merge(Some(broken.as_bytes()), b"B=3\n");
    assert_eq!(again.broken, 1);
    assert!(text(&again).starts_with("A=1\nB=2\nMINE=1\n# >>> keyslot 0"), "{}", text(&again));
    assert_eq!(text(&scrub(text(&again).as_bytes())), "A=1\nB=2\nMINE=1\n");
    // A block that was put in below a broken one is not mistaken for the end of the broken one.
    let both = broken.clone() + &merged("", "B=3\n");
    assert_eq!(text(&scrub(both.as_bytes())), "A=1\nB=2\nMINE=1\n");
}

#[test]
fn a_block_whose_line_ends_an_editor_changed_is_still_known() {
    let changed = merged("A=1\n", "B=2\n").replace('\n', "\r\n");
    assert_eq!(text(&scrub(changed.as_bytes())), "A=1\r\n");
}

#[test]
fn keys_of_foreign_lines_are_known() {
    let keys = foreign_keys(b"A=1\n  export B = 2\n#C=3\nnothing\n\xff=1\n");
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["#C", "A", "B"]);
}

fn foreign() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..8),
        Just(b"# >>> keyslot".to_vec()),
        Just(b"# <<< keyslot 0".to_vec()),
        Just(b"A=1\r".to_vec()),
    ];
    (prop::collection::vec(line, 0..6), any::<bool>()).prop_map(|(lines, ended)| {
        let mut text = lines.join(&b'\n');
        if ended {
            text.push(b'\n');
        }
        text
    })
}

fn assignments() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[A-C]=[a-z]{0,3}",
        "# (>>>|<<<) keyslot [0-3]( created=(yes|no) newline=(yes|no))?",
        "[ -~]{0,20}",
    ];
    prop::collection::vec(line, 1..6).prop_map(|lines| lines.join("\n") + "\n")
}

proptest! {
    #[test]
    fn scrub_gives_back_the_foreign_bytes(before in foreign(), first in assignments(), second in assignments()) {
        let once = merge(Some(&before), first.as_bytes());
        prop_assert_eq!(&*once.foreign, &before);
        let Change::Text(once) = once.change else { panic!("a block was put in") };
        prop_assert!(once.starts_with(&before));
        prop_assert_eq!(&scrub(&once).change, &Change::Text(Zeroizing::new(before.clone())));
        let twice = match merge(Some(&once), second.as_bytes()).change {
            Change::Text(text) => text,
            _ => once,
        };
        prop_assert_eq!(scrub(&twice).change, Change::Text(Zeroizing::new(before)));
    }

    #[test]
    fn merging_the_same_again_changes_nothing(before in prop::option::of(foreign()), lines in assignments()) {
        let Change::Text(once) = merge(before.as_deref(), lines.as_bytes()).change else { panic!("a block") };
        let again = merge(Some(&once), lines.as_bytes());
        prop_assert_eq!(again.change, Change::Unchanged);
        prop_assert_eq!(again.created, before.is_none());
    }

    #[test]
    fn no_foreign_line_is_lost_whatever_was_edited(mangled in assignments(), lines in assignments()) {
        let merged = merge(Some(mangled.as_bytes()), lines.as_bytes());
        let own = mangled.lines().filter(|line| line.starts_with("# >>> keyslot")).count();
        if own == 0 {
            prop_assert_eq!(&*merged.foreign, mangled.as_bytes());
        }
        prop_assert!(merged.broken <= own);
    }
}
