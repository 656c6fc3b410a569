//! What the workspace of a session tries on the snapshot that is made of it, and so on everybody who starts from it.

mod guard;
mod places;
mod plain;

use crate::support::{Person, Site};
use app::api::sessions::SessionView;
use app::api::snapshots::SnapshotView;
use domain::ids::SessionId;
use domain::snapshot::SnapshotState;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);
/// A value that is nowhere but where a story puts it.
const VALUE: &str = "p#ss-of/the+shop";

/// A setup session with one value in its files.
async fn filled(site: &Site, owner: &Person) -> SessionView {
    let setup = owner.connected(&site.repository("shop", &[(".env.example", "DATABASE_PASSWORD=\n")])).await;
    let target = format!("session:{}", setup.id);
    owner.save((&target, ".env", "DATABASE_PASSWORD"), "organization", VALUE).await.expect("saved");
    setup
}

/// Saves a snapshot, makes it current, and waits for its end.
async fn saved(owner: &Person, session: &SessionId) -> SnapshotView {
    let fields = [("session", session.as_str()), ("name", ""), ("make_current", "true")];
    let all: Vec<SnapshotView> = owner.call("save_snapshot", &fields).await.expect("it begins");
    ended(owner, session, all.into_iter().next().expect("the new one").id.as_str()).await
}

/// Waits for the end of a save.
async fn ended(owner: &Person, session: &SessionId, id: &str) -> SnapshotView {
    let since = Instant::now();
    loop {
        let all: Vec<SnapshotView> =
            owner.call("get_snapshots", &[("session", session.as_str())]).await.expect("the snapshots");
        let one = all.into_iter().find(|one| one.id.as_str() == id).expect("the snapshot");
        if one.state != SnapshotState::Saving {
            return one;
        }
        assert!(since.elapsed() < PATIENCE, "it takes too long: {one:?}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// The archive of a snapshot.
fn archive(site: &Site, snapshot: &SnapshotView) -> PathBuf {
    let folder = site.keyslot.config().data.join("snapshots");
    let mut files = walkdir::WalkDir::new(folder).into_iter().flatten().map(walkdir::DirEntry::into_path);
    files.find(|path| path.to_string_lossy().contains(snapshot.id.as_str())).expect("its archive")
}

/// Every path in an archive, with its content.
fn content(archive: &Path) -> BTreeMap<String, Vec<u8>> {
    let file = std::fs::File::open(archive).expect("the archive");
    let mut tar = tar::Archive::new(zstd::Decoder::new(file).expect("zstd"));
    let entries = tar.entries().expect("entries").map(|entry| {
        let mut entry = entry.expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("content");
        (entry.path().expect("a path").display().to_string(), bytes)
    });
    entries.collect()
}

fn write(folder: &Path, place: &str, content: impl AsRef<[u8]>) {
    let file = folder.join(place);
    std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
    std::fs::write(file, content).expect("a file");
}
