//! What stands in the files after a run, and after another.

use crate::place::{Place, SECRET, is, outcomes, spec, values};
use serde_json::json;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

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
fn lines_of_others_that_would_swallow_what_is_added_are_named_and_nothing_is_written() {
    for (foreign, told) in
        [(&b"A0=1\nB0=\"never closed\n"[..], "line 2 keeps"), (b"\xff\xfeA\0=\x001\0\n\0", "save it as UTF-8")]
    {
        let place = Place::new();
        place.write(".env", foreign);
        let message = place.apply(&spec(&[".env"]), &values(SECRET, "b")).refused();
        assert!(message.contains(told), "{message}");
        assert_eq!(fs::read(place.path(".env")).expect("the file"), foreign);
    }
}

#[test]
fn a_file_keeps_its_owner_and_its_group_and_a_new_one_has_those_of_its_folder() {
    if !rustix::process::geteuid().is_root() {
        // Only root meets files of others; what an ordinary user writes is that user's.
        return;
    }
    let place = Place::new();
    for folder in ["", "app"] {
        fs::create_dir_all(place.path(folder)).expect("a folder");
    }
    place.write(".env", "X=1\n");
    fs::set_permissions(place.path(".env"), fs::Permissions::from_mode(0o640)).expect("a mode");
    std::os::unix::fs::chown(place.path(".env"), Some(1000), Some(1001)).expect("an owner");
    std::os::unix::fs::chown(place.path("app"), Some(1002), Some(1003)).expect("an owner");
    let report = place.apply(&spec(&[".env", "app/.env"]), &values(SECRET, "b")).good();
    let owner = |name: &str| fs::metadata(place.path(name)).map(|file| (file.uid(), file.gid())).expect("a file");
    assert_eq!((owner(".env"), place.mode(".env")), ((1000, 1001), 0o640), "its group may go on reading");
    assert_eq!(report["files"][0]["tightened"], false);
    assert_eq!((owner("app/.env"), place.mode("app/.env")), ((1002, 1003), 0o600));
    place.scrub().good();
    assert_eq!((owner(".env"), place.read(".env").as_str()), ((1000, 1001), "X=1\n"));
}

#[test]
fn a_read_only_file_refuses_itself_and_gives_values_up_all_the_same() {
    let place = Place::new();
    place.write("locked.env", "X=1\n");
    let lock = |mode| fs::set_permissions(place.path("locked.env"), fs::Permissions::from_mode(mode)).expect("a mode");
    lock(0o444);
    let all = spec(&["locked.env", ".env"]);
    let done = place.apply(&all, &values(SECRET, "b"));
    assert_eq!(outcomes(&done.report), is(&[("locked.env", "refused"), (".env", "written")]));
    assert_eq!(done.report["files"][0]["tightened"], false);
    assert!(done.refused().contains("locked.env: the file is read-only (mode 0444); make it writable"));
    assert_eq!((place.read("locked.env").as_str(), place.mode("locked.env")), ("X=1\n", 0o444));
    lock(0o644);
    place.apply(&all, &values(SECRET, "b")).good();
    lock(0o400);
    place.scrub().good();
    assert_eq!(place.read("locked.env"), "X=1\n");
}

#[test]
fn a_file_that_is_a_mount_of_its_own_is_written_in_place_and_told() {
    let place = Place::new();
    let real = place.outside().join("real");
    fs::write(&real, "X=1\n").expect("a file");
    place.write("mounted.env", "");
    let path = |path: std::path::PathBuf| path.to_str().expect("a plain path").to_owned();
    let (real, mounted) = (path(real), path(place.path("mounted.env")));
    for (mount, outcome) in [("--bind", "written"), ("--ro-bind", "refused")] {
        let inside = |arguments: &[&str]| {
            let own = place.command(arguments);
            let mut command = std::process::Command::new("bwrap");
            command
                .args(["--bind", "/", "/", mount, &real, &mounted, "--"])
                .arg(own.get_program())
                .args(own.get_args());
            command
        };
        let done = place.apply_by(&spec(&["mounted.env", ".env"]), &values(SECRET, "b"), inside);
        assert_eq!(outcomes(&done.report), is(&[("mounted.env", outcome), (".env", "written")]), "{}", done.errors);
        if outcome == "refused" {
            assert_eq!(done.report["files"][0]["tightened"], false);
            assert!(done.refused().contains("mounted.env: Read-only file system"));
            continue;
        }
        assert!(done.report["warnings"].to_string().contains("mounted.env cannot be replaced in one step"));
        assert!(fs::read_to_string(&real).expect("the file").starts_with("X=1\n# >>> keyslot"));
        let scrubbed = inside(&["scrub"]).output().expect("it runs");
        assert!(scrubbed.status.success(), "{}", String::from_utf8_lossy(&scrubbed.stderr));
        assert_eq!(fs::read_to_string(&real).expect("the file"), "X=1\n");
    }
}
