//! What people and programs get to see: colours on terminals alone, JSON where it is asked for.

use crate::place::{Place, Ran, SECRET, spec, values};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;

const CHECK: [&str; 6] = ["env", "check", "--spec", "env.json", "--workspace", "workspace"];

#[test]
fn colours_are_for_terminals_unless_the_environment_says_otherwise() {
    let place = Place::new();
    fs::write(place.folder.path().join("env.json"), spec(&[".env"]).to_string()).expect("the spec");
    let on_terminal = |setting: Option<(&str, &str)>| {
        let check = place.people(&CHECK);
        // `script`, of Debian's essential bsdutils, runs it on a terminal.
        let mut script = Command::new("script");
        let words = check.get_args().map(|word| word.to_str().expect("a word"));
        let line = std::iter::once(env!("CARGO_BIN_EXE_keyslot")).chain(words).collect::<Vec<_>>().join(" ");
        script.args(["-qec", &line, "/dev/null"]).current_dir(place.folder.path()).env("TERM", "xterm");
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
            script.env_remove(name);
        }
        script.envs(setting);
        Ran::of(script, "")
    };
    let ran = on_terminal(None);
    assert!(ran.code == 1 && ran.out.contains("\u{1b}[31mmissing"), "{:?} {}", ran.out, ran.errors);
    assert!(!on_terminal(Some(("NO_COLOR", "1"))).out.contains('\u{1b}'));
    let piped = |setting: Option<(&str, &str)>| {
        let mut check = place.people(&CHECK);
        check.envs(setting);
        Ran::of(check, "").out
    };
    assert!(!piped(None).contains('\u{1b}'));
    assert!(piped(Some(("CLICOLOR_FORCE", "1"))).contains("\u{1b}[31mmissing"));
}

#[test]
fn people_read_what_was_done_in_words() {
    let place = Place::new();
    place.write("b.env", "A=mine\n");
    let apply = ["env", "apply", "--spec", "env.json", "--workspace", "workspace"];
    let ran = place.verb(&spec(&[".env", "b.env"]), &apply, &json!({"values": {"A": SECRET}}).to_string());
    assert_eq!(ran.out.lines().next(), Some(".env  written, 1 key"));
    assert!(ran.out.contains("  no value for B") && !ran.out.contains(SECRET), "{}", ran.out);
    assert!(ran.errors.starts_with("keyslot: b.env: a line that is not Keyslot's also sets A"), "{}", ran.errors);
    let ran = Ran::of(place.people(&["env", "scrub", "--workspace", "workspace"]), "");
    assert_eq!(ran.out, ".env  Keyslot's lines taken out\nb.env  Keyslot's lines taken out\n");
    let diff = ["env", "diff", "--spec", "env.json", "--workspace", "workspace"];
    let ran = place.verb(&spec(&[".env"]), &diff, &values(SECRET, "b").to_string());
    assert_eq!(ran.out, ".env  would be created\n  + A\n  + B\n");
}

#[test]
fn every_verb_prints_one_json_document_whether_it_succeeds_or_fails() {
    let place = Place::new();
    let (good, input) = (spec(&[".env"]), values("1", "2").to_string());
    let with =
        |verb: &str| ["env", verb, "--json", "--spec", "env.json", "--workspace", "workspace"].map(str::to_owned);
    for verb in ["diff", "apply", "check"] {
        let arguments = with(verb);
        let ran = place.verb(&good, &arguments.each_ref().map(String::as_str), &input);
        assert!(ran.json()["files"].is_array(), "{verb}: {}", ran.out);
        let ran = place.verb(&json!({"files": 1}), &arguments.each_ref().map(String::as_str), &input);
        assert_eq!((ran.code, ran.json()["error"]["message"].is_string()), (2, true), "{verb}: {}", ran.out);
    }
    let missing = ["env", "run", "--json", "--spec", "env.json", "--workspace", "no-such", "--", "echo", "x"];
    let ran = place.verb(&good, &missing, "");
    let told: Value = serde_json::from_str(&ran.errors).expect("JSON on standard error, for the command has the other");
    assert_eq!((ran.code, ran.out.as_str(), told["error"]["message"].is_string()), (2, "", true));
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let place = Place::new();
    for verb in [
        &["env", "check"][..],
        &["env", "diff"],
        &["env", "run"],
        &["env", "apply"],
        &["spec", "validate"],
        &["spec", "fmt"],
    ] {
        let ran = Ran::of(place.people(&[verb, &["--help"]].concat()), "");
        assert!(ran.out.contains("Examples:\n  keyslot ") && ran.out.contains("Exit codes:"), "{verb:?}: {}", ran.out);
    }
}
