//! `keyslot env run`: a command with values in its environment.

use crate::place::{Place, Ran, SECRET, spec, values};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

const RUN: [&str; 6] = ["env", "run", "--spec", "env.json", "--workspace", "workspace"];

/// Runs a shell script with further options.
fn run(place: &Place, spec: &Value, options: &[&str], script: &str, input: &str) -> Ran {
    place.verb(spec, &[&RUN[..], options, &["--", "sh", "-c", script]].concat(), input)
}

fn applied(a: &str, b: &str) -> (Place, Value) {
    let (place, spec) = (Place::new(), spec(&[".env"]));
    place.apply(&spec, &values(a, b)).good();
    (place, spec)
}

#[test]
fn the_command_gets_the_values_and_its_output_does_not_show_them() {
    let (place, spec) = applied(SECRET, "b");
    let script = "printf '%s' sesame-; printf '%s\\n' 4711; echo $A | base64 >&2; test $A = sesame-4711 && echo $B";
    let ran = run(&place, &spec, &[], script, "");
    assert_eq!((ran.code, ran.out.as_str()), (0, "«secret A»\nb\n"), "{}", ran.errors);
    assert!(ran.errors.starts_with("«secret A»"), "{}", ran.errors);
    let ran = run(&place, &spec, &["--no-mask"], "echo $A; echo $PPID; cat /proc/$$/cmdline", "");
    assert!(ran.out.starts_with("sesame-4711\n"), "{}", ran.out);
    assert_eq!(ran.out.matches(SECRET).count(), 1, "an argument holds the value");
}

#[test]
fn values_come_from_the_files_as_their_readers_get_them() {
    let place = Place::new();
    place.write(".env", "A='it is'  # mine\nB=\"two\nlines\"\nX=not-in-the-spec\n");
    let ran = run(&place, &spec(&[".env"]), &["--no-mask"], "printf '%s|%s|%s' \"$A\" \"$B\" \"$X\"", "");
    assert_eq!((ran.code, ran.out.as_str()), (0, "it is|two\nlines|"));
    let ran = run(&place, &spec(&[".env"]), &["--no-mask"], "cat", "from here");
    assert_eq!(ran.out, "from here", "the command keeps its standard input");
}

#[test]
fn values_come_from_standard_input_too_and_then_nothing_else_does() {
    let (place, spec) = applied("old-value", "b");
    let input = json!({"values": {"A": "all-files"}, "files": {".env": {"A": SECRET}}}).to_string();
    let ran = run(&place, &spec, &["--stdin", "--no-mask"], "cat; echo $A", &input);
    assert_eq!((ran.code, ran.out.as_str(), ran.errors.as_str()), (0, "sesame-4711\n", ""));
    assert!(place.read(".env").contains("old-value"), "files stay as they are");
}

#[test]
fn the_exit_code_is_that_of_the_command_or_tells_its_signal() {
    let (place, spec) = applied("1", "2");
    for options in [&[][..], &["--no-mask"]] {
        assert_eq!(run(&place, &spec, options, "exit 7", "").code, 7);
    }
    assert_eq!(run(&place, &spec, &[], "kill -KILL $$", "").code, 137);
    let command =
        |program: &str, options: &[&str]| place.verb(&spec, &[&RUN[..], options, &["--", program]].concat(), "");
    for options in [&[][..], &["--no-mask"]] {
        let ran = command("no-such-program", options);
        assert!(ran.code == 127 && ran.errors.contains("there is no such program"), "{} {}", ran.code, ran.errors);
        assert_eq!(command("/etc", options).code, 126);
    }
    assert_eq!(place.verb(&spec, &RUN, "").code, 2, "a command is needed");
}

#[test]
fn signals_reach_the_command() {
    let (place, spec) = applied(SECRET, "b");
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1), ("USR1", 10)] {
        fs::write(place.folder.path().join("env.json"), spec.to_string()).expect("the spec");
        let script = format!("sleep 600 & trap \"kill $!; echo got $A; exit 7\" {signal}; echo ready; wait $!");
        let mut command = place.people(&[&RUN[..], &["--", "sh", "-c", &script]].concat());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("keyslot starts");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
        let pid = rustix::process::Pid::from_child(&child);
        let signal = rustix::process::Signal::from_named_raw(number).expect("a signal");
        rustix::process::kill_process(pid, signal).expect("sent");
        line.clear();
        out.read_to_string(&mut line).expect("the rest");
        assert_eq!((child.wait().expect("it ends").code(), line.as_str()), (Some(7), "got «secret A»\n"));
    }
}

