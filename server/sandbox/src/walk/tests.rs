use super::*;
use std::fs::{create_dir_all, remove_dir_all, rename, write};
use std::os::unix::fs::symlink;
use tempfile::TempDir;

fn tree(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        let path = folder.path().join(file);
        create_dir_all(path.parent().expect("a parent")).expect("a folder");
        write(path, file).expect("a file");
    }
    folder
}

/// Each path, or what stands in its way.
fn walked(walk: Walk) -> Vec<(String, Option<Obstacle>)> {
    let shown = |path: &Path| path.display().to_string();
    walk.map(|entry| match entry {
        Ok(entry) => (shown(entry.path()), None),
        Err(error) => (shown(&error.path), Some(error.reason)),
    })
    .collect()
}

#[test]
fn a_folder_comes_before_what_is_in_it_by_name_and_links_are_not_followed() {
    let folder = tree(&["b/two", "b/one", "a", "c.txt"]);
    symlink("/etc", folder.path().join("link")).expect("a link");
    let found: Vec<_> = walked(Walk::of(folder.path()).expect("a walk")).into_iter().map(|(path, _)| path).collect();
    assert_eq!(found, ["a", "b", "b/one", "b/two", "c.txt", "link"]);
    let link = Walk::of(folder.path()).expect("a walk").flatten().last().expect("the link");
    assert_eq!((link.kind(), link.target()), (FileType::Symlink, Ok("/etc".into())));
    assert_eq!(link.open().expect_err("no file"), Obstacle::Exchanged);
}

#[test]
fn a_folder_that_is_passed_over_is_not_walked_into() {
    let folder = tree(&["a/one", "b/two"]);
    let mut walk = Walk::of(folder.path()).expect("a walk");
    let mut found = Vec::new();
    while let Some(entry) = walk.next() {
        let path = entry.expect("an entry").path().to_owned();
        if path == Path::new("a") {
            walk.pass_over();
        }
        found.push(path.display().to_string());
    }
    assert_eq!(found, ["a", "b", "b/two"]);
}

#[test]
fn a_folder_that_is_exchanged_for_a_link_after_it_was_looked_at_is_told_and_not_walked_into() {
    let folder = tree(&["in/a/mine", "in/z", "out/secret"]);
    let (inside, outside) = (folder.path().join("in"), folder.path().join("out"));
    between::act({
        let inside = inside.clone();
        move |path| {
            if path == Path::new("a") {
                rename(inside.join("a"), inside.join("gone")).expect("moved");
                symlink(&outside, inside.join("a")).expect("a link");
            }
        }
    });
    let found = walked(Walk::of(&inside).expect("a walk"));
    assert_eq!(found, [("a".to_owned(), Some(Obstacle::Exchanged)), ("z".to_owned(), None)]);
}

#[test]
fn a_file_that_is_exchanged_for_a_link_before_it_is_opened_is_not_followed() {
    let folder = tree(&["in/a", "out/secret"]);
    let (inside, outside) = (folder.path().join("in"), folder.path().join("out/secret"));
    let entry = Walk::of(&inside).expect("a walk").next().expect("one").expect("an entry");
    rename(inside.join("a"), inside.join("b")).expect("moved");
    symlink(outside, inside.join("a")).expect("a link");
    assert_eq!(entry.open().expect_err("a link"), Obstacle::Exchanged);
}

#[test]
fn what_lies_in_a_folder_that_is_moved_while_it_is_walked_is_still_its_own() {
    let folder = tree(&["in/a/1", "in/a/2", "out/2"]);
    let (inside, outside) = (folder.path().join("in"), folder.path().join("out"));
    let mut walk = Walk::of(&inside).expect("a walk");
    for expected in ["a", "a/1"] {
        assert_eq!(walk.next().expect("one").expect("an entry").path(), Path::new(expected));
    }
    rename(inside.join("a"), folder.path().join("moved")).expect("moved");
    symlink(&outside, inside.join("a")).expect("a link");
    let two = walk.next().expect("one").expect("an entry");
    let text = std::io::read_to_string(two.open().expect("opened")).expect("text");
    assert_eq!(text, "in/a/2", "not that of the folder elsewhere");
}

#[test]
fn a_deep_tree_is_walked_with_few_descriptors_and_the_way_back_is_not_led_astray() {
    let way = ["d"; 2 * HELD].join("/");
    let folder = tree(&[&format!("in/{way}/leaf"), "in/d/last", "in/z", "out/d/last"]);
    let found = walked(Walk::of(&folder.path().join("in")).expect("a walk"));
    assert_eq!(found.len(), 2 * HELD + 3);
    assert_eq!(&found[found.len() - 2..], [("d/last".to_owned(), None), ("z".to_owned(), None)]);
    // The same, when what was left behind is exchanged while the walk is deep below.
    let (inside, outside) = (folder.path().join("in"), folder.path().join("out/d"));
    let leaf = PathBuf::from(&way).join("leaf");
    let mut told = Vec::new();
    for entry in Walk::of(&inside).expect("a walk") {
        match entry {
            Ok(entry) if entry.path() == leaf => {
                rename(inside.join("d"), folder.path().join("moved")).expect("moved");
                symlink(&outside, inside.join("d")).expect("a link");
            }
            Ok(entry) => told.push((entry.path().to_owned(), None)),
            Err(error) => told.push((error.path, Some(error.reason))),
        }
    }
    let last = &told[told.len() - 2..];
    assert_eq!(last, [(PathBuf::from("d"), Some(Obstacle::Exchanged)), (PathBuf::from("z"), None)]);
}

#[test]
fn a_tree_that_is_made_too_deep_is_told_and_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut at = fs::open(folder.path(), FOLDER, Mode::empty()).expect("opened");
    for _ in 0..DEEPEST + 3 {
        fs::mkdirat(&at, "d", Mode::RWXU).expect("made");
        at = fs::openat(&at, "d", FOLDER, Mode::empty()).expect("opened");
    }
    let found = walked(Walk::of(folder.path()).expect("a walk"));
    assert_eq!(found.len(), DEEPEST + 2);
    assert_eq!(found[DEEPEST + 1].1, Some(Obstacle::TooDeep));
    remove_dir_all(folder.path()).expect("gone");
}
