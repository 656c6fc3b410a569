//! `keyslot spec validate` and `keyslot spec fmt`.

use crate::place::{Place, Ran};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const BAD: &str = "{\"files\": [\n  {\"path\": \".env\", \"keys\": [\n    {\"key\": \"A\"},\n    {\"key\": \"A\"},\n    \
                   {\"key\": \"B\", \"documentationUrl\": \"javascript:x\"}\n  ]}\n]}\n";
const GOOD: &str = "{\"files\": [{\"path\": \"./w//.env\", \"keys\": [{\"key\": \"B\"}, {\"key\": \"A\"}]}]}";

fn spec(place: &Place, text: &str, arguments: &[&str]) -> Ran {
    fs::write(place.folder.path().join("env.json"), text).expect("the spec");
    Ran::of(place.people(arguments), text)
}

#[test]
fn validate_tells_every_problem_with_its_line_its_field_and_what_to_do() {
    let place = Place::new();
    let ran = spec(&place, BAD, &["spec", "validate", "env.json"]);
    assert_eq!(ran.code, 2);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(
        lines,
        [
            "env.json:4:13: files[0].keys[1].key: A is already listed as keys[0]",
            "env.json:5:38: files[0].keys[2].documentationUrl: must be an http or https address",
        ]
    );
    assert_eq!(ran.errors, "keyslot: env.json has 2 problems\n");
    let ran = spec(&place, BAD, &["spec", "validate", "--json", "env.json"]);
    let report = ran.json();
    assert_eq!((ran.code, &report["valid"], &report["problems"][1]["line"]), (2, &json!(false), &json!(5)));
    let ran = spec(&place, GOOD, &["spec", "validate", "-"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "The spec is good: 1 file, 2 keys\n"));
    assert_eq!(spec(&place, GOOD, &["spec", "validate", "no-such-file"]).code, 2);
}

#[test]
fn every_verb_tells_a_bad_spec_by_line_and_field() {
    let place = Place::new();
    for verb in [&["check"][..], &["diff"], &["apply"], &["run", "--", "true"]] {
        let arguments = [&["env", verb[0], "--spec", "env.json"][..], &verb[1..]].concat();
        let ran = spec(&place, BAD, &arguments);
        assert!(ran.code == 2 && ran.errors.contains("env.json: line 4, files[0].keys[1].key: A is"), "{}", ran.errors);
    }
    let ran = spec(&place, BAD, &["env", "check", "--json", "--spec", "env.json"]);
    assert_eq!(ran.json()["error"]["problems"][0]["line"], json!(4));
}

#[test]
fn fmt_lays_a_spec_out_once_and_changes_nothing_it_means() {
    let place = Place::new();
    assert_eq!(spec(&place, GOOD, &["spec", "fmt", "--check", "env.json"]).code, 1);
    let path = place.folder.path().join("env.json");
    assert_eq!(fs::read_to_string(&path).expect("the file"), GOOD, "--check changes nothing");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("a mode");
    std::os::unix::fs::symlink("env.json", place.folder.path().join("link.json")).expect("a link");
    let ran = Ran::of(place.people(&["spec", "fmt", "link.json"]), "");
    assert_eq!((ran.code, ran.out.as_str()), (0, "link.json was laid out\n"), "{}", ran.errors);
    let formatted = fs::read_to_string(&path).expect("the file");
    assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o640);
    let parsed: Value = serde_json::from_str(&formatted).expect("JSON");
    assert_eq!((&parsed["files"][0]["path"], &parsed["files"][0]["keys"][0]["key"]), (&json!("w/.env"), &json!("B")));
    let again = spec(&place, &formatted, &["spec", "fmt", "--check", "env.json"]);
    assert_eq!((again.code, again.out.as_str()), (0, ""));
    assert_eq!(spec(&place, GOOD, &["spec", "fmt", "-"]).out, formatted);
    assert_eq!(spec(&place, BAD, &["spec", "fmt", "env.json"]).code, 2);
    assert_eq!(fs::read_to_string(&path).expect("the file"), BAD, "a bad spec stays as it is");
}

#[test]
fn what_discover_prints_is_good_and_laid_out() {
    let place = Place::new();
    place.write(".env.example", "A=\nPORT=3000\n");
    let found = Ran::of(place.people(&["spec", "discover", "workspace"]), "");
    assert_eq!(spec(&place, &found.out, &["spec", "fmt", "--check", "env.json"]).code, 0, "{}", found.out);
    let json = Ran::of(place.people(&["spec", "discover", "workspace", "--json"]), "").json();
    assert_eq!(json["spec"], serde_json::from_str::<Value>(&found.out).expect("JSON"));
}

#[test]
fn each_shell_gets_a_script_that_completes_the_verbs() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let ran = Ran::of(place.people(&["completions", shell]), "");
        assert_eq!(ran.code, 0);
        for word in ["validate", "discover", "no-mask", "explain"] {
            assert!(ran.out.contains(word), "{shell}: {word}");
        }
    }
    let script = Ran::of(place.people(&["completions", "bash"]), "").out;
    let mut bash = std::process::Command::new("bash");
    let ask =
        "source /dev/stdin; COMP_WORDS=(keyslot env d); COMP_CWORD=2; _keyslot keyslot d env; echo \"${COMPREPLY[*]}\"";
    bash.args(["-c", ask]);
    assert_eq!(Ran::of(bash, &script).out.trim(), "diff");
}