#[test]
fn what_is_ignored_stays_ignored() {
    let (place, spec) = applied("1", "2");
    fs::write(place.folder.path().join("env.json"), spec.to_string()).expect("the spec");
    let inner = place.people(&[&RUN[..], &["--", "grep", "SigIgn", "/proc/self/status"]].concat());
    let mut nohup = std::process::Command::new("sh");
    nohup.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(inner.get_program()).args(inner.get_args());
    let ran = Ran::of(
        {
            nohup.current_dir(place.folder.path());
            nohup
        },
        "",
    );
    let mask = ran.out.trim_start_matches("SigIgn:").trim();
    assert_eq!(u64::from_str_radix(mask, 16).expect("a mask") & 1, 1, "{}", ran.out);
}

#[test]
fn output_that_comes_after_the_command_ended_is_neither_lost_nor_unmasked() {
    let (place, spec) = applied(SECRET, "b");
    let ran = run(&place, &spec, &[], "mkfifo gate; (read x <gate; echo late $A) & (echo go >gate) & exit 4", "");
    assert_eq!((ran.code, ran.out.as_str()), (4, "late «secret A»\n"), "{}", ran.errors);
}

#[test]
fn a_reader_that_goes_away_ends_the_command() {
    let (place, spec) = applied(SECRET, "b");
    fs::write(place.folder.path().join("env.json"), spec.to_string()).expect("the spec");
    let mut command = place.people(&[&RUN[..], &["--", "yes"]].concat());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("keyslot starts");
    let mut few = [0; 4];
    child.stdout.take().expect("its output").read_exact(&mut few).expect("some output");
    assert_eq!((&few, child.wait().expect("it ends").code()), (b"y\ny\n", Some(141)));
}

#[test]
fn a_key_with_two_values_is_refused_until_a_file_is_chosen() {
    let place = Place::new();
    place.write(".env", "A=first-1\n");
    place.write("w/.env", "A=second-2\n");
    let both = spec(&[".env", "w/.env"]);
    let ran = run(&place, &both, &[], "echo never", "");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.errors.contains("A has different values in .env and w/.env; choose one with --file"), "{}", ran.errors);
    let ran = run(&place, &both, &["--file", "w/.env", "--no-mask"], "echo $A", "");
    assert_eq!((ran.code, ran.out.as_str()), (0, "second-2\n"));
    let ran = run(&place, &both, &["--file", "no/.env"], "echo never", "");
    assert!(ran.code == 2 && ran.errors.contains("the spec has no such file"), "{}", ran.errors);
}

#[test]
fn a_value_that_is_not_the_same_to_all_readers_is_refused_and_never_guessed() {
    let place = Place::new();
    for (text, told) in [
        (&b"A=a$HOME\n"[..], "A: its value depends on other variables"),
        (b"A=\"caf\xe9\"\n", "A: its value is not UTF-8"),
        (b"A=\"never closed\n", "cannot read the file"),
    ] {
        place.write(".env", text);
        let ran = run(&place, &spec(&[".env"]), &[], "echo never", "");
        assert!((ran.code, ran.out.as_str()) == (2, "") && ran.errors.contains(told), "{} {}", ran.out, ran.errors);
    }
}

#[test]
fn a_required_key_without_a_value_is_told_unless_the_environment_has_it() {
    let place = Place::new();
    let spec = spec(&[".env"]);
    let ran = run(&place, &spec, &[], "echo went on", "");
    assert_eq!((ran.code, ran.out.as_str()), (0, "went on\n"));
    assert_eq!(ran.errors, "keyslot: .env: A is required and has no value\n");
    fs::write(place.folder.path().join("env.json"), spec.to_string()).expect("the spec");
    let mut command = place.people(&[&RUN[..], &["--", "true"]].concat());
    command.env("A", "from outside");
    assert_eq!(Ran::of(command, "").errors, "");
}

#[test]
fn a_value_that_fits_into_no_environment_is_named_with_what_helps() {
    let place = Place::new();
    let large = json!({"values": {"A": "x".repeat(128 * 1024)}}).to_string();
    let ran = run(&place, &spec(&[".env"]), &["--stdin"], "echo never", &large);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("A has 131072 bytes") && ran.errors.contains("read a file instead"), "{}", ran.errors);
    let nul = json!({"values": {"A": "a\u{0}b"}}).to_string();
    let ran = run(&place, &spec(&[".env"]), &["--stdin"], "echo never", &nul);
    assert!(ran.code == 2 && ran.errors.contains("A holds a NUL character"), "{}", ran.errors);
}
