//! Runs that meet, were cut off, or find their own list changed.

use crate::place::{Place, SECRET, is, outcomes, spec, values};

#[test]
fn runs_at_the_same_time_leave_one_whole_result() {
    let place = Place::new();
    let all = spec(&[".env", "a/.env"]);
    let (done, busy): (Vec<_>, Vec<_>) = std::thread::scope(|scope| {
        let start = |run| {
            let (place, all) = (&place, &all);
            let value = format!("{run}\n").repeat(1_000);
            scope.spawn(move || place.apply(all, &values(&value, &value)))
        };
        let runs: Vec<_> = (0..8).map(start).collect();
        runs.into_iter().map(|run| run.join().expect("it ends")).partition(|run| run.code == 0)
    });
    assert!(!done.is_empty(), "one of them writes");
    // On a slow machine the last ones find the others busy for too long, and say so.
    for run in busy {
        assert!(run.refused().contains("another run of keyslot has been busy"));
    }
    assert_eq!(place.read(".env"), place.read("a/.env"));
    assert_eq!(place.read(".env").matches("keyslot").count(), 2, "one block");
    assert_eq!(place.contents().len(), 3, "nothing but the two files and the list");
    place.scrub().good();
    assert!(place.contents().is_empty());
}

#[test]
fn a_process_that_locks_the_workspace_holds_no_run_up() {
    let place = Place::new();
    let workspace = std::fs::File::open(place.path("")).expect("the workspace");
    rustix::fs::flock(&workspace, rustix::fs::FlockOperation::NonBlockingLockExclusive).expect("locked");
    place.apply(&spec(&[".env"]), &values("1", "2")).good();
    place.scrub().good();
    assert!(place.contents().is_empty(), "and the lock of the run lies elsewhere");
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

#[test]
fn what_a_killed_run_left_beside_a_file_goes_with_the_next_run_and_with_scrub() {
    let place = Place::new();
    let staged = || {
        let all = place.contents();
        all.into_iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "tmp")).count()
    };
    for clean_up in ["apply", "scrub"] {
        place.apply(&spec(&[".env"]), &values("1", "2")).good();
        // The name under which a content is staged beside `.env`, as a killed run leaves it.
        let name = sandbox::apply::staged_name(".env");
        place.write(&name, SECRET);
        assert_eq!(staged(), 1);
        match clean_up {
            "apply" => drop(place.apply(&spec(&[".env"]), &values("1", "2")).good()),
            _ => drop(place.scrub().good()),
        }
        assert_eq!(staged(), 0, "{clean_up}");
    }
}
