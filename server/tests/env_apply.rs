//! The sandbox program as a session starts it: the real binary on real folders and real git repositories.

#![allow(clippy::expect_used, reason = "helpers of tests are tests too")]

use app::domain::EnvSpec;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde_json::{Value, json};
use server::apply::{ApplyInput, apply};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

const SECRET: &str = "sesame-4711";
/// Runs against a folder that is swapped all the time.
const RACES: usize = 1_500;

/// A workspace with a folder beside it that nothing may ever reach.
struct Place {
    folder: tempfile::TempDir,
}

struct Done {
    code: i32,
    report: Value,
    errors: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("workspace")).expect("the workspace");
        fs::create_dir(folder.path().join("outside")).expect("the folder outside");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("workspace").join(name)
    }

    fn outside(&self) -> PathBuf {
        self.folder.path().join("outside")
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().expect("a parent")).expect("folders");
        fs::write(self.path(name), text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).expect("a file").mode() & 0o777
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyslot"));
        command.args(["env"]).args(arguments).arg("--workspace").arg(self.path(""));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs apply with exactly these texts as spec and standard input.
    fn run(&self, spec: &str, input: &str) -> Done {
        let mut file = tempfile::NamedTempFile::new_in(self.folder.path()).expect("a file");
        file.write_all(spec.as_bytes()).expect("the spec");
        let name = file.path().to_str().expect("a plain path");
        let mut child = self.command(&["apply", "--spec", name]).spawn().expect("keyslot starts");
        // A spec that is refused ends the program before it reads the values.
        child.stdin.take().expect("its input").write_all(input.as_bytes()).ok();
        Done::of(child.wait_with_output().expect("keyslot ends"))
    }

    fn apply(&self, spec: &Value, input: &Value) -> Done {
        let done = self.run(&spec.to_string(), &input.to_string());
        let text = format!("{}{}", done.report, done.errors);
        assert!(!text.contains(SECRET), "a value came out: {text}");
        done
    }

    fn scrub(&self) -> Done {
        Done::of(self.command(&["scrub"]).output().expect("keyslot runs"))
    }

    fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.path(folder)).args(["-c", "user.name=t", "-c", "user.email=t@x.test"]).args(arguments);
        let output = git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").output().expect("git");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Every file and symlink of the workspace with its content, outside of git's own folders.
    fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let entries = walkdir::WalkDir::new(self.path("")).sort_by_file_name();
        for entry in entries.into_iter().map(|entry| entry.expect("an entry")) {
            let in_git = entry.path().components().any(|part| part.as_os_str() == ".git");
            if !entry.file_type().is_dir() && (!in_git || entry.file_name() == "exclude") {
                files.push((entry.path().to_owned(), fs::read(entry.path()).unwrap_or_default()));
            }
        }
        files
    }
}

impl Done {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            report: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn good(self) -> Value {
        assert_eq!(self.code, 0, "{}", self.errors);
        assert_eq!(self.errors, "");
        self.report
    }

    /// The message of a run that wrote nothing because a file was refused.
    fn refused(self) -> String {
        assert_eq!(self.code, 1, "{} {}", self.report, self.errors);
        self.errors
    }
}

/// A spec of secret files, each with the keys A and B.
fn spec(paths: &[&str]) -> Value {
    let files: Vec<Value> = paths
        .iter()
        .map(|path| json!({"path": path, "keys": [{"key": "A"}, {"key": "B", "required": false}]}))
        .collect();
    json!({ "files": files })
}

fn values(a: &str, b: &str) -> Value {
    json!({"values": {"A": a, "B": b}})
}

fn outcomes(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let files = report["files"].as_array().expect("files");
    files.iter().map(|file| (text(&file["place"]), text(&file["outcome"]))).collect()
}

fn is(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(place, outcome)| ((*place).to_owned(), (*outcome).to_owned())).collect()
}

