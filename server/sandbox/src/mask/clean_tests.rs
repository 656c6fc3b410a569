use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::SecretValue;
use proptest::prelude::*;

fn patterns(values: &[(&str, &str)]) -> Arc<Patterns> {
    let values: Vec<_> = values
        .iter()
        .map(|(key, value)| (KeyName::new(*key).expect("a key"), SecretValue::new((*value).to_owned())))
        .collect();
    let needles = Needles::new(values.iter().map(|(key, value)| (key, value)));
    Arc::new(Patterns::new(&needles).expect("patterns"))
}

fn cleaned(patterns: &Arc<Patterns>, pieces: &[&[u8]]) -> String {
    let mut cleaner = Cleaner::new(patterns.clone());
    let mut seen: Vec<u8> = pieces.iter().flat_map(|piece| cleaner.take(piece)).collect();
    seen.extend(cleaner.finish());
    String::from_utf8(seen).expect("text")
}

#[test]
fn values_in_any_form_are_taken_out_of_whole_texts() {
    let known = patterns(&[("A", "pa ss/1"), ("B", "pa ss/1 and more\nsecond line")]);
    assert_eq!(Cleaner::clean(&known, "x pa ss/1, pa%20ss%2F1."), "x «secret A», «secret A».");
    assert_eq!(Cleaner::clean(&known, "pa ss/1 and more"), "«secret B»");
    assert_eq!(Cleaner::clean(&known, "> second line"), "> «secret B»");
    assert_eq!(Cleaner::clean_unnamed(&known, "nothing"), "nothing");
    assert_eq!(Cleaner::clean_unnamed(&known, "the second line, pa ss/1"), "the «secret», «secret»");
    assert_eq!(Cleaner::clean(&Arc::default(), "as it is"), "as it is");
}

#[test]
fn a_value_of_few_letters_far_apart_is_none_without_its_white_space() {
    let known = patterns(&[("A", "a b c d")]);
    assert_eq!(Cleaner::clean(&known, "x a b c d, a\tb\nc d"), "x «secret A», «secret A»");
    assert_eq!(Cleaner::clean(&known, "abcd"), "abcd");
}

/// Lines of 76 letters, as `base64` prints them.
fn wrapped(text: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    lines.join("\n") + "\n"
}

#[test]
fn values_are_replaced_by_their_names_in_every_form() {
    let known = patterns(&[("A", "pa ss/1"), ("URL", "postgres://shop:s3cret@db/shop")]);
    assert_eq!(cleaned(&known, &[b"x pa ss/1, pa%20ss%2F1."]), "x «secret A», «secret A».");
    assert_eq!(cleaned(&known, &[b"URL='postgres://shop:s3cret@db/shop'\n"]), "URL='«secret URL»'\n");
    assert_eq!(cleaned(&known, &[b"nothing here\n"]), "nothing here\n");
}

#[test]
fn a_flood_of_white_space_within_a_value_takes_no_memory_and_hides_nothing() {
    let mut cleaner = Cleaner::new(patterns(&[("A", "s3cret-value"), ("B", "s3cret-value-and-more")]));
    let blanks = [b' '; 16 * 1024];
    let mut seen = Vec::new();
    for part in ["s3", "cret-", "val", "ue"] {
        seen.extend(cleaner.take(part.as_bytes()));
        for _ in 0..1_000 {
            seen.extend(cleaner.take(&blanks));
            assert!(cleaner.held.len() <= 4 * (GAP + 8), "{} bytes are held", cleaner.held.len());
        }
    }
    seen.extend(cleaner.take(b"."));
    seen.extend(cleaner.finish());
    assert_eq!(String::from_utf8_lossy(&seen).replace(' ', ""), "\u{ab}secretA\u{bb}.");
    let mut cleaner = Cleaner::new(patterns(&[("A", "s3cret-value")]));
    assert_eq!(cleaner.take(&blanks).len(), blanks.len(), "white space by itself is shown as it is");
}

#[test]
fn what_holds_no_value_is_seen_at_once() {
    let mut cleaner = Cleaner::new(patterns(&[("A", "s3cret-value")]));
    assert_eq!(cleaner.take(b"Listening on port 3000\n"), b"Listening on port 3000\n");
    assert_eq!(cleaner.take(b"at s3cret"), b"at ", "which may be the beginning");
    assert_eq!(cleaner.take(b"ary"), b"s3cretary", "and was none");
    assert_eq!(cleaner.take(b"at s3cret-val"), b"at ");
    assert_eq!(cleaner.take(b"ue."), "«secret A».".as_bytes());
}

#[test]
fn a_whole_file_in_base64_gives_no_value_away() {
    let value = "canary of the shop, and long enough for more than one line of seventy six letters, twice over";
    let known = patterns(&[("A", value), ("B", "another canary")]);
    let file = format!("# a comment\nA='{value}'\nB='another canary'\n");
    let text = cleaned(&known, &[wrapped(&STANDARD.encode(&file)).as_bytes()]);
    for shape in ["canary", "Y2FuYXJ5", "NhbmFy", "jYW5hcn"] {
        assert!(!text.replace(['\n', '\r'], "").contains(shape), "{shape}: {text}");
    }
    assert!(text.contains("«secret A»") && text.contains("«secret B»"), "{text}");
}

