//! Discovery on real projects' example env files, where a folder with such files exists beside the checkout.
//!
//! The folder has one folder per project and is not part of this repository; `KEYSLOT_CORPUS` names another place.

// The lints' exemption for tests does not see the helpers of a test that is a crate of its own.
#![allow(clippy::expect_used, clippy::print_stdout)]

use domain::KeyName;
use domain::spec::Slot;
use sandbox::discover::{Discovery, discover};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The projects of the corpus; none if there is no corpus.
fn projects() -> Vec<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let corpus = std::env::var_os("KEYSLOT_CORPUS").map_or(beside, PathBuf::from);
    let Ok(entries) = fs::read_dir(&corpus) else {
        assert!(std::env::var_os("KEYSLOT_CORPUS").is_none(), "KEYSLOT_CORPUS names no folder that can be read");
        eprintln!("There is no {}: the corpus part is not run; the fixtures cover its cases.", corpus.display());
        return Vec::new();
    };
    let mut projects: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    projects.retain(|path| path.is_dir());
    projects.sort();
    assert!(!projects.is_empty(), "the corpus holds no project");
    projects
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A clone of a repository that holds the project's files.
fn cloned(project: &Path) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let origin = folder.path().join("origin");
    copy(project, &origin);
    git(&origin, &["init", "--quiet"]);
    git(&origin, &["add", "--all", "--force"]);
    git(&origin, &["commit", "--quiet", "--message", "The project"]);
    git(folder.path(), &["clone", "--quiet", "origin", "clone"]);
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder is made");
    for entry in fs::read_dir(from).expect("a folder is read") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file is copied");
        }
    }
}

/// What a plain look at the lines says about one key.
#[derive(Default)]
struct Seen {
    in_force: bool,
    comment_above: Option<String>,
}

/// `^#? ?[A-Z_][A-Z0-9_]*=`, without the reader under test.
fn scan(text: &str) -> BTreeMap<String, Seen> {
    let mut found: BTreeMap<String, Seen> = BTreeMap::new();
    let mut above: Option<&str> = None;
    for line in text.lines() {
        let body = line.strip_prefix('#').unwrap_or(line);
        let body = body.strip_prefix(' ').unwrap_or(body);
        let name = body.split('=').next().unwrap_or_default();
        let is_key = body.contains('=')
            && name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if is_key {
            let seen = found.entry(name.to_owned()).or_default();
            seen.in_force |= !line.starts_with('#');
            seen.comment_above = seen.comment_above.take().or(above.map(|text| text.trim().to_owned()));
        }
        above = line.strip_prefix('#').filter(|_| !is_key);
    }
    found
}

fn slot<'a>(found: &'a Discovery, key: &str) -> &'a Slot {
    let key = KeyName::new(key).expect("a good key");
    let mut slots = found.spec.files.iter().flat_map(|file| &file.keys);
    slots.find(|slot| slot.key == key).unwrap_or_else(|| panic!("{key} is not listed"))
}

fn print(found: &Discovery) {
    for slot in found.spec.files.iter().flat_map(|file| &file.keys) {
        println!("{} {}", slot.key, if slot.required { "required" } else { "optional" });
        for line in slot.description.iter().flat_map(|text| text.lines()) {
            println!("      | {line}");
        }
        let facts = (&slot.default, &slot.suggestions, slot.generate, &slot.documentation_url);
        println!("      {facts:?} line {:?}", slot.evidence[0].line);
    }
    println!("read {:?}, skipped {:?}", found.read, found.skipped);
}

/// `cargo test … -- --nocapture` prints everything that a person would see.
#[test]
fn every_key_of_real_projects_is_listed_with_its_comment() {
    for project in projects() {
        let folder = cloned(&project);
        let clone = folder.path().join("clone");
        let found = discover(&clone, &[]).expect("the clone is searched");
        print(&found);
        assert!(!found.read.is_empty(), "{} has an example file", project.display());
        assert_eq!(found.skipped, [], "{}", project.display());
        for (example, count) in &found.read {
            let text = fs::read_to_string(clone.join(example.as_str())).expect("the example is read");
            let seen = scan(&text);
            assert_eq!(*count, seen.len(), "{example}");
            for (key, seen) in seen {
                let slot = slot(&found, &key);
                assert!(seen.in_force || !slot.required, "{key} is commented out");
                let line = text.lines().nth(slot.evidence[0].line.expect("a line") as usize - 1).expect("the line");
                assert!(line.contains(&format!("{key}=")), "{key}: {line}");
                // The words of the comment line above, without a frame around them.
                let words = seen.comment_above.unwrap_or_default();
                let words = words.trim_matches(|c: char| !c.is_alphanumeric() && c != '"' && c != '.');
                let description = slot.description.as_deref().unwrap_or_default();
                assert!(description.contains(words), "{key}: {words:?} is not in {description:?}");
            }
        }
        assert_eq!(found.spec.clone().checked(), Ok(found.spec));
    }
}
