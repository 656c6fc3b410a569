//! What runs in a workspace does not fill the disk: by files, by files without a name, or by ignoring who ends it.

use super::commands::Story;
use super::real::{Who, until};
use axum::http::StatusCode;
use domain::ids::SessionId;

/// Writes some tens of megabytes a second, whatever it is told.
fn flood(place: &str) -> String {
    format!("trap '' TERM; {place}; while :; do head -c 4000000 /dev/zero >&3; sleep 0.05; done")
}

fn thread(story: &Story, session: &SessionId) -> String {
    story.real.call(&story.cookie, "get_thread", &[("session", session.as_str())]).1
}

async fn who_outgrows_the_workspace_is_stopped(who: Who) {
    let story = Story::new(who, &["--max-workspace-mb", "24"], &[]).await;
    let said = "The commands of this session were stopped. The workspace has more than 24 MB";
    let named = story.work_without_repositories(&[&flood("exec 3> filling")]).await;
    let nameless = story.work_without_repositories(&[&flood("exec 3> filling; rm filling")]).await;
    for session in [&named, &nameless] {
        until("the commands are stopped", || thread(&story, session).contains(said));
    }
    let again = |session: &SessionId| {
        story.real.call(&story.cookie, "restart_command", &[("session", session.as_str()), ("at", "0")])
    };
    let (status, words) = again(&named);
    assert!(status == StatusCode::CONFLICT && words.contains("--max-workspace-mb"), "{status} {words}");
    let runs = story.real.call(&story.cookie, "get_command_runs", &[("session", named.as_str())]).1;
    assert!(!runs.to_lowercase().contains("running"), "{runs}");
    let fields = [("session", named.as_str()), ("at", "0"), ("after", "0")];
    let output = story.real.call(&story.cookie, "get_command_output", &fields).1;
    assert!(output.contains("more than 24 MB"), "its output says why: {output}");
    assert_eq!(again(&nameless).0, StatusCode::OK, "its files went with it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_outgrows_the_workspace_of_an_ordinary_server_is_stopped() {
    who_outgrows_the_workspace_is_stopped(Who::Ordinary).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_outgrows_the_workspace_of_a_server_that_is_root_is_stopped() {
    who_outgrows_the_workspace_is_stopped(Who::Root).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_disk_is_nearly_full_no_command_starts() {
    let story = Story::new(Who::Ordinary, &["--keep-free-mb", "1000000000"], &["touch started"]).await;
    let session = story.work();
    let said = "The auto-start commands were not started. The server's disk has less than 1000000000 MB free";
    until("it is said", || thread(&story, &session).contains(said));
    assert!(!story.site.workspace(&session).join("started").exists());
}
