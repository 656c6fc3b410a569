//! Snapshots: saved without values, blocked where there are some, and what sessions start from.

mod agents;
mod guard;
mod keeping;
mod restore;
mod s3;

use crate::support::{Person, Refusal, Site};
use app::api::sessions::SessionView;
use app::api::snapshots::SnapshotView;
use domain::ids::SessionId;
use domain::snapshot::SnapshotState;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a save may take before a story fails.
const PATIENCE: Duration = Duration::from_secs(120);
/// Values that are nowhere but where a story puts them.
pub(super) const DATABASE: &str = "postgres://shop:p#ss/w0rd+1@db.test/shop";
pub(super) const COOKIE: &str = "c00kie \"quoted\" s3cret";

/// A setup session with both values set, in the files of its workspace.
pub(super) async fn filled(site: &Site, owner: &Person) -> SessionView {
    let files = [
        (".env.example", "# Where the orders are kept\nDATABASE_URL=\n# Signs the cookies\nCOOKIE_SECRET=\n"),
        ("src/app.js", "import './db.js'\n"),
        ("src/db.js", "export const url = process.env.DATABASE_URL\n"),
    ];
    let setup = owner.connected(&site.repository("shop", &files)).await;
    let target = format!("session:{}", setup.id);
    owner.save((&target, ".env", "DATABASE_URL"), "organization", DATABASE).await.expect("saved");
    owner.save((&target, ".env", "COOKIE_SECRET"), "organization", COOKIE).await.expect("saved");
    assert!(site.file(&setup.id, ".env").expect("the file").contains(DATABASE));
    setup
}

pub(super) async fn save(
    owner: &Person,
    session: &SessionId,
    name: &str,
    current: bool,
) -> Result<SnapshotView, Refusal> {
    let current = if current { "true" } else { "false" };
    let fields = [("session", session.as_str()), ("name", name), ("make_current", current)];
    let all: Vec<SnapshotView> = owner.call("save_snapshot", &fields).await?;
    Ok(all.into_iter().next().expect("the new one"))
}

pub(super) async fn snapshots(owner: &Person, session: &SessionId) -> Vec<SnapshotView> {
    owner.call("get_snapshots", &[("session", session.as_str())]).await.expect("the snapshots")
}

/// Does something with a snapshot.
pub(super) async fn act(
    person: &Person,
    function: &str,
    session: &SessionId,
    snapshot: &str,
) -> Result<Vec<SnapshotView>, Refusal> {
    person.call(function, &[("session", session.as_str()), ("snapshot", snapshot)]).await
}

/// Waits until a snapshot is as wanted.
pub(super) async fn when(
    owner: &Person,
    session: &SessionId,
    id: &str,
    wanted: impl Fn(&SnapshotView) -> bool,
) -> SnapshotView {
    let since = Instant::now();
    loop {
        let all = snapshots(owner, session).await;
        let one = all.into_iter().find(|one| one.id.as_str() == id).expect("the snapshot");
        if wanted(&one) {
            return one;
        }
        assert!(since.elapsed() < PATIENCE, "it takes too long: {one:?}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// Saves, and waits for the end.
pub(super) async fn saved(owner: &Person, session: &SessionId, name: &str) -> SnapshotView {
    let begun = save(owner, session, name, true).await.expect("it begins");
    when(owner, session, begun.id.as_str(), |one| one.state != SnapshotState::Saving).await
}

/// Every archive that is kept, and what is left of broken ones.
pub(super) fn kept(site: &Site) -> Vec<PathBuf> {
    let folder = site.keyslot.config().data.join("snapshots");
    let files = walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    files.map(walkdir::DirEntry::into_path).collect()
}

pub(super) fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["-c", "safe.directory=*", "-c", "user.name=Test"]);
    git.args(["-c", "user.email=test@example.test"]);
    let output = git.args(arguments).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub(super) fn write(folder: &Path, place: &str, content: impl AsRef<[u8]>) {
    let file = folder.join(place);
    std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
    std::fs::write(file, content).expect("a file");
}
