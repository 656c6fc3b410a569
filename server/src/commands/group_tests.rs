use super::*;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

fn child(script: &str) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", script]).process_group(0).stdin(Stdio::null()).stdout(Stdio::piped());
    command.spawn().expect("it starts")
}

#[test]
fn the_name_of_a_program_does_not_disturb_the_reading() {
    let fields = "S 1 42 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 99 1 1";
    let expected = Status {
        id: 42,
        parent: 1,
        group: 42,
        session: 7,
        started: 99,
        is_dead: false,
        is_stopped: false,
        is_waiting: false,
    };
    assert_eq!(Status::read(&format!("42 (a ) b) {fields}\n")), Some(expected));
    assert!(Status::read(&format!("42 (x) {}", fields.replacen('S', "Z", 1))).expect("a status").is_dead);
    assert_eq!(Status::read("42 (x"), None);
}

#[tokio::test]
async fn a_group_is_ended_with_all_that_it_started() {
    let mut child = child("sleep 300 & sleep 300");
    let group = Group::of(child.id()).expect("a group");
    assert!(group.is_alive());
    let waiting = tokio::task::spawn_blocking(move || child.wait());
    group.end().await;
    assert!(!group.is_alive());
    waiting.await.expect("no panic").expect("it ended");
}

#[tokio::test]
async fn what_the_leader_left_behind_is_still_found() {
    let mut child = child("sleep 300 & exit 0");
    let group = Group::of(child.id()).expect("a group");
    child.wait().expect("it ends");
    assert!(group.is_alive(), "the sleeper is left");
    group.end().await;
    assert!(!group.is_alive());
}

#[tokio::test]
async fn a_number_that_belongs_to_somebody_else_now_is_left_alone() {
    let mut child = child("exec sleep 300");
    let mine = Group::of(child.id()).expect("a group");
    let older = Group { started: mine.started - 1, ..mine.clone() };
    let elsewhere = Group { boot: "another start".to_owned(), ..mine.clone() };
    for group in [older, elsewhere] {
        assert!(!group.is_alive());
        group.end().await;
    }
    assert!(child.try_wait().expect("it is watched").is_none(), "it goes on");
    child.kill().expect("killed");
    child.wait().expect("it ends");
    assert!(!mine.is_alive());
}

#[tokio::test]
async fn a_ledger_leads_to_what_a_crash_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::new(folder.path().join("commands"));
    assert_eq!(ledger.end_stale().await, 0, "there is none yet");
    let (mut left, mut done) = (child("exec sleep 300"), child("exec sleep 300"));
    ledger.write(&Group::of(left.id()).expect("a group")).expect("written");
    ledger.write(&Group::of(done.id()).expect("a group")).expect("written").strike();
    fs::write(folder.path().join("commands/broken.json"), "{").expect("a file");
    let waiting = tokio::task::spawn_blocking(move || left.wait());
    assert_eq!(ledger.end_stale().await, 1);
    waiting.await.expect("no panic").expect("it ended");
    assert!(done.try_wait().expect("it is watched").is_none());
    done.kill().expect("killed");
    done.wait().expect("it ends");
    assert_eq!(fs::read_dir(folder.path().join("commands")).expect("the folder").count(), 0);
}
