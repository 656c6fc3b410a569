use super::*;
use domain::plain::PlainKeys;
use std::future::{pending, ready};

async fn row(folder: &tempfile::TempDir, commands: &[&str]) -> Arc<Row> {
    let data = folder.path().join("data");
    let config = crate::config::tests::local(&data);
    let wall = Wall::choose(&config).await;
    wall.require().expect("bubblewrap");
    std::fs::create_dir(folder.path().join("workspace")).expect("a folder");
    let (workspace, ledger) = (folder.path().join("workspace"), Ledger::new(folder.path().join("commands")));
    crate::wall::hand_over(&workspace).expect("handed over");
    let row =
        Arc::new(Row::new("all".into(), workspace, Box::new(|| ()), ledger, wall, TaskTracker::new(), Arc::default()));
    row.fill(commands.iter().map(|command| (*command).to_owned()).collect());
    row
}

fn states(row: &Row) -> Vec<&'static str> {
    let word = |(_, state, _): (String, CommandState, u64)| match state {
        CommandState::Waiting => "waiting",
        CommandState::Running { .. } => "running",
        CommandState::Exited { .. } => "exited",
        CommandState::Failed { .. } => "failed",
        CommandState::Stopped { .. } => "stopped",
    };
    row.states().into_iter().map(word).collect()
}

fn printed(row: &Row, at: usize) -> String {
    row.output(at, 0).expect("the command").text
}

#[tokio::test]
async fn what_ends_in_time_is_told_and_what_stays_up_is_a_service() {
    let done = CommandState::Exited { took: 1 };
    assert_eq!(settle(ready(Ok(done)), pending()).await, Some(done));
    assert_eq!(settle(ready(Ok(done)), ready(())).await, Some(done), "an end that is there counts");
    assert_eq!(settle(pending(), ready(())).await, None);
}

#[tokio::test]
async fn commands_run_one_after_the_other_while_they_end_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let row = row(&folder, &["echo one > made", "cat made; echo two >&2", "exit 3", "echo never"]).await;
    let halt = row.run_from(0).await.expect("the row stops");
    assert_eq!((halt.at, halt.left), (2, 1));
    assert!(matches!(halt.state, CommandState::Failed { status: Some(3), signal: None, .. }), "{halt:?}");
    assert_eq!(states(&row), ["exited", "exited", "failed", "waiting"]);
    assert_eq!(printed(&row, 1), "one\ntwo\n");
}

#[tokio::test]
async fn a_service_lets_the_next_one_start_and_is_stopped_with_all_it_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let row = row(&folder, &["sleep 300 & echo up; sleep 300", "echo next"]).await;
    assert_eq!(row.run_from(0).await, None);
    assert_eq!(states(&row), ["running", "exited"]);
    assert_eq!(printed(&row, 0), "up\n");
    assert!(row.stop(0).await);
    assert_eq!(states(&row), ["stopped", "exited"]);
    assert_eq!(std::fs::read_dir(folder.path().join("commands")).expect("the ledger").count(), 0);
    assert!(!row.stop(7).await);
}

#[tokio::test]
async fn what_fails_is_run_again_and_the_row_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let row = row(&folder, &["echo x >> count", "test -e there", "echo last"]).await;
    assert!(row.run_from(0).await.is_some());
    std::fs::write(folder.path().join("workspace/there"), "").expect("a file");
    assert_eq!(row.run_from(1).await, None);
    assert_eq!(states(&row), ["exited", "exited", "exited"]);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("workspace/count")).expect("a file"),
        "x\n",
        "and repeats nothing"
    );
}

#[tokio::test]
async fn one_that_hears_no_request_to_end_is_killed_and_what_it_left_behind_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let row =
        row(&folder, &["sleep 300 & echo left > left", "trap '' TERM; echo deaf; while :; do sleep 1; done"]).await;
    assert_eq!(row.run_from(0).await, None);
    assert_eq!(states(&row), ["exited", "running"]);
    row.end().await;
    assert_eq!(states(&row), ["exited", "stopped"]);
    assert_eq!(std::fs::read_dir(folder.path().join("commands")).expect("the ledger").count(), 0, "nothing is left");
    assert_eq!(row.run_from(0).await, None);
    assert_eq!(states(&row), ["exited", "stopped"], "an ended row starts nothing");
}

#[tokio::test]
async fn commands_get_nothing_of_this_programs_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    let row = row(&folder, &["env | sed 's/=.*//' | sort"]).await;
    assert_eq!(row.run_from(0).await, None);
    let allowed = ["HOME", "LANG", "LC_ALL", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHLVL", "TMPDIR", "TZ", "USER", "_"];
    let names = printed(&row, 0);
    let others: Vec<&str> = names.lines().filter(|name| !allowed.contains(name)).collect();
    assert!(others.is_empty() && names.contains("PATH"), "{others:?}");
    assert!(std::env::vars_os().count() > names.lines().count(), "there is something to inherit");
}

#[tokio::test]
async fn output_is_plain_text_without_values_even_of_later_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let value = |key: &str, text: &str| (KeyName::new(key).expect("a key"), SecretValue::new(text.to_owned()));
    let row = row(&folder, &["printf '\\033[31mred s3cret-one\\033[0m\\r\\n'; cat pipe"]).await;
    row.learn(vec![value("ONE", "s3cret-one")], PlainKeys::default()).await;
    assert!(
        std::process::Command::new("mkfifo")
            .arg(folder.path().join("workspace/pipe"))
            .status()
            .expect("it runs")
            .success()
    );
    let running = tokio::spawn({
        let row = row.clone();
        async move { row.run_from(0).await }
    });
    while printed(&row, 0).is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    row.learn(vec![value("TWO", "s3cret-two")], PlainKeys::default()).await;
    let pipe = folder.path().join("workspace/pipe");
    tokio::task::spawn_blocking(move || std::fs::write(pipe, "s3cret-one s3cret-two"))
        .await
        .expect("no panic")
        .expect("written");
    assert_eq!(running.await.expect("no panic"), None);
    assert_eq!(printed(&row, 0), "red «secret ONE»\n«secret ONE» «secret TWO»");
}