#[test]
fn files_are_written_for_their_owner_alone_with_what_is_narrower_first() {
    let place = Place::new();
    let input = json!({"values": {"A": SECRET}, "files": {"apps/web/.env": {"A": "it's", "B": ""}}});
    let report = place.apply(&spec(&[".env", "apps/web/.env"]), &input).good();
    assert_eq!(outcomes(&report), is(&[(".env", "written"), ("apps/web/.env", "written")]));
    assert_eq!(report["files"][0]["written"], json!(["A"]));
    assert_eq!(report["files"][0]["missing"], json!(["B"]));
    assert_eq!(report["files"][0]["created"], true);
    assert!(place.read(".env").contains(&format!("\nA={SECRET}\n# <<<")), "{}", place.read(".env"));
    assert!(place.read("apps/web/.env").contains("\nA=\"it's\"\nB=''\n"));
    for file in [".env", "apps/web/.env", ".keyslot/applied.json"] {
        assert_eq!(place.mode(file), 0o600, "{file}");
    }
}

#[test]
fn foreign_lines_stay_and_the_same_run_again_changes_nothing() {
    let place = Place::new();
    let foreign = b"# mine \xff\r\nA=old\r\n\r\nX=1".as_slice();
    place.write(".env", foreign);
    let report = place.apply(&spec(&[".env"]), &values(SECRET, "b")).good();
    assert_eq!(report["files"][0]["created"], false);
    assert_eq!(report["files"][0]["tightened"], true);
    assert_eq!(report["warnings"].as_array().map(Vec::len), Some(1), "{report}");
    assert!(report["warnings"][0].as_str().is_some_and(|text| text.contains("also sets A")));
    assert!(fs::read(place.path(".env")).expect("the file").starts_with(foreign));
    assert_eq!(place.mode(".env"), 0o600);
    let inode = fs::metadata(place.path(".env")).expect("the file").ino();
    let again = place.apply(&spec(&[".env"]), &values(SECRET, "b")).good();
    assert_eq!(outcomes(&again), is(&[(".env", "unchanged")]));
    assert_eq!(again["files"][0]["written"], json!(["A", "B"]));
    assert_eq!(fs::metadata(place.path(".env")).expect("the file").ino(), inode, "the file was written again");
    place.scrub().good();
    assert_eq!(fs::read(place.path(".env")).expect("the file"), foreign);
}

#[test]
fn a_shared_file_keeps_its_mode() {
    let place = Place::new();
    place.write("s.env", "");
    fs::set_permissions(place.path("s.env"), fs::Permissions::from_mode(0o640)).expect("a mode");
    let mut spec = spec(&["s.env"]);
    spec["files"][0]["mode"] = json!("shared");
    let report = place.apply(&spec, &values("1", "2")).good();
    assert_eq!((place.mode("s.env"), &report["files"][0]["tightened"]), (0o640, &json!(false)));
}

#[test]
fn what_loses_its_value_or_its_place_in_the_spec_is_taken_out() {
    let place = Place::new();
    place.write("own.env", "OWN=1\n");
    let all = spec(&[".env", "own.env", "a/.env"]);
    place.apply(&all, &values(SECRET, "b")).good();
    let report = place.apply(&all, &json!({"values": {"B": "b"}})).good();
    assert_eq!(report["files"][0]["missing"], json!(["A"]));
    assert!(!place.read(".env").contains(SECRET));
    let report = place.apply(&spec(&[".env"]), &values("1", "2")).good();
    assert_eq!(outcomes(&report), is(&[(".env", "written"), ("a/.env", "removed"), ("own.env", "removed")]));
    assert!(!place.path("a/.env").exists());
    assert_eq!(place.read("own.env"), "OWN=1\n");
    let report = place.apply(&spec(&[".env"]), &json!({"values": {}})).good();
    assert_eq!(outcomes(&report), is(&[(".env", "removed")]));
    assert!(!place.path(".env").exists() && !place.path(".keyslot").exists());
    let report = place.apply(&spec(&[".env"]), &json!({"values": {}})).good();
    assert_eq!(outcomes(&report), is(&[(".env", "unchanged")]));
}

