//! Each system call that changes something fails once, or the program dies at it: every file is the old one or the new
//! one, the report is true, and the next run mends what is left.

use crate::place::{Done, Place, SECRET, spec, values};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Calls that change something, or open what is changed.
const CALLS: [&str; 8] = ["openat", "mkdirat", "write", "fchmod", "fsync", "ftruncate", "renameat", "unlinkat"];
/// Files with values, in any of the specs.
const FILES: [&str; 3] = [".env", "w/.env", "gone.env"];

type Contents = BTreeMap<PathBuf, Vec<u8>>;

/// What is run on what.
struct Story {
    before: Place,
    old: Contents,
    new: Contents,
    spec: Value,
    /// Nothing for scrub.
    input: Option<String>,
}

impl Story {
    fn of(before: Place, spec: Value, input: Option<Value>) -> Self {
        let (old, input) = (contents(&before), input.map(|input| input.to_string()));
        let mut story = Self { before, old, new: Contents::new(), spec, input };
        let place = story.place();
        assert_eq!(story.run(&place, None).0.code, 0);
        story.new = contents(&place);
        story
    }

    /// A copy of the workspace as it is before.
    fn place(&self) -> Place {
        let place = Place::new();
        let from = format!("{}/.", self.before.path("").display());
        let copied = Command::new("cp").arg("-a").arg(from).arg(place.path("")).status().expect("cp runs");
        assert!(copied.success());
        fs::write(place.folder.path().join("env.json"), self.spec.to_string()).expect("the spec");
        place
    }

    /// Runs it, with a fault at one call; also tells whether that call was reached.
    fn run(&self, place: &Place, fault: Option<(&str, &str, usize)>) -> (Done, bool) {
        let spec = place.folder.path().join("env.json");
        let own = match self.input {
            Some(_) => place.command(&["apply", "--spec", spec.to_str().expect("a plain path")]),
            None => place.command(&["scrub"]),
        };
        let log = place.folder.path().join("calls");
        let mut command = match fault {
            None => own,
            Some((call, fault, at)) => {
                let mut strace = Command::new("strace");
                strace.args(["-f", "-qq", "-e", &format!("trace={call}"), "-o"]).arg(&log);
                strace.args(["-e", &format!("inject={call}:{fault}:when={at}")]);
                strace.arg(own.get_program()).args(own.get_args());
                strace.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
                strace
            }
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("strace is needed for this test; `make setup` installs it");
        let input = self.input.as_deref().unwrap_or_default();
        // It may die before it reads.
        child.stdin.take().expect("its input").write_all(input.as_bytes()).ok();
        let done = Done::of(child.wait_with_output().expect("it ends"));
        let log = fs::read_to_string(log).unwrap_or_default();
        (done, log.contains("(INJECTED") || log.contains("killed by SIGKILL"))
    }

    /// Every call in turn meets the fault, the first one, the second one and so on to the last.
    fn sweep(&self, fault: &str) {
        let mut met = 0;
        for call in CALLS {
            for at in 1.. {
                let place = self.place();
                let (done, reached) = self.run(&place, Some((call, fault, at)));
                if !reached {
                    // Strace itself may be what failed.
                    assert_eq!(done.code, 0, "{call}: {}", done.errors);
                    break;
                }
                met += 1;
                let what = format!("{fault} at {call} {at}: {} {}", done.report, done.errors);
                self.assert_whole(&place, &done, &what);
                let is_clean = fault.starts_with("error") && call != "unlinkat";
                assert!(!is_clean || leftovers(&place).is_empty(), "{what}\nleft {:?}", leftovers(&place));
                let (again, _) = self.run(&place, None);
                assert_eq!(again.code, 0, "{what}\nthen {}", again.errors);
                assert_eq!(contents(&place), self.new, "{what}\nthe next run did not mend it");
                assert!(leftovers(&place).is_empty(), "{what}\nthe next run left {:?}", leftovers(&place));
            }
        }
        // How many there are is up to the loader and the build too.
        assert!(met > 20, "only {met} calls met the fault");
    }

    /// Each file is the old one or the new one, and what is told of it is true.
    fn assert_whole(&self, place: &Place, done: &Done, what: &str) {
        assert!(!format!("{}{}", done.report, done.errors).contains(SECRET), "a value came out: {what}");
        let now = contents(place);
        for file in FILES.map(PathBuf::from) {
            let is_new = now.get(&file) == self.new.get(&file);
            let is_old = now.get(&file) == self.old.get(&file);
            assert!(is_new || is_old, "{}: neither old nor new, {what}", file.display());
            assert!(is_new || done.code != 0, "{}: success was told, {what}", file.display());
            if now.contains_key(&file) && is_new && self.input.is_some() {
                assert_eq!(place.mode(file.to_str().expect("a name")) & 0o007, 0, "open to everybody: {what}");
            }
            let reports = done.report["files"].as_array().into_iter().flatten();
            for told in reports.filter(|told| told["place"].as_str() == file.to_str()) {
                let said = told["outcome"].as_str().expect("an outcome");
                assert!(if said == "refused" { is_old } else { is_new }, "{}: {said}, {what}", file.display());
            }
        }
    }
}

fn contents(place: &Place) -> Contents {
    let top = place.path("");
    place
        .contents()
        .into_iter()
        .map(|(path, bytes)| (path.strip_prefix(&top).expect("inside").to_owned(), bytes))
        .collect()
}

fn leftovers(place: &Place) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(place.path("")).into_iter().map(|entry| entry.expect("an entry").into_path());
    all.filter(|path| path.extension().is_some_and(|end| end == "tmp")).collect()
}

/// A workspace with a repository and lines of its own.
fn found() -> Place {
    let place = Place::new();
    place.write(".git/HEAD", "ref: refs/heads/main\n");
    place.write(".env", "# mine\nX=1\n");
    place
}

fn first() -> Story {
    Story::of(found(), spec(&[".env", "w/.env"]), Some(values(SECRET, "b")))
}

/// Values change, and a file is no longer in the spec.
fn change() -> Story {
    let place = found();
    place.apply(&spec(&FILES), &values("old-value", "b")).good();
    Story::of(place, spec(&[".env", "w/.env"]), Some(json!({"values": {"A": SECRET}})))
}

fn scrub() -> Story {
    let place = found();
    place.apply(&spec(&FILES), &values(SECRET, "b")).good();
    Story::of(place, spec(&FILES), None)
}

#[test]
fn a_first_run_that_meets_a_broken_disk_leaves_whole_files() {
    first().sweep("error=EIO");
}

#[test]
fn a_first_run_that_dies_leaves_whole_files() {
    first().sweep("signal=KILL");
}

#[test]
fn a_change_that_meets_a_broken_disk_leaves_whole_files() {
    change().sweep("error=EIO");
}

#[test]
fn a_change_that_meets_a_full_disk_leaves_whole_files() {
    change().sweep("error=ENOSPC");
}

#[test]
fn a_change_that_dies_leaves_whole_files() {
    change().sweep("signal=KILL");
}

#[test]
fn a_scrub_that_meets_a_broken_disk_leaves_whole_files() {
    scrub().sweep("error=EIO");
}

#[test]
fn a_scrub_that_dies_leaves_whole_files() {
    scrub().sweep("signal=KILL");
}
