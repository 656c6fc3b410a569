//! `keyslot env check`: what the files lack, as their readers see them.

use crate::place::{Place, Ran, spec};
use serde_json::{Value, json};

fn check(place: &Place, spec: &Value) -> Ran {
    place.verb(spec, &["--json", "env", "check", "--spec", "env.json", "--workspace", "workspace"], "")
}

fn problems(file: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    file["problems"].as_array().expect("problems").iter().map(|one| (text(&one["key"]), text(&one["kind"]))).collect()
}

fn is(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(key, kind)| ((*key).to_owned(), (*kind).to_owned())).collect()
}

#[test]
fn missing_and_empty_required_keys_are_named_by_file_and_end_with_one() {
    let place = Place::new();
    place.write("own.env", "# A=1\nB=\nX=1\n");
    place.write("good.env", "export A='1'\n");
    let ran = check(&place, &spec(&["own.env", "good.env", "absent.env"]));
    let report = ran.json();
    assert_eq!((ran.code, &report["complete"], ran.errors.as_str()), (1, &json!(false), ""));
    let states: Vec<_> = report["files"].as_array().expect("files").iter().map(|file| &file["state"]).collect();
    assert_eq!(states, [&json!("read"), &json!("read"), &json!("absent")]);
    assert_eq!(problems(&report["files"][0]), is(&[("A", "missing")]), "B is optional");
    assert_eq!(report["files"][0]["optional"], json!(["B"]));
    assert_eq!(report["files"][1]["present"], json!(["A"]));
    assert_eq!(problems(&report["files"][2]), is(&[("A", "missing")]));
    let required = json!({"files": [{"path": "own.env", "keys": [{"key": "B"}]}]});
    let ran = check(&place, &required);
    assert_eq!((ran.code, problems(&ran.json()["files"][0])), (1, is(&[("B", "empty")])));
}

#[test]
fn what_apply_wrote_is_complete() {
    let place = Place::new();
    let spec = spec(&[".env", "w/.env"]);
    place.apply(&spec, &json!({"values": {"A": "it's"}})).good();
    let ran = check(&place, &spec);
    assert_eq!((ran.code, &ran.json()["complete"]), (0, &json!(true)));
}

#[test]
fn a_key_is_there_only_if_every_reader_of_its_file_gets_it() {
    let place = Place::new();
    place.write(".env", "export A=1\n");
    for (readers, code) in [(json!(["npm-dotenv", "compose"]), 0), (json!(["npm-dotenv", "systemd"]), 1)] {
        let spec = json!({"files": [{"path": ".env", "readers": readers, "keys": [{"key": "A"}]}]});
        let ran = check(&place, &spec);
        assert_eq!(ran.code, code, "{}", ran.out);
        if code == 1 {
            assert!(ran.out.contains("systemd does not take the line that sets it"), "{}", ran.out);
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_ends_with_two_and_the_others_are_checked() {
    for (what, told) in [
        ("folder", "not a file"),
        ("link", "is a symlink"),
        ("nul", "save it as UTF-8"),
        ("quote", "cannot read the file: line 2"),
    ] {
        let place = Place::new();
        let path = place.path("bad.env");
        match what {
            "folder" => std::fs::create_dir(path).expect("a folder"),
            "link" => std::os::unix::fs::symlink("/etc/hostname", path).expect("a link"),
            "nul" => place.write("bad.env", "A\0=1"),
            _ => place.write("bad.env", "X=1\nA=\"never closed\n"),
        }
        place.write("good.env", "X=1\n");
        let both = json!({"files": [
            {"path": "bad.env", "readers": ["compose"], "keys": [{"key": "A"}]}, {"path": "good.env", "keys": [{"key": "A"}]},
        ]});
        let ran = check(&place, &both);
        assert_eq!((ran.code, &ran.json()["files"][0]["state"]), (2, &json!("unreadable")), "{what}: {}", ran.out);
        assert!(ran.json()["files"][0]["reason"].as_str().is_some_and(|reason| reason.contains(told)), "{}", ran.out);
        assert_eq!(problems(&ran.json()["files"][1]), is(&[("A", "missing")]), "{what}");
    }
}

#[test]
fn a_symlink_to_another_file_of_the_spec_is_read_through_it() {
    let place = Place::new();
    place.write(".env", "A=1\n");
    place.write("web/x", "");
    std::os::unix::fs::symlink("../.env", place.path("web/.env")).expect("a link");
    let ran = check(&place, &spec(&[".env", "web/.env"]));
    assert_eq!((ran.code, &ran.json()["files"][1]["present"]), (0, &json!(["A"])), "{}", ran.out);
}

#[test]
fn a_file_that_does_more_than_set_variables_is_not_judged_wrongly() {
    let place = Place::new();
    place.write(".env", "source ./other\nA=1\nB=$HOME/x\n");
    let keys = json!([{"key": "A"}, {"key": "B"}, {"key": "C"}]);
    let spec = json!({"files": [{"path": ".env", "readers": ["shell"], "keys": keys}]});
    let ran = check(&place, &spec);
    assert_eq!((ran.code, problems(&ran.json()["files"][0])), (1, is(&[("C", "missing")])), "{}", ran.out);
    place.write(".env", "B=$HOME/x\n");
    let spec = json!({"files": [{"path": ".env", "readers": ["shell"], "keys": [{"key": "B"}]}]});
    let ran = check(&place, &spec);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("depends on other variables for a shell"), "{}", ran.out);
}

#[test]
fn explain_says_why_what_the_key_is_for_and_where_it_is_used() {
    let place = Place::new();
    let slot = json!({"key": "STRIPE_KEY", "description": "Key of the test account.\u{1b}[2J\nMore.",
        "documentationUrl": "https://stripe.test/keys", "evidence": [{"path": "src/pay.ts", "line": 4}], "secret": true});
    let spec = json!({"files": [{"path": ".env", "readers": ["next"], "keys": [slot]}]});
    let arguments = ["env", "check", "--spec", "env.json", "--workspace", "workspace"];
    let short = place.verb(&spec, &arguments, "");
    assert!(short.out.contains("missing  STRIPE_KEY") && short.out.contains("1 required key has no value."));
    assert!(!short.out.contains("test account"), "{}", short.out);
    let long = place.verb(&spec, &[&arguments[..], &["--explain"]].concat(), "");
    for told in [
        "the file does not exist",
        "Key of the test account.",
        "see https://stripe.test/keys",
        "src/pay.ts:4",
        "Next.js",
    ] {
        assert!(long.out.contains(told), "{told}: {}", long.out);
    }
    assert_eq!((short.code, long.code), (1, 1));
    assert!(!long.out.contains('\u{1b}') && !long.out.contains("More."), "{:?}", long.out);
}