#[test]
fn a_key_of_many_lines_is_found_indented_and_with_other_line_ends() {
    let body: Vec<String> = (0..40).map(|line| format!("{line:02}{}", "aZ9+/qWxYk".repeat(6))).collect();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", body.join("\n"));
    let known = patterns(&[("PEM", &pem)]);
    assert_eq!(cleaned(&known, &[pem.replace('\n', "\r\n    ").as_bytes()]), "«secret PEM»");
    let own = "-----BEGIN PRIVATE KEY-----\n";
    assert_eq!(cleaned(&known, &[own.as_bytes()]), own);
}

#[test]
fn a_value_that_is_learned_on_the_way_is_found_from_then_on() {
    let mut cleaner = Cleaner::new(patterns(&[("A", "s3cret-value")]));
    assert_eq!(cleaner.take(b"new-value s3cret"), b"new-value ");
    cleaner.learn(&patterns(&[("A", "s3cret-value"), ("B", "new-value")]));
    assert_eq!(cleaner.take(b"-value new-value"), "«secret A» «secret B»".as_bytes());
    let mut empty = Cleaner::new(Arc::default());
    assert_eq!(empty.take(b"anything"), b"anything");
    empty.learn(&patterns(&[("B", "new-value")]));
    assert_eq!(empty.take(b"new-value"), "«secret B»".as_bytes());
}

#[test]
fn a_value_that_is_no_more_looked_for_is_shown_also_where_it_was_held_back() {
    let (both, one) = (patterns(&[("A", "the-first-the"), ("B", "the-second")]), patterns(&[("B", "the-second")]));
    let mut cleaner = Cleaner::new(both);
    let mut seen = cleaner.take(b"the-first-the");
    // Its end may begin another one.
    cleaner.learn(&one);
    seen.extend(cleaner.take(b" the-second the-first-the"));
    cleaner.learn(&patterns(&[]));
    seen.extend(cleaner.take(b" the-second"));
    seen.extend(cleaner.finish());
    assert_eq!(String::from_utf8_lossy(&seen), "«secret A»the «secret B» the-first-the the-second");
}

#[test]
fn the_last_letters_of_a_line_are_shown_after_a_while_and_no_more_of_a_value() {
    let mut cleaner = Cleaner::new(patterns(&[("A", "postgres://shop:s3cret@db/shop")]));
    assert_eq!(cleaner.take(b"up\n"), b"u");
    assert_eq!(cleaner.rest(), b"p\n");
    assert_eq!(cleaner.rest(), b"", "once");
    assert_eq!(cleaner.take(b"next p"), b"next ");
    assert_eq!(cleaner.rest(), b"p");
    assert_eq!(cleaner.take(b"ostg"), b"");
    assert_eq!(cleaner.rest(), b"ostg");
    assert_eq!(cleaner.take(b"r"), b"");
    assert_eq!(cleaner.rest(), b"", "too many for a chance");
    assert_eq!(cleaner.take(b"es://shop:s3cret@db/shop."), "«secret A».".as_bytes());
}

proptest! {
    #[test]
    fn however_slowly_a_value_is_printed_only_its_first_letters_are_seen(
        value in "[!-~]{12,90}", before in "[a-z \n]{0,20}", pauses in prop::collection::vec(any::<bool>(), 120),
    ) {
        let mut cleaner = Cleaner::new(patterns(&[("A", &value)]));
        let mut seen = Vec::new();
        for (byte, pause) in format!("{before}{value}\n").bytes().zip(pauses.iter().cycle()) {
            seen.extend(cleaner.take(&[byte]));
            if *pause {
                seen.extend(cleaner.rest());
            }
        }
        seen.extend(cleaner.finish());
        let text = String::from_utf8(seen).expect("text");
        prop_assert!(text.contains("«secret A»"), "{}", text);
        // Of each part at most a few.
        let solid = |text: &str| text.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
        let shown: usize = text.split("«secret A»").map(solid).sum();
        prop_assert!(shown <= solid(&before) + FEW, "{}", text);
        prop_assert!(!text.contains(&value[..8]) && !text.contains(&value[value.len() - 6..]), "{}", text);
    }

    #[test]
    fn no_value_is_seen_however_the_output_is_cut(
        value in "[!-~]{6,90}", before in "[a-z \n]{0,60}", after in "[a-z \n]{0,60}",
        form in 0usize..4, cuts in prop::collection::vec(0usize..400, 0..12),
    ) {
        let known = patterns(&[("A", &value)]);
        let middle = match form {
            0 => value.clone(),
            1 => serde_json::to_string(&value).expect("json"),
            2 => wrapped(&STANDARD.encode(format!("{before}{value}{after}"))),
            _ => wrapped(&value),
        };
        let whole = format!("{before}{middle}{after}").into_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(whole.len())).chain([0, whole.len()]).collect();
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &whole[pair[0]..pair[1]]).collect();
        let text = cleaned(&known, &pieces);
        prop_assert!(text.contains("«secret A»"), "{text}");
        prop_assert_eq!(&text, &cleaned(&known, &[&whole]), "the cuts change nothing");
        let solid: String = text.split_whitespace().collect();
        prop_assert!(!solid.contains(value.as_str()), "{}", text);
    }

    #[test]
    fn what_holds_no_value_passes_as_it_is(text in "[a-z \n]{0,300}", cut in 0usize..300) {
        let known = patterns(&[("A", "VALUE-IN-CAPITALS"), ("B", "12345678")]);
        let cut = cut.min(text.len());
        prop_assert_eq!(cleaned(&known, &[&text.as_bytes()[..cut], &text.as_bytes()[cut..]]), text);
    }
}
