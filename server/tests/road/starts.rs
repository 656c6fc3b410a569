//! Starting the server on what an earlier one left.

use crate::support::{ROOT_KEY, Site, json_spec, on_postgres, on_sqlite, rows_of};
use app::api::sessions::SessionState;
use app::api::thread::ThreadEvent;
use serde_json::json;
use std::process::Output;
use tokio::net::TcpListener;
use vault::ROOT_KEY_VARIABLE;

const WRONG: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

async fn a_wrong_root_key_refuses_to_start_in_words_and_changes_nothing(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let target = format!("configuration:{configuration}");
    owner.save((&target, ".env", "A"), "organization", "v").await.expect("saved");
    site.keyslot.store().close().await;
    let before = rows_of(&site.url).await;
    assert!(before.iter().any(|row| row.starts_with("secrets: ")), "there is something to lose");

    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["sign-in-link"]] {
        let refused = server_program(&site, arguments, WRONG).await;
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success(), "{arguments:?}");
        assert!(said.contains("does not open this database; nothing was changed"), "{said}");
        assert!(said.contains(ROOT_KEY_VARIABLE) && !said.contains(WRONG), "{said}");
        assert!(refused.stdout.is_empty(), "no link is given");
        assert_eq!(rows_of(&site.url).await, before, "{arguments:?}");
    }
    let right = server_program(&site, &["sign-in-link"], ROOT_KEY).await;
    assert!(String::from_utf8_lossy(&right.stdout).contains("/sign-in/"), "the right root key still opens it");
}

async fn server_program(site: &Site, arguments: &[&str], root_key: &str) -> Output {
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_keyslot-server"));
    program.args(arguments).arg("--data").arg(site.folder.join("data"));
    program.env("DATABASE_URL", &site.url).env(ROOT_KEY_VARIABLE, root_key).kill_on_drop(true);
    let limit = std::time::Duration::from_secs(60);
    tokio::time::timeout(limit, program.output()).await.expect("it ends").expect("it runs")
}

/// Starts a session whose clone never ends, stops that server as a power cut would, and starts another.
async fn a_server_stopped_in_mid_clone_says_so_at_the_next_start(url: String) {
    let folder = crate::support::new_folder();
    let path = folder.path().to_owned();
    let host = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = format!("git://127.0.0.1:{}/shop", host.local_addr().unwrap().port());
    let first = tokio::runtime::Runtime::new().unwrap();
    let course = {
        let (url, path) = (url.clone(), path.clone());
        first.spawn(async move {
            let site = Site::start_in(&url, &path).await;
            let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
            let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
            crate::support::run_sql(&url, &format!("UPDATE repositories SET location = '{address}'")).await;
            site.owner().await.start(&configuration, "work").await.expect("starts")
        })
    };
    let session = course.await.expect("no panic");
    // git is connected and waits for an answer that never comes.
    let (_held, _) = host.accept().await.unwrap();
    first.shutdown_background();

    let site = Site::start_in(&url, &path).await;
    let owner = site.owner().await;
    let view = owner.session(&session).await.expect("the session");
    assert_eq!(view.state, SessionState::Failed);
    let words = view.error.expect("words");
    assert!(words.contains("The server was stopped before this session was ready"), "{words}");
    let told = owner.thread(&session).await;
    let failures = told.iter().filter(|entry| matches!(&entry.event, ThreadEvent::Failure { text } if *text == words));
    assert_eq!(failures.count(), 1, "{told:?}");
    site.keyslot.fail_interrupted().await.expect("looks again");
    assert_eq!(owner.thread(&session).await.len(), told.len(), "it is said once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stopped_in_mid_clone_says_so_on_sqlite() {
    on_sqlite(a_server_stopped_in_mid_clone_says_so_at_the_next_start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stopped_in_mid_clone_says_so_on_postgres() {
    on_postgres(a_server_stopped_in_mid_clone_says_so_at_the_next_start).await;
}

crate::on_both!(a_wrong_root_key_refuses_to_start_in_words_and_changes_nothing);
