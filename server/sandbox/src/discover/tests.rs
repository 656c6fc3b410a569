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
            file("shop", ".env", &["PORT", "DEBUG", "EXTRA"]),
            file("tools", ".env", &["TOKEN"]),
            file("shop", "apps/web/.env.local", &["NEXT_PUBLIC_URL"]),
            file("shop/packages/db", ".env", &["DATABASE_URL"]),
        ]
    );
    let read: Vec<(&str, usize)> = found.read.iter().map(|(path, count)| (path.as_str(), *count)).collect();
    let expected = [
        ("notes/env.example", 1),
        ("shop/.env.example", 2),
        ("shop/.env.sample", 2),
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
    large.truncate(FILE_BYTES as usize + 1);
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
fn folders_of_other_people_and_generated_ones_are_passed_over() {
    let inside: Vec<(String, &[u8])> =
        PASSED_OVER.iter().map(|name| (format!("web/{name}/x/.env.example"), &b"A=1\n"[..])).collect();
    let inside: Vec<(&str, &[u8])> = inside.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let folder = checkout(&inside);
    let found = discover(folder.path(), &[]).expect("a checkout");
    assert_eq!((files(&found), found.skipped), (Vec::new(), Vec::new()));
    // The workspace itself may have such a name.
    let vendor = folder.path().join("web/vendor");
    assert_eq!(files(&discover(&vendor, &[]).expect("a checkout")), [file(".", "x/.env", &["A"])]);
}

#[test]
fn a_missing_workspace_is_an_error_that_names_it() {
    let folder = TempDir::new().expect("a temporary folder");
    let error = discover(&folder.path().join("gone"), &[]).expect_err("no such folder");
    assert!(error.to_string().contains("gone is not a folder"), "{error}");
}