#[test]
fn scrub_leaves_the_workspace_as_it_was_before() {
    let place = Place::new();
    place.git("", &["init", "-q"]);
    place.write(".env", "X=1");
    place.write("web/.env", "");
    let before = place.contents();
    place.apply(&spec(&[".env", "web/.env", "new/deep/.env"]), &values(SECRET, "x\n# <<< keyslot 0\ny")).good();
    assert_ne!(place.contents(), before);
    let report = place.scrub().good();
    let gone = [(".env", "removed"), ("new/deep/.env", "removed"), ("web/.env", "removed")];
    assert_eq!(outcomes(&report), is(&gone));
    assert_eq!(place.contents(), before);
    assert_eq!(outcomes(&place.scrub().good()), is(&[]));
}

#[test]
fn nothing_is_written_through_a_symlink_or_into_what_is_no_file() {
    let place = Place::new();
    fs::write(place.outside().join("target"), "T=1\n").expect("a file");
    symlink(place.outside().join("target"), place.path("link.env")).expect("a symlink");
    symlink(place.outside(), place.path("linked")).expect("a symlink");
    fs::create_dir(place.path("folder.env")).expect("a folder");
    place.write("file", "");
    rustix::fs::mkfifoat(rustix::fs::CWD, place.path("pipe.env"), 0o600.into()).expect("a pipe");
    for (path, why) in [
        ("link.env", "is a symlink"),
        ("linked/.env", "\"linked\" on the way to the file is a symlink"),
        ("linked/deeper/.env", "\"linked\" on the way to the file is a symlink"),
        ("folder.env", "not a file"),
        ("pipe.env", "not a file"),
        ("file/.env", "\"file\" on the way to the file is not a folder"),
        (".keyslot/applied.json", "Keyslot's own folder"),
        ("good.env/.env", "the spec also has a file good.env"),
    ] {
        let done = place.apply(&spec(&["good.env", path]), &values(SECRET, "b"));
        assert_eq!(outcomes(&done.report), is(&[("good.env", "held"), (path, "refused")]), "{path}");
        assert_eq!(done.report["files"][0]["written"], json!([]), "{path}");
        let message = done.refused();
        assert!(message.starts_with(&format!("keyslot: {path}: ")) && message.contains(why), "{message}");
        assert!(!place.path("good.env").exists(), "{path}: another file was written");
    }
    assert_eq!(fs::read_to_string(place.outside().join("target")).expect("the file"), "T=1\n");
    assert_eq!(fs::read_dir(place.outside()).expect("a folder").count(), 1);
    symlink(place.outside(), place.path(".keyslot")).expect("a symlink");
    assert!(place.apply(&spec(&["good.env"]), &values(SECRET, "b")).refused().contains("Keyslot's list of files"));
    assert_eq!(fs::read_dir(place.outside()).expect("a folder").count(), 1);
}

#[test]
fn a_folder_swapped_for_a_symlink_while_it_runs_leads_nowhere() {
    let place = Place::new();
    place.write("app/sub/keep", "");
    fs::create_dir_all(place.outside().join("sub")).expect("a folder");
    symlink(place.outside(), place.path("other")).expect("a symlink");
    let spec = spec(&["app/sub/.env"]);
    // Within this process, because starting a program takes so long that it would seldom meet the swap.
    let checked = EnvSpec::from_json(&spec.to_string()).expect("a good spec");
    let stop = AtomicBool::new(false);
    let (mut written, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let (from, to) = (place.path("app"), place.path("other"));
                renameat_with(CWD, from, CWD, to, RenameFlags::EXCHANGE).expect("the two change places");
            }
        });
        for run in 0..RACES {
            let json = values(SECRET, &run.to_string()).to_string();
            let input = ApplyInput::from_json(json.as_bytes(), &checked).expect("good input");
            let report = apply(&place.path(""), &checked, &input).expect("a report");
            *(if report.is_complete() { &mut written } else { &mut refused }) += 1;
        }
        stop.store(true, Ordering::Relaxed);
    });
    if place.path("other").join("sub/keep").exists() && !place.path("other").is_symlink() {
        renameat_with(CWD, place.path("app"), CWD, place.path("other"), RenameFlags::EXCHANGE).expect("swapped back");
    }
    let outside: Vec<_> = walkdir::WalkDir::new(place.outside()).into_iter().flatten().map(|e| e.into_path()).collect();
    assert_eq!(outside, [place.outside(), place.outside().join("sub")]);
    assert!(written > 0 && refused > 0, "the race never went both ways: {written} written, {refused} refused");
    place.apply(&spec, &values("last", "run")).good();
    assert!(place.read("app/sub/.env").contains("A=last\n"));
}

