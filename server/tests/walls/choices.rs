//! What an administrator chooses about the wall, and what a machine without one refuses.

use super::commands::Story;
use super::real::{Who, called_with, until};
use crate::support::new_folder;
use domain::ids::SessionId;
use serde_json::Value;

/// Whom the server runs as: root where the test is root.
const WHO: Who = Who::Root;

/// What a server function answers about a session.
fn call(story: &Story, function: &str, session: &SessionId) -> String {
    story.real.call(&story.cookie, function, &[("session", session.as_str()), ("name", "")]).1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_bubblewrap_the_server_serves_and_says_why_it_runs_nothing() {
    let word = format!("never-{}", uuid::Uuid::now_v7().simple());
    let nothing = new_folder();
    let path = nothing.path().display().to_string();
    let command = format!("sh -c 'echo ran > ran; sleep 300' {word}");
    let story = Story::new_with(WHO, &[], &[("PATH", &path)], &[&command]).await;
    let why = "bubblewrap (the program bwrap) is not installed";
    assert!(story.real.log().contains(why), "the log says it: {}", story.real.log());
    // Git reads what came from outside, so a checkout is refused.
    let session = story.work();
    until("the checkout is refused", || call(&story, "get_session", &session).contains(r#""state":"failed""#));
    let view: Value = serde_json::from_str(&call(&story, "get_session", &session)).expect("a session");
    for field in ["error", "wall"] {
        let said = view[field].as_str().unwrap_or_default();
        assert!(said.contains(why) && said.contains("--walls none"), "{field}: {view}");
    }
    // A session without repositories runs; its command does not, and it cannot be saved.
    let session = story.work_without_repositories(&[&command]).await;
    let refused = |said: &str| said.contains(why) && said.contains("--walls none");
    until("the thread says it", || refused(&call(&story, "get_thread", &session)));
    assert!(refused(&call(&story, "restart_commands", &session)));
    let saved = call(&story, "save_snapshot", &session);
    assert!(refused(&saved), "{saved}");
    assert_eq!(called_with(&word), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_network_of_programs_in_workspaces_is_this_machines_or_none() {
    // The names of the interfaces, and whether the server answers.
    let look = r#"{ ls /sys/class/net 2>/dev/null; sed -n '3,$s/:.*//p' /proc/net/dev
        (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null && echo REACHED; echo end; } > seen 2>&1; mv seen network"#;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let look = format!("bash -c '{}'", look.replace('\'', "'\\''")).replace("$PORT", &port(&listener));
    for (network, reached) in [("host", true), ("none", false)] {
        let story = Story::new(WHO, &["--sandbox-network", network], &[&look]).await;
        let session = story.work();
        let seen = story.file(&session, "network");
        assert!(seen.ends_with("end\n"), "{seen}");
        assert_eq!(seen.contains("REACHED"), reached, "{network}: {seen}");
    }
}

fn port(listener: &std::net::TcpListener) -> String {
    listener.local_addr().expect("an address").port().to_string()
}
