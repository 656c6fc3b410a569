use super::*;
use crate::snapshot::extract;
use domain::{KeyName, SecretValue};
use sandbox::mask::Needles;
use sandbox::walk::between;
use std::fs::{create_dir_all, read, rename, write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use tempfile::TempDir;

mod packed;

const VALUE: &str = "a-value-that-must-not-leave";

/// A folder with a workspace, what lies beside it, and where it is unpacked.
struct Story {
    folder: TempDir,
}

impl Story {
    fn new(files: &[(&str, &str)]) -> Self {
        let story = Self { folder: tempfile::tempdir().expect("a folder") };
        for (place, text) in files {
            let path = story.at(place);
            create_dir_all(path.parent().expect("a parent")).expect("a folder");
            write(path, text).expect("a file");
        }
        story
    }

    /// Puts a file into the workspace.
    fn put(&self, place: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at("in").join(place);
        create_dir_all(path.parent().expect("a parent")).expect("a folder");
        write(path, bytes).expect("a file");
    }

    fn at(&self, place: &str) -> PathBuf {
        self.folder.path().join(place)
    }

    fn guard(&self) -> Guard {
        let (key, value) = (KeyName::new("A").expect("a key"), SecretValue::new(VALUE.to_owned()));
        Guard::new(&Needles::new([(&key, &value)])).expect("a guard")
    }

    fn archived(&self) -> Archived<Vec<u8>> {
        let guard = self.guard();
        let (workspace, temporary) = (self.at("in"), self.at("temporary"));
        create_dir_all(&temporary).expect("a folder");
        let (wall, progress) = (Wall::Off, Progress::default());
        let job = Job { workspace: &workspace, temporary: &temporary, wall: &wall, guard: &guard, progress: &progress };
        measure(&job).expect("measured");
        archive(&job, Vec::new()).expect("archived")
    }

    /// The whole archive, unpacked.
    fn unpacked(&self) -> (GuardReport, PathBuf) {
        let Archived { report, output } = self.archived();
        let output = output.unwrap_or_else(|| panic!("blocked: {:?}", report.findings));
        (report, self.unpack(&output))
    }

    fn unpack(&self, archive: &[u8]) -> PathBuf {
        let into = self.at("out");
        create_dir_all(&into).expect("a folder");
        extract(archive, &into, u64::MAX, &Progress::default()).expect("unpacked");
        into
    }
}

#[test]
fn a_folder_that_is_exchanged_for_a_link_between_listing_and_opening_brings_nothing_from_elsewhere() {
    let story = Story::new(&[("in/a/mine", "mine"), ("in/z", "last"), ("data/root.key", "the server's root key")]);
    let (inside, data) = (story.at("in"), story.at("data"));
    let exchange = {
        let inside = inside.clone();
        move || {
            rename(inside.join("a"), inside.join("moved")).expect("moved");
            symlink(&data, inside.join("a")).expect("a link");
        }
    };
    // The first walk only measures; the second one archives.
    let mut met = 0;
    between::act(move |path| {
        met += usize::from(path == Path::new("a"));
        if path == Path::new("a") && met == 2 {
            exchange();
        }
    });
    let (report, out) = story.unpacked();
    assert!(!out.join("a").exists() && out.join("z").exists());
    assert_eq!(report.changed, ["a"]);
}

#[test]
fn a_file_that_is_exchanged_for_a_link_between_looking_and_opening_brings_nothing_from_elsewhere() {
    let story = Story::new(&[("in/a", "mine"), ("data/root.key", "the server's root key")]);
    let (inside, data) = (story.at("in"), story.at("data/root.key"));
    between::act(move |path| {
        if path == Path::new("a") {
            std::fs::remove_file(inside.join("a")).expect("gone");
            symlink(&data, inside.join("a")).expect("a link");
        }
    });
    let (report, out) = story.unpacked();
    assert!(!out.join("a").exists());
    assert_eq!(report.changed, ["a"]);
}

/// What has git run programs, wherever git looks for it; and what it needs.
const HOOKED: [(&str, &str); 12] = [
    ("in/.git/HEAD", "ref: refs/heads/main\n"),
    ("in/.git/config", "[core]\n\tbare = false\n\tfsmonitor = ./evil\n\thooksPath = hooks\n"),
    ("in/.git/hooks/post-checkout", "#!/bin/sh\nevil\n"),
    ("in/.git/hooks/pre-push.sample", "#!/bin/sh\n"),
    ("in/.git/modules/lib/config", "[core]\n\tworktree = ../../../lib\n\tsshCommand = evil\n"),
    ("in/.git/modules/lib/HEAD", "ref: refs/heads/main\n"),
    ("in/.git/modules/lib/objects/info/x", ""),
    ("in/.git/modules/lib/refs/x", ""),
    ("in/docs/tracked/objects/info/x", ""),
    ("in/docs/tracked/refs/heads/x", ""),
    ("in/docs/tracked/config", "[core]\n\tbare = true\n[include]\n\tpath = ../evil\n"),
    ("in/docs/tracked/hooks/sub/post-checkout", "#!/bin/sh\nevil\n"),
];

fn assert_stripped(out: &Path) {
    let text = |place: &str| String::from_utf8(read(out.join(place)).expect(place)).expect("text");
    assert_eq!(text(".git/config"), "[core]\n\tbare = false\n");
    assert_eq!(text(".git/modules/lib/config"), "[core]\n\tworktree = ../../../lib\n");
    assert_eq!(text("docs/tracked/config"), "[core]\n\tbare = true\n[include]\n");
    assert_eq!(text(".git/hooks/pre-push.sample"), "#!/bin/sh\n");
    for gone in [".git/hooks/post-checkout", "docs/tracked/hooks/sub"] {
        assert!(!out.join(gone).exists(), "{gone}");
    }
}

#[test]
fn what_has_git_run_programs_is_left_out_and_named() {
    let story = Story::new(&HOOKED);
    symlink("../../../evil", story.at("in/.git/modules/lib/hooks")).expect("a link");
    let (report, out) = story.unpacked();
    assert_stripped(&out);
    assert!(out.join(".git/modules/lib/hooks").symlink_metadata().is_err());
    let expected = [
        ".git/config: settings that are not kept: core.fsmonitor, core.hookspath",
        ".git/hooks/post-checkout: hooks of git are not kept",
        ".git/modules/lib/config: settings that are not kept: core.sshcommand",
        ".git/modules/lib/hooks: hooks of git are not kept",
        "docs/tracked/config: settings that are not kept: include.path",
        "docs/tracked/hooks/sub: hooks of git are not kept",
    ];
    assert_eq!(report.left_out, expected);
}

#[test]
fn an_older_archive_that_holds_them_is_unpacked_without() {
    let story = Story::new(&HOOKED);
    let mut tar = Builder::new(Encoder::new(Vec::new(), LEVEL).expect("zstd"));
    std::fs::set_permissions(story.at("in/docs/tracked"), PermissionsExt::from_mode(0o555)).expect("closed");
    tar.append_dir_all("kept", story.at("in")).expect("a tar");
    let archive = tar.into_inner().expect("a tar").finish().expect("zstd");
    let out = story.unpack(&archive);
    assert_stripped(&out.join("kept"));
    assert_eq!(std::fs::metadata(out.join("kept/docs/tracked")).expect("there").permissions().mode() & 0o777, 0o555);
}