#[test]
fn git_sees_nothing_of_what_is_written() {
    let place = Place::new();
    for (folder, arguments) in [
        ("", &["init", "-q"][..]),
        ("", &["init", "-q", "nested"]),
        ("nested", &["commit", "-q", "--allow-empty", "-m", "first"]),
        ("nested", &["worktree", "add", "-q", "../tree"]),
    ] {
        place.git(folder, arguments);
    }
    place.write(".git/info/exclude", "# mine\n/web/.env\nnested\ntree");
    let all = spec(&[".env", "web/.env", "odd [a]*.env", "nested/.env", "tree/x/.env"]);
    let report = place.apply(&all, &values(SECRET, "b")).good();
    assert_eq!(report["warnings"], json!([]));
    for folder in ["", "nested", "tree"] {
        assert_eq!(place.git(folder, &["status", "--porcelain"]), "", "in {folder:?}");
    }
    let exclude = place.read(".git/info/exclude");
    assert!(exclude.starts_with("# mine\n/web/.env\nnested\ntree\n# >>> keyslot"), "{exclude}");
    assert_eq!(exclude.matches("/web/.env").count(), 1);
    assert!(exclude.contains("\n/.keyslot/\n") && exclude.contains("\n/odd \\[a]\\*.env\n"), "{exclude}");
    place.apply(&all, &values(SECRET, "other")).good();
    assert_eq!(place.read(".git/info/exclude"), exclude, "listed once");
    let listed: Vec<_> = report["excluded"].as_array().expect("a list").iter().map(|e| &e["repositories"]).collect();
    assert_eq!(listed, [&json!(["."]), &json!(["nested", "tree"])]);
    let rest = spec(&["nested/.env"]);
    place.apply(&rest, &values("1", "2")).good();
    assert_eq!(place.read("nested/.git/info/exclude").matches("\n/").count(), 1, "only the worktree's line goes");
    place.apply(&spec(&["web/.env"]), &values("1", "2")).good();
    assert!(!place.read("nested/.git/info/exclude").contains("keyslot"), "the block of a dropped file stays");
    place.scrub().good();
    assert_eq!(place.read(".git/info/exclude"), "# mine\n/web/.env\nnested\ntree");
}

