//! What a repository, or its address, tries on the server.

mod content;
mod folders;
mod hosts;

use crate::support::{Person, Refusal, Site};
use app::api::ApiError;
use app::api::sessions::{SessionState, SessionView};
use domain::ids::SessionId;
use server::config::Config;
use std::path::Path;
use std::process::Command;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["-c", "user.name=Test", "-c", "user.email=test@example.test"]);
    let output = git.args(arguments).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Words of a refusal about a field, or about what the actor may do.
fn words(refused: Refusal) -> String {
    match refused.error {
        ApiError::Invalid { message, .. } | ApiError::Conflict { message } => message,
        ApiError::Forbidden { action } => action,
        other => panic!("{other:?}"),
    }
}

/// A server that others reach, in a folder of its own.
async fn public_site(url: &str, folder: &Path, change: impl FnOnce(&mut Config)) -> Site {
    let mut config = Site::config(url, folder);
    config.listen = ([0, 0, 0, 0], 3000).into();
    change(&mut config);
    Site::start_with(url, folder, config).await
}

/// A session that failed or runs.
async fn over(owner: &Person, session: &SessionId) -> SessionView {
    loop {
        let view = owner.session(session).await.expect("the session");
        if matches!(view.state, SessionState::Failed | SessionState::Running | SessionState::Open) {
            return view;
        }
        tokio::time::sleep(std::time::Duration::from_millis(15)).await;
    }
}
