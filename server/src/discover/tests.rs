use super::*;
use std::fs;
use tempfile::TempDir;

/// A checkout with these files.
fn checkout(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders are made");
        fs::write(path, content).expect("a file is written");
    }
    folder
}

fn paths(paths: &[&str]) -> Vec<RelativePath> {
    paths.iter().map(|path| RelativePath::new(path).expect("a good path")).collect()
}

/// Workspace path, path and keys of each file.
fn files(found: &Discovery) -> Vec<(String, String, Vec<String>)> {
    let files = found.spec.files.iter().map(|file| {
        let keys = file.keys.iter().map(|slot| slot.key.to_string()).collect();
        (file.workspace_path.to_string(), file.path.to_string(), keys)
    });
    files.collect()
}

fn file(workspace_path: &str, path: &str, keys: &[&str]) -> (String, String, Vec<String>) {
    (workspace_path.to_owned(), path.to_owned(), keys.iter().map(|key| (*key).to_owned()).collect())
}

#[test]
fn a_monorepo_gives_each_real_file_once_in_a_fixed_order() {
    let folder = checkout(&[
        ("shop/packages/db/.env.example", b"DATABASE_URL=\n"),
        ("shop/apps/web/.env.local.example", b"# The site\nNEXT_PUBLIC_URL=http://localhost:3000\n"),
        ("shop/.env.sample", b"PORT=3000\nEXTRA=1\n"),
        ("shop/.env.example", b"PORT=3000\n# DEBUG=1\n"),
        ("shop/nginx.conf.example", b"A=1\n"),
        ("tools/example.env", b"TOKEN=\n"),
        ("notes/env.example", b"NOTE=x\n"),
    ]);
    let found = discover(folder.path(), &paths(&["shop", "tools", "shop/packages/db"])).expect("a checkout");
    assert_eq!(
        files(&found),
        [
            file(".", "notes/.env", &["NOTE"]),
            file("shop", ".env", &["PORT", "DEBUG"]),
            file("tools", ".env", &["TOKEN"]),
            file("shop", "apps/web/.env.local", &["NEXT_PUBLIC_URL"]),
            file("shop/packages/db", ".env", &["DATABASE_URL"]),
        ]
    );
    let read: Vec<(&str, usize)> = found.read.iter().map(|(path, count)| (path.as_str(), *count)).collect();
    let expected = [
        ("notes/env.example", 1),
        ("shop/.env.example", 2),
        ("tools/example.env", 1),
        ("shop/apps/web/.env.local.example", 1),
        ("shop/packages/db/.env.example", 1),
    ];
    assert_eq!(read, expected);
    assert_eq!(found.skipped, []);
    let web = &found.spec.files[3].keys[0];
    assert_eq!((web.evidence[0].path.as_str(), web.evidence[0].line), ("shop/apps/web/.env.local.example", Some(2)));
}

#[test]
fn what_is_not_used_is_named_with_the_reason() {
    let mut large = b"A=1\n".repeat(300_000);
    large.truncate(walk::FILE_BYTES as usize + 1);
    let folder = checkout(&[
        ("a/.env.example", &large),
        ("b/.env.example", b"A=\xff\n"),
        ("c/.env.example", b"GOOD=1\nMY-KEY=1\njust words\n"),
        ("d\\e/.env.example", b"A=1\n"),
    ]);
    std::os::unix::fs::symlink(folder.path().join("c/.env.example"), folder.path().join(".env.example"))
        .expect("a link is made");
    std::os::unix::fs::symlink(folder.path().join("c"), folder.path().join("linked")).expect("a link is made");
    let mut found = discover(folder.path(), &[]).expect("a checkout");
    found.skipped.sort();
    let skipped: Vec<(&str, &str)> = found.skipped.iter().map(|(at, why)| (at.as_str(), why.as_str())).collect();
    let expected = [
        (".env.example", "is a symbolic link or a special file"),
        ("a/.env.example", "is larger than 1 MiB"),
        ("b/.env.example", "is not UTF-8 text"),
        ("c/.env.example:2", "a key name has only letters, digits and underscores; '-' is not allowed"),
        ("c/.env.example:3", "there is no \"=\" between a key and a value"),
        ("d\\e/.env.example", "the path must not contain '\\\\'"),
    ];
    assert_eq!(skipped, expected);
    assert_eq!(files(&found), [file(".", "c/.env", &["GOOD"])]);
}

#[test]
fn folders_are_passed_over_where_git_ignores_them_and_are_named() {
    let folder = checkout(&[
        (".gitignore", b"/dist\ntarget/\n.env*\n"),
        ("dist/.env.example", b"A=1\n"),
        ("web/target/.env.example", b"A=1\n"),
        ("web/dist/package.json", b"{\"scripts\":{\"dev\":\"x\"}}"),
        ("web/dist/.env.example", b"B=1\n"),
        ("node_modules/x/.env.example", b"A=1\n"),
        (".env.example", b"C=1\n"),
    ]);
    let found = discover(folder.path(), &[]).expect("a checkout");
    assert_eq!(files(&found), [file(".", ".env", &["C"]), file(".", "web/dist/.env", &["B"])]);
    let folders: Vec<(&str, &str)> = found.folders.iter().map(|(at, why)| (at.as_str(), why.as_str())).collect();
    let expected =
        [("dist", "git ignores it"), ("node_modules", "holds installed packages"), ("web/target", "git ignores it")];
    assert_eq!(folders, expected);
}

#[test]
fn of_six_variants_the_one_that_the_readme_copies_is_the_file_under_the_name_it_is_given() {
    let names =
        [".env.dev.example", ".env.prod.example", ".env.test.example", ".env.docker.example", ".env.azure.example"];
    let mut given: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, &b"A=\nB=\n"[..])).collect();
    given.push((".env.example", b"C=\n"));
    given.push(("README.md", b"# App\n```bash\ncp .env.dev.example .env\n```\n"));
    let folder = checkout(&given);
    let found = discover(folder.path(), &[]).expect("a checkout");
    assert_eq!(files(&found), [file(".", ".env", &["A", "B"])]);
    assert_eq!(found.variants.len(), 5);
    assert!(found.variants.iter().all(|variant| variant.reason == "README.md:3 copies .env.dev.example"));
}

#[test]
fn code_decides_what_is_required_and_the_example_second() {
    let folder = checkout(&[
        (".env.example", b"A=\nB=\nC=\nD=\n# E=\nF=\n"),
        ("a.ts", b"const a = process.env.A;\nconst b = process.env.B || 'x';\nif (!process.env.C) throw new Error();\nuse(process.env.E);\n// process.env.F\n"),
        ("config.php", b"<?php return ['d' => env('D', 'x')];\n"),
    ]);
    let found = discover(folder.path(), &[]).expect("a checkout");
    let required: Vec<(&str, bool)> =
        found.spec.files[0].keys.iter().map(|slot| (slot.key.as_str(), slot.required)).collect();
    assert_eq!(required, [("A", true), ("B", false), ("C", true), ("D", false), ("E", false), ("F", false)]);
    let places: Vec<String> =
        found.spec.files[0].keys[2].evidence.iter().map(|at| format!("{}:{}", at.path, at.line.unwrap_or(0))).collect();
    assert_eq!(places, [".env.example:3", "a.ts:3"]);
}

#[test]
fn a_missing_workspace_is_an_error_that_names_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let error = discover(&folder.path().join("gone"), &[]).expect_err("no such folder");
    assert!(error.to_string().contains("gone is not a folder"), "{error}");
}
