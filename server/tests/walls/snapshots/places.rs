//! Reaching other places than the workspace, and other people's sessions.

use super::{archive, content, filled, saved, write};
use crate::commands::Story;
use crate::real::{Who, text, until};
use crate::support::Site;
use app::api::snapshots::SnapshotView;
use app::api::thread::ThreadEvent;
use domain::snapshot::SnapshotState;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const ROOT: &str = "the root key of the server, which lies elsewhere";

/// The snapshot held the server's root key, and the next session had it.
async fn a_folder_that_is_exchanged_for_a_link_all_the_time_leads_nowhere(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let (folder, data) = (site.workspace(&setup.id), site.folder.join("elsewhere"));
    for number in 0..20 {
        write(&folder, &format!("a/{number}/key"), "mine");
        write(&data, &format!("{number}/key"), ROOT);
    }
    symlink(&data, folder.join("b")).expect("a link");
    let over = Arc::new(AtomicBool::new(false));
    let exchanging = std::thread::spawn({
        let (over, one, other) = (over.clone(), folder.join("a"), folder.join("b"));
        move || {
            while !over.load(Ordering::Relaxed) {
                renameat_with(CWD, &one, CWD, &other, RenameFlags::EXCHANGE).expect("exchanged");
            }
        }
    });
    for _ in 0..6 {
        let done = saved(&owner, &setup.id).await;
        assert_eq!(done.state, SnapshotState::Ready, "{done:?}");
        let kept = content(&archive(&site, &done));
        let taken: Vec<_> = kept.iter().filter(|(_, bytes)| bytes.as_slice() == ROOT.as_bytes()).collect();
        assert!(taken.is_empty(), "{:?}", taken.iter().map(|(path, _)| path).collect::<Vec<_>>());
    }
    over.store(true, Ordering::Relaxed);
    exchanging.join().expect("no panic");
}

async fn an_archive_that_is_not_the_saved_one_is_not_even_looked_at(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let done = saved(&owner, &setup.id).await;
    // What unpacking it would end with, in other words than these.
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Link);
    header.set_size(0);
    tar.append_link(&mut header, "planted", "/etc/passwd").expect("an entry");
    let other = zstd::encode_all(&*tar.into_inner().expect("a tar"), 3).expect("zstd");
    std::fs::write(archive(&site, &done), other).expect("exchanged");
    let work = owner.work(&setup.configuration).await;
    let told = owner.thread(&work.id).await;
    let failure = told.iter().find_map(|entry| match &entry.event {
        ThreadEvent::Failure { text } => Some(text.clone()),
        _ => None,
    });
    let failure = failure.expect("it is told");
    assert!(failure.contains("not the one that was saved"), "{failure}");
}

async fn an_agents_snapshot_brings_no_hooks_and_no_settings_of_git_into_the_next_session(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let (folder, mark) = (site.workspace(&setup.id), site.folder.join("it-ran"));
    let evil = format!("#!/bin/sh\ntouch {}\n", mark.display());
    let hook = |place: &str| {
        write(&folder, place, &evil);
        std::fs::set_permissions(folder.join(place), PermissionsExt::from_mode(0o755)).expect("it may run");
    };
    for place in [".git/hooks/post-checkout", ".git/hooks/pre-commit", "docs/tracked/hooks/post-checkout", "evil"] {
        hook(place);
    }
    let evil = folder.join("evil").display().to_string();
    let set = |key: &str, value: &str| {
        let mut git = Command::new("git");
        git.arg("-C").arg(&folder).args(["-c", "safe.directory=*", "config", key, value]);
        assert!(git.status().expect("git runs").success());
    };
    for key in ["core.fsmonitor", "core.sshCommand", "core.pager", "filter.x.smudge", "filter.x.clean", "alias.st"] {
        set(key, if key == "alias.st" { "!evil" } else { &evil });
    }
    set("include.path", "../evil.config");
    write(&folder, "evil.config", format!("[core]\n\tfsmonitor = {evil}\n"));
    write(&folder, ".gitattributes", "* filter=x\n");
    for (place, text) in [("HEAD", "ref: refs/heads/main\n"), ("objects/info/x", ""), ("refs/heads/x", "")] {
        write(&folder, &format!("docs/tracked/{place}"), text);
    }
    write(&folder, "docs/tracked/config", format!("[core]\n\tbare = true\n\tfsmonitor = {evil}\n"));

    let agent = site.program(&owner.token(&setup.id, "agent").await);
    let done =
        agent.http("POST", "/snapshots?wait=60", Some(serde_json::json!({"name": "mine"}))).await.expect("saved");
    owner.accept_pending(&setup.id, &done).await;
    let named = done["report"]["leftOut"].to_string();
    for place in [".git/hooks/pre-commit", "core.fsmonitor", "filter.*.smudge", "docs/tracked/config"] {
        assert!(named.contains(place), "{named}");
    }
    let work = owner.work(&setup.configuration).await;
    let next = site.workspace(&work.id);
    assert!(next.join("evil").exists(), "it started from the snapshot");
    for arguments in [&["status"][..], &["checkout", "-q", "-b", "x"], &["commit", "-qm", "x", "--allow-empty"]] {
        let mut git = Command::new("git");
        git.arg("-C").arg(&next).args(["-c", "safe.directory=*", "-c", "user.name=x", "-c", "user.email=x@y.test"]);
        assert!(git.args(arguments).output().expect("git runs").status.success(), "{arguments:?}");
        let mut git = Command::new("git");
        git.arg("-C").arg(next.join("docs/tracked")).args(["-c", "safe.directory=*", "status"]);
        git.output().expect("git runs");
    }
    assert!(!mark.exists(), "nothing of it ran");
}

crate::on_both!(
    a_folder_that_is_exchanged_for_a_link_all_the_time_leads_nowhere,
    an_agents_snapshot_brings_no_hooks_and_no_settings_of_git_into_the_next_session,
    an_archive_that_is_not_the_saved_one_is_not_even_looked_at,
);

/// The processes that were called with this word, each with the letter of its state.
fn states(word: &str) -> Vec<char> {
    let processes = std::fs::read_dir("/proc").expect("processes").flatten().map(|process| process.path());
    let called = processes.filter(|process| text(&process.join("cmdline")).trim_end_matches('\0').ends_with(word));
    let state = |process: std::path::PathBuf| text(&process.join("stat")).rsplit(") ").next()?.chars().next();
    called.filter_map(state).collect()
}

#[tokio::test]
async fn a_sessions_commands_stand_still_while_it_is_archived_and_go_on_after() {
    let mark = format!("busy-{}", uuid::Uuid::new_v4().simple());
    let busy = format!("head -c 20000000 /dev/urandom > noise; touch ready; exec sh -c 'while :; do :; done' {mark}");
    let story = Story::new(Who::Root, &[], &[&busy]).await;
    let session = story.work();
    story.file(&session, "ready");
    until("it runs", || states(&mark) == ['R']);
    let (status, begun) = story.real.call(&story.cookie, "save_snapshot", &[("session", session.as_str())]);
    assert!(status.is_success(), "{begun}");
    until("it stands still", || states(&mark) == ['T']);
    let state = || {
        let (_, body) = story.real.call(&story.cookie, "get_snapshots", &[("session", session.as_str())]);
        serde_json::from_str::<Vec<SnapshotView>>(&body).expect("snapshots").remove(0).state
    };
    until("it is saved", || state() == SnapshotState::Ready);
    until("it goes on", || states(&mark) == ['R']);
    story.end(&session);
}
