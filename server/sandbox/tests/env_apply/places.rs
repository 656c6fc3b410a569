//! Where nothing may be written.

use crate::place::{Place, SECRET, is, outcomes, spec, values};
use domain::EnvSpec;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use sandbox::apply::{ApplyInput, apply};
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs against a folder that is swapped all the time.
const RACES: usize = 1_500;

#[test]
fn nothing_is_written_through_a_symlink_or_into_what_is_no_file_and_other_files_are() {
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
        assert_eq!(outcomes(&done.report), is(&[("good.env", "written"), (path, "refused")]), "{path}");
        assert_eq!(done.report["files"][1]["written"], json!([]), "{path}");
        let message = done.refused();
        assert!(message.starts_with(&format!("keyslot: {path}: ")) && message.contains(why), "{message}");
        assert!(place.read("good.env").contains(SECRET), "{path}: it holds up another file");
        place.scrub().good();
    }
    assert_eq!(fs::read_to_string(place.outside().join("target")).expect("the file"), "T=1\n");
    assert_eq!(fs::read_dir(place.outside()).expect("a folder").count(), 1);
    symlink(place.outside(), place.path(".keyslot")).expect("a symlink");
    assert!(place.apply(&spec(&["good.env"]), &values(SECRET, "b")).refused().contains("Keyslot's list of files"));
    assert_eq!(fs::read_dir(place.outside()).expect("a folder").count(), 1);
}

#[test]
fn a_symlink_to_another_file_of_the_spec_is_served_through_it() {
    let place = Place::new();
    fs::create_dir_all(place.path("apps/web")).expect("folders");
    symlink("../../.env", place.path("apps/web/.env")).expect("a symlink");
    symlink(".env", place.path("second.env")).expect("a symlink");
    let mut all = spec(&[".env", "apps/web/.env", "second.env"]);
    all["files"][1]["keys"] = json!([{"key": "A"}, {"key": "ONLY_WEB"}]);
    let input = json!({"values": {"A": SECRET, "ONLY_WEB": "w"}});
    let report = place.apply(&all, &input).good();
    let written = [(".env", "written"), ("apps/web/.env", "written"), ("second.env", "written")];
    assert_eq!(outcomes(&report), is(&written));
    assert_eq!(report["files"][1]["written"], json!(["A", "ONLY_WEB"]));
    assert_eq!(place.read(".env").matches("A=").count(), 1);
    assert!(place.read("apps/web/.env").contains("ONLY_WEB=w\n") && place.path("apps/web/.env").is_symlink());
    // Two values for one key do not fit into one file.
    let differing = json!({"values": {"A": SECRET}, "files": {"apps/web/.env": {"A": "another"}}});
    let done = place.apply(&all, &differing);
    let left = [(".env", "written"), ("apps/web/.env", "refused"), ("second.env", "written")];
    assert_eq!(outcomes(&done.report), is(&left));
    assert!(done.refused().contains("apps/web/.env: it is a symlink to .env, where A has another value"));
    assert!(!place.read(".env").contains("ONLY_WEB"));
    // A link that leads nowhere, or out of the spec, is a symlink like any other.
    symlink("nowhere", place.path("dangling.env")).expect("a symlink");
    symlink("loop.env", place.path("loop.env")).expect("a symlink");
    for path in ["dangling.env", "loop.env"] {
        let done = place.apply(&spec(&[".env", path]), &values(SECRET, "b"));
        assert_eq!(outcomes(&done.report)[1], is(&[(path, "refused")])[0], "{path}");
    }
    place.scrub().good();
    assert!(!place.path(".env").exists() && place.path("apps/web/.env").is_symlink());
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
    let (stop, lock) = (AtomicBool::new(false), place.folder.path().join("apply.lock"));
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
            let report = apply(&place.path(""), Some(&lock), &checked, &input).expect("a report");
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
fn a_workspace_that_is_not_there_is_named() {
    let place = Place::new();
    fs::remove_dir(place.path("")).expect("the workspace goes");
    assert!(place.scrub().refused().contains("cannot be opened"));
}
