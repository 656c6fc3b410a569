//! `keyslot env diff`: what apply would do, and then does.

use crate::place::{Place, Ran, SECRET, spec, values};
use serde_json::{Value, json};
use std::fs;

fn diff(place: &Place, spec: &Value, input: &Value) -> Ran {
    let arguments = ["--json", "env", "diff", "--spec", "env.json", "--workspace", "workspace"];
    let ran = place.verb(spec, &arguments, &input.to_string());
    assert!(!format!("{}{}", ran.out, ran.errors).contains(SECRET), "a value came out: {}{}", ran.out, ran.errors);
    ran
}

#[test]
fn it_tells_what_apply_would_do_writes_nothing_and_then_there_is_nothing_left() {
    let place = Place::new();
    place.git("", &["init", "-q"]);
    place.write("own.env", "X=1\n");
    fs::set_permissions(place.path("own.env"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("a mode");
    let (all, before) = (spec(&[".env", "own.env"]), place.contents());
    let ran = diff(&place, &all, &json!({"values": {"A": SECRET}}));
    let report = ran.json();
    assert_eq!((ran.code, &report["differs"]), (1, &json!(true)));
    assert_eq!((&report["files"][0]["change"], &report["files"][1]["change"]), (&json!("create"), &json!("update")));
    assert_eq!((&report["files"][0]["added"], &report["files"][0]["missing"]), (&json!(["A"]), &json!(["B"])));
    assert_eq!((&report["files"][0]["tightened"], &report["files"][1]["tightened"]), (&json!(false), &json!(true)));
    assert_eq!(report["excludes"], json!([".git/info/exclude"]));
    assert_eq!(place.contents(), before, "it wrote something");
    place.apply(&all, &json!({"values": {"A": SECRET}})).good();
    let ran = diff(&place, &all, &json!({"values": {"A": SECRET}}));
    assert_eq!((ran.code, &ran.json()["differs"]), (0, &json!(false)), "{}", ran.out);
}

#[test]
fn added_changed_and_removed_keys_are_told_apart() {
    let place = Place::new();
    let all = spec(&[".env", "old.env"]);
    place.apply(&all, &values(SECRET, "same")).good();
    let three = json!({"files": [{"path": ".env", "keys": [{"key": "A"}, {"key": "C"}]}]});
    let ran = diff(&place, &three, &json!({"values": {"A": "other-value", "C": "new-value"}}));
    let report = ran.json();
    assert_eq!(ran.code, 1);
    let kinds = |file: &Value| [file["added"].clone(), file["changed"].clone(), file["removed"].clone()];
    assert_eq!(kinds(&report["files"][0]), [json!(["C"]), json!(["A"]), json!(["B"])]);
    assert_eq!((&report["files"][1]["place"], &report["files"][1]["change"]), (&json!("old.env"), &json!("remove")));
    assert_eq!(kinds(&report["files"][1]), [json!([]), json!([]), json!(["A", "B"])]);
    place.write("mine.env", "X=1\n");
    let mine = spec(&["mine.env"]);
    place.apply(&mine, &values("1", "2")).good();
    let ran = diff(&place, &mine, &json!({"values": {}}));
    assert_eq!((&ran.json()["files"][0]["change"], ran.code), (&json!("scrub"), 1));
}

#[test]
fn other_readers_may_need_another_spelling_of_the_same_values() {
    let place = Place::new();
    let with = |readers: &[&str]| json!({"files": [{"path": ".env", "readers": readers, "keys": [{"key": "A"}]}]});
    place.apply(&with(&["npm-dotenv"]), &json!({"values": {"A": "pa$word-4711"}})).good();
    let ran = diff(&place, &with(&["next"]), &json!({"values": {"A": "pa$word-4711"}}));
    let file = &ran.json()["files"][0];
    assert_eq!(
        (ran.code, &file["change"], &file["changed"], &file["added"]),
        (1, &json!("update"), &json!([]), &json!([]))
    );
}

#[test]
fn a_file_that_cannot_be_written_ends_with_two_and_its_reason() {
    let place = Place::new();
    fs::create_dir(place.path(".env")).expect("a folder");
    let ran = diff(&place, &spec(&[".env", "b.env"]), &values(SECRET, "b"));
    let report = ran.json();
    assert_eq!((ran.code, &report["files"][0]["change"]), (2, &json!("refused")));
    assert!(report["files"][0]["reason"].as_str().is_some_and(|reason| reason.contains("not a file")), "{}", ran.out);
    assert_eq!(report["files"][1]["change"], json!("create"));
}

#[test]
fn names_that_may_be_pieces_of_a_value_are_counted_and_not_told() {
    let place = Place::new();
    place.apply(&spec(&[".env"]), &values("1", "2")).good();
    let edited = place.read(".env").replace("A=1\n", "A=1\nMIIEvQIBADANsesame4711=\nSESAME4711==\n");
    place.write(".env", edited);
    let ran = diff(&place, &spec(&[".env"]), &values("1", "2"));
    assert_eq!((ran.code, &ran.json()["files"][0]["othersRemoved"]), (1, &json!(2)), "{}", ran.out);
    assert!(!ran.out.to_lowercase().contains("sesame4711"), "{}", ran.out);
}
