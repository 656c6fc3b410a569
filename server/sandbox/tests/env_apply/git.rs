//! What git sees of it.

use crate::place::{Place, SECRET, spec, values};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;

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
fn a_line_that_brings_a_file_back_is_named_and_git_agrees() {
    for (rules, place_of_it, told) in [
        (&[("", "!.env\n")][..], ".env", Some("the line !.env in .gitignore")),
        (&[("", "*.env\n!/web/.env\n")], "web/.env", Some("the line !/web/.env in .gitignore")),
        (&[("", "!.env\n.env\n")], ".env", None),
        (&[("", ".env\n"), ("web/", "!.env\n")], "web/.env", Some("the line !.env in web/.gitignore")),
        (&[("", "!.env\n"), ("web/", ".env*\n")], "web/.env", None),
        (&[("", "/web/\n"), ("web/", "!.env\n")], "web/.env", None),
        (&[("", "**/deep/*\n!**/deep/.env\n")], "web/deep/.env", Some("the line !**/deep/.env in .gitignore")),
        (&[], ".env", None),
    ] {
        let place = Place::new();
        place.git("", &["init", "-q"]);
        for (folder, text) in rules {
            place.write(&format!("{folder}.gitignore"), text);
        }
        let report = place.apply(&spec(&[place_of_it]), &values(SECRET, "b")).good();
        let warned = report["warnings"].as_array().expect("a list").first().and_then(Value::as_str);
        match told {
            Some(line) => assert!(warned.is_some_and(|text| text.contains(line)), "{rules:?}: {warned:?}"),
            None => assert_eq!(warned, None, "{rules:?}"),
        }
        let seen = place.git("", &["status", "--porcelain", "-uall", "--", place_of_it]);
        assert_eq!(!seen.is_empty(), told.is_some(), "{rules:?}: git sees {seen:?}");
    }
}

#[test]
fn a_tracked_file_is_found_in_an_index_of_any_kind() {
    for (kind, arguments) in [
        ("version 2", &["update-index", "--index-version", "2"][..]),
        ("version 4", &["update-index", "--index-version", "4"]),
        ("version 3", &["add", "-N", "later"]),
        ("split", &["update-index", "--split-index"]),
    ] {
        for hash in ["sha1", "sha256"] {
            let place = Place::new();
            place.git("", &["init", "-q", "--object-format", hash]);
            for name in ["a/.env", "a/.env.more", "b/.env", "a/x.env", "later"] {
                place.write(name, "X=1\n");
            }
            place.git("", &["add", "a", "b/.env"]);
            place.git("", arguments);
            place.write("c/.env", "X=1\n");
            let report = place.apply(&spec(&["a/.env", "b/.env", "c/.env", ".env"]), &values(SECRET, "b")).good();
            let warnings: Vec<_> =
                report["warnings"].as_array().expect("a list").iter().map(Value::to_string).collect();
            let tracked = |name: &str| warnings.iter().any(|text| text.contains(&format!("git tracks {name},")));
            assert!(tracked("a/.env") && tracked("b/.env"), "{kind}, {hash}: {warnings:?}");
            assert_eq!(warnings.len(), 2, "{kind}, {hash}: {warnings:?}");
        }
    }
}
