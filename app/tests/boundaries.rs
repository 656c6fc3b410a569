//! Where `app` ends: it names neither database nor cipher, neither file system nor git. Compiled for the browser it
//! could not, and here is the proof that its server side does not either.

#![allow(clippy::expect_used, missing_docs, reason = "helpers of tests are tests too")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Databases, ciphers, HTTP servers and git.
const FOREIGN: [&str; 9] = ["sqlx", "rusqlite", "libsqlite3-sys", "aes", "aes-gcm", "axum", "hyper", "git2", "gix"];
/// What the domain alone does without.
const SCREENS: [&str; 7] = ["leptos", "leptos_dom", "server_fn", "tokio", "futures", "web-sys", "wasm-bindgen"];
/// Ways to files, programs and the network that need no dependency.
const WAYS_OUT: [&str; 7] =
    ["std::fs", "std::process", "std::net", "std::os", "tokio::", "include_bytes!", "include_str!"];

/// Names of all crates that `app` is built from with these features.
fn crates(features: &[&str]) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "-p", "app", "-e", "normal", "--offline", "--prefix", "none", "--format", "{p}"]);
    let output = cargo.args(features).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let names: BTreeSet<_> = text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(names.contains("app") && names.contains("serde"), "the tree is read as it is written: {text}");
    names
}

/// Those of the crates that are unwanted, or belong to an unwanted one (`sqlx-core` to `sqlx`).
fn named<'a>(crates: &'a BTreeSet<String>, unwanted: &[&str]) -> Vec<&'a str> {
    let belongs =
        |name: &str, to: &str| name.strip_prefix(to).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    crates.iter().map(String::as_str).filter(|name| unwanted.iter().any(|to| belongs(name, to))).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn neither_side_of_the_screens_is_built_from_database_cipher_server_or_git() {
    for features in ["ssr", "hydrate"] {
        let crates = crates(&["--features", features]);
        assert!(crates.contains("leptos"), "{features} is a side with screens");
        assert_eq!(named(&crates, &FOREIGN), [""; 0], "{features}");
    }
}

#[test]
fn the_domain_alone_is_built_from_neither_screens_nor_runtime() {
    let crates = crates(&[]);
    assert_eq!(named(&crates, &FOREIGN), [""; 0]);
    assert_eq!(named(&crates, &SCREENS), [""; 0]);
}

#[test]
fn no_source_names_a_file_a_program_or_the_network() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 30, "the sources are where they are looked for: {found:?}");
    for path in found {
        let text = std::fs::read_to_string(&path).expect("a source");
        for (number, line) in text.lines().enumerate() {
            let way = WAYS_OUT.iter().find(|way| line.contains(*way));
            assert_eq!(way, None, "{}:{}: {line}", path.display(), number + 1);
        }
    }
}