#[test]
fn a_git_folder_out_of_reach_is_a_warning_and_so_is_a_tracked_file() {
    let place = Place::new();
    fs::create_dir_all(place.outside().join("git/info")).expect("folders");
    place.write("a/.git", format!("gitdir: {}\n", place.outside().join("git").display()));
    place.write("b/.git", "gitdir: ../../outside/git\n");
    fs::create_dir(place.path("c")).expect("a folder");
    symlink(place.outside().join("git"), place.path("c/.git")).expect("a symlink");
    place.git("", &["init", "-q", "d"]);
    place.write("d/.env", "X=1\n");
    place.git("d", &["add", ".env"]);
    let report = place.apply(&spec(&["a/.env", "b/.env", "c/.env", "d/.env"]), &values(SECRET, "b")).good();
    let warnings: Vec<&str> = report["warnings"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for (warning, expected) in warnings.iter().zip([
        "a/.env is not listed in git's exclude file: its repository's git folder lies outside",
        "b/.env is not listed in git's exclude file: its repository's git folder lies outside",
        "c/.env is not listed in git's exclude file: its .git is a symlink",
        "git tracks d/.env",
    ]) {
        assert!(warning.starts_with(expected), "{warning}");
    }
    assert_eq!(warnings.len(), 4);
    assert_eq!(fs::read_dir(place.outside().join("git/info")).expect("a folder").count(), 0);
}

#[test]
fn bad_input_ends_with_two_and_says_what_is_wrong() {
    let place = Place::new();
    let good = spec(&[".env"]).to_string();
    for (spec, input, message) in [
        ("{\"files\":[{\"path\":\"../x\",\"keys\":[]}]}", "{}", "files[0].path: the path must not leave the workspace"),
        ("{", "{}", "EOF while parsing"),
        (&good, "", "standard input is not valid JSON"),
        (&good, "{\"values\":{\"A\":\"sesame-4711\"", "standard input is not valid JSON"),
        (&good, "{\"values\":{\"A\":4711}}", "with texts as values"),
        (&good, "{\"values\":{\"sesame-4711\":\"x\"}}", "values: entry 1 (counted from 1) names a key"),
        (&good, "{\"values\":{},\"files\":{\"sesame-4711\":{}}}", "files: entry 1 (counted from 1) names a file"),
    ] {
        let done = place.run(spec, input);
        assert_eq!((done.code, &done.report), (2, &Value::Null), "{}", done.errors);
        assert!(done.errors.contains(message) && !done.errors.contains("4711"), "{}", done.errors);
        assert_eq!(done.errors.lines().count(), 1, "{}", done.errors);
    }
    for (spec, message) in [("-", "standard input is for the values"), ("missing.json", "No such file")] {
        let done = Done::of(place.command(&["apply", "--spec", spec]).output().expect("keyslot runs"));
        assert!(done.code == 2 && done.errors.contains(message), "{}", done.errors);
    }
    assert!(place.contents().is_empty());
}

#[test]
fn a_value_that_no_quoting_carries_is_refused_by_key_and_nothing_is_written() {
    let place = Place::new();
    let message = place.apply(&spec(&[".env"]), &values(&format!("it's \"{SECRET}\""), "b")).refused();
    assert!(message.contains(".env: A: the value holds a single quote together with a double quote"), "{message}");
    assert!(place.contents().is_empty());
}

#[test]
fn a_workspace_that_is_not_there_is_named() {
    let place = Place::new();
    fs::remove_dir(place.path("")).expect("the workspace goes");
    assert!(place.scrub().refused().contains("cannot be opened"));
}

#[test]
fn runs_at_the_same_time_leave_one_whole_result() {
    let place = Place::new();
    let all = spec(&[".env", "a/.env"]);
    std::thread::scope(|scope| {
        for run in 0..8 {
            let (place, all) = (&place, &all);
            let value = format!("{run}\n").repeat(5_000);
            scope.spawn(move || place.apply(all, &values(&value, &value)).good());
        }
    });
    assert_eq!(place.read(".env"), place.read("a/.env"));
    assert_eq!(place.read(".env").matches("keyslot").count(), 2, "one block");
    assert_eq!(place.contents().len(), 3, "nothing but the two files and the list");
    place.scrub().good();
    assert!(place.contents().is_empty());
}

#[test]
fn what_a_killed_run_left_behind_is_not_seen_by_git() {
    let place = Place::new();
    place.apply(&spec(&[".env"]), &values("1", "2")).good();
    place.write(".keyslot-0000000000000000.tmp", SECRET);
    place.git("", &["init", "-q"]);
    place.apply(&spec(&[".env"]), &values("1", "2")).good();
    assert_eq!(place.git("", &["status", "--porcelain"]), "", "git sees what a killed run left behind");
}

#[test]
fn a_list_of_files_that_somebody_edited_makes_nothing_foreign_disappear() {
    let place = Place::new();
    place.write("own.env", "OWN=1\n");
    place.apply(&spec(&[".env"]), &values("1", "2")).good();
    place.write(".keyslot/applied.json", "{\"files\":[\"own.env\",\"gone/.env\"],\"repositories\":[\"gone\"]}");
    let report = place.apply(&spec(&[".env"]), &values("1", "2")).good();
    assert_eq!(outcomes(&report), is(&[(".env", "unchanged")]));
    assert_eq!(place.read("own.env"), "OWN=1\n");
    place.write(".keyslot/applied.json", "{\"files\":[\"../outside/x\"]}");
    let report = place.apply(&spec(&[".env"]), &values("1", "2")).good();
    assert!(report["warnings"][0].as_str().is_some_and(|text| text.contains("is made anew")), "{report}");
}
