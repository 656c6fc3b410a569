//! A canary: no verb prints a value, whatever goes wrong.

use crate::place::{Place, Ran};
use serde_json::json;
use std::fs;

/// A value, and what it looks like in base64.
const CANARY: &str = "canary-8d2f61";
const ENCODED: &str = "Y2FuYXJ5LThkMmY2";

/// What may stand in the env file.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.replace("CANARY", CANARY).into_bytes();
    vec![
        ("good", text("A='CANARY'\nB=CANARY\n")),
        ("open quote", text("A=\"CANARY\nB=CANARY\n")),
        ("no assignment", text("CANARY\nA CANARY\n=CANARY\n")),
        ("expanded", text("A=$CANARY\nB=${CANARY:-CANARY}\n")),
        ("command", text("A=$(echo CANARY)\nsource CANARY\n")),
        ("not UTF-8", [b"A=\xff\xfe".to_vec(), text("CANARY\n")].concat()),
        ("UTF-16", text("A=CANARY\n").into_iter().flat_map(|byte| [byte, 0]).collect()),
        (
            "edited block",
            text("# >>> keyslot 0 created=yes newline=no\nA=CANARY\ncanary_8d2f61=CANARY\n# <<< keyslot 0\n"),
        ),
        ("open block", text("# >>> keyslot 0 created=yes newline=no\nA=CANARY\n")),
        ("key of several lines", text("A=-----BEGIN\nCANARY==\n-----END\n")),
    ]
}

/// What may come on standard input.
fn inputs() -> Vec<String> {
    let good = json!({"values": {"A": CANARY, "B": format!("{CANARY}\n\"'`$\\")}}).to_string();
    let texts = [
        "".to_owned(),
        CANARY.to_owned(),
        format!("A={CANARY}"),
        format!("\"{CANARY}\""),
        format!("{{\"values\":{{\"A\":\"{CANARY}\""),
        format!("{{\"values\":{{\"{CANARY}\":\"x\"}}}}"),
        format!("{{\"values\":{{\"A\":[\"{CANARY}\"]}}}}"),
        format!("{{\"values\":\"{CANARY}\"}}"),
        format!("{{\"{CANARY}\":1}}"),
        format!("{{\"values\":{{}},\"files\":{{\"{CANARY}\":{{}}}}}}"),
        format!("{{\"values\":{{\"A\":\"{CANARY}\\u0000\"}}}}"),
        format!("{{\"values\":{{\"A\":\"{}{CANARY}\"}}}}", "x".repeat(300_000)),
        format!("{{\"values\":{{\"A\":\"{CANARY}\",\"A\":\"{CANARY}\"}}}}"),
    ];
    std::iter::once(good).chain(texts).collect()
}

fn assert_clean(ran: &Ran, what: &str) {
    let all = format!("{}{}", ran.out, ran.errors);
    let plain = all.replace('_', "-");
    assert!(!plain.contains(CANARY) && !all.contains(ENCODED), "{what} told a value:\n{all}");
}

#[test]
fn no_verb_tells_a_value_of_a_file_whatever_stands_in_it() {
    let spec =
        json!({"files": [{"path": ".env", "readers": ["compose", "shell"], "keys": [{"key": "A"}, {"key": "B"}]}]});
    let shell = ["--", "sh", "-c", "echo $A; echo \"$B\" >&2; echo $A | base64; exit 1"];
    for spec in [&spec, &crate::place::spec(&[".env"])] {
        for (name, content) in files() {
            let place = Place::new();
            place.write(".env", content);
            for json in [&[][..], &["--json"]] {
                for verb in [&["check", "--explain"][..], &["diff"], &["run"], &["apply"], &["check"]] {
                    let common = ["--spec", "env.json", "--workspace", "workspace"];
                    let mut arguments = [&["env"], json, verb, &common[..]].concat();
                    if verb == ["run"] {
                        arguments.extend(shell);
                    }
                    let input = json!({"values": {"A": CANARY}}).to_string();
                    let ran = place.verb(spec, &arguments, &input);
                    assert_clean(&ran, &format!("{verb:?} of {name}"));
                }
            }
        }
    }
}

#[test]
fn no_verb_tells_a_value_of_standard_input_however_it_is_broken() {
    let place = Place::new();
    let spec = crate::place::spec(&[".env"]);
    for input in inputs() {
        for verb in [&["diff"][..], &["run", "--stdin"], &["apply"]] {
            let common = ["--json", "--spec", "env.json", "--workspace", "workspace"];
            let mut arguments = [&["env"], verb, &common[..]].concat();
            if verb[0] == "run" {
                arguments.extend(["--", "sh", "-c", "echo \"$A$B\""]);
            }
            assert_clean(&place.verb(&spec, &arguments, &input), &format!("{verb:?}"));
        }
    }
}

#[test]
fn a_file_of_values_that_is_taken_for_a_spec_is_not_told() {
    let place = Place::new();
    for text in inputs() {
        fs::write(place.folder.path().join("env.json"), &text).expect("a file");
        for arguments in [
            &["spec", "validate", "env.json"][..],
            &["spec", "fmt", "env.json"],
            &["spec", "validate", "--json", "env.json"],
            &["env", "check", "--spec", "env.json"],
            &["env", "run", "--json", "--spec", "env.json", "--", "true"],
        ] {
            let ran = Ran::of(place.people(arguments), "");
            assert_eq!(ran.code, 2, "{text}");
            assert_clean(&ran, &format!("{arguments:?}"));
        }
    }
}
