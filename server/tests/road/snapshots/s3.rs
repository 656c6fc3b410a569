//! Archives in an S3-compatible store, over HTTP and with signatures.

use super::{DATABASE, act, filled, saved, snapshots, write};
use crate::support::{Site, new_folder, on_postgres, on_sqlite};
use app::api::thread::ThreadEvent;
use domain::SecretValue;
use domain::snapshot::SnapshotState;
use server::config::{Config, S3Credentials};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const BUCKET: &str = "snapshots";
/// What the test's store asks for; known to everybody.
const KEY: &str = "S3RVER";

/// The store, stopped with the story.
struct Store {
    child: Child,
    address: String,
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start_store(folder: &Path) -> Store {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/node_modules/s3rver/bin/s3rver.js");
    let mut node = Command::new("node");
    node.arg(program).args([
        "--address",
        "127.0.0.1",
        "--port",
        "0",
        "--no-vhost-buckets",
        "--configure-bucket",
        BUCKET,
    ]);
    node.arg("--directory").arg(folder).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = node.spawn().expect("node runs: `make setup` installs the test's store");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
    let listening = lines.find(|line| line.contains("listening on")).expect("it listens");
    let port = listening.rsplit(':').next().expect("a port").trim().to_owned();
    // What it says later must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    Store { child, address: format!("http://127.0.0.1:{port}") }
}

fn config(folder: &Path, url: &str, address: &str, secret: &str) -> Config {
    let text = |text: &str| Some(SecretValue::new(text.to_owned()));
    Config {
        snapshots: Some(format!("s3://{BUCKET}/of/keyslot")),
        s3_endpoint: Some(address.to_owned()),
        s3_credentials: S3Credentials { id: text(KEY), secret: text(secret), token: None },
        ..Site::config(url, folder)
    }
}

fn objects(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    files.map(walkdir::DirEntry::into_path).filter(|path| path.to_string_lossy().contains(".tar.zst")).collect()
}

/// Noise that does not compress, so that an upload has several parts.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..bytes).map(next).collect()
}

async fn archives_are_kept_read_and_deleted_in_an_s3_compatible_store(url: String) {
    let (folder, kept) = (new_folder(), new_folder());
    let store = start_store(kept.path());
    let site = Site::start_with(&url, folder.path(), config(folder.path(), &url, &store.address, KEY)).await;
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    write(&site.workspace(&setup.id), "large.bin", noise(20 * 1024 * 1024));
    let done = saved(&owner, &setup.id, "far away").await;
    assert_eq!(done.state, SnapshotState::Ready, "{done:?}");
    assert!(done.size.is_some_and(|size| size > 16 * 1024 * 1024), "it has several parts: {done:?}");
    assert!(!objects(kept.path()).is_empty(), "it lies in the store");
    assert!(!site.keyslot.config().data.join("snapshots").exists(), "and not here");

    let work = owner.work(&setup.configuration).await;
    let told = owner.thread(&work.id).await;
    assert!(told.iter().any(|entry| matches!(entry.event, ThreadEvent::Restored { .. })), "{told:?}");
    let large = std::fs::read(site.workspace(&work.id).join("large.bin")).unwrap();
    assert!(large == noise(20 * 1024 * 1024), "the same bytes");

    // Blocked: the upload is taken back.
    let before = objects(kept.path()).len();
    write(&site.workspace(&setup.id), "zzz.txt", DATABASE);
    assert_eq!(saved(&owner, &setup.id, "").await.state, SnapshotState::Blocked);
    assert_eq!(objects(kept.path()).len(), before);
    act(&owner, "delete_snapshot", &setup.id, done.id.as_str()).await.expect("deleted");
    assert!(objects(kept.path()).is_empty(), "{:?}", objects(kept.path()));
    assert_eq!(snapshots(&owner, &setup.id).await.len(), 1);
}

async fn one_server_restores_what_another_one_saved(url: String) {
    let (here, there, kept) = (new_folder(), new_folder(), new_folder());
    let store = start_store(kept.path());
    let start = async |folder: &Path| Site::start_with(&url, folder, config(folder, &url, &store.address, KEY)).await;
    let one = start(here.path()).await;
    let owner = one.owner().await;
    let setup = filled(&one, &owner).await;
    write(&one.workspace(&setup.id), "node_modules/left/index.js", "module.exports = 1\n");
    let done = saved(&owner, &setup.id, "installed").await;
    assert_eq!(done.state, SnapshotState::Ready, "{done:?}");
    // Nothing can be cloned any more.
    std::fs::rename(here.path().join("repositories"), here.path().join("away")).unwrap();

    let other = start(there.path()).await;
    let guest = other.owner().await;
    let work = guest.work(&setup.configuration).await;
    let told = guest.thread(&work.id).await;
    let restored = |event: &ThreadEvent| matches!(event, ThreadEvent::Restored { name } if name == "installed");
    assert!(told.iter().any(|entry| restored(&entry.event)), "{told:?}");
    let installed = other.file(&work.id, "node_modules/left/index.js");
    assert_eq!(installed.as_deref(), Some("module.exports = 1\n"));
    assert!(other.file(&work.id, ".env").expect("the file").contains(DATABASE), "the values are written afresh");
    assert!(!one.workspace(&work.id).exists(), "it lies on the other one's disk alone");
}

async fn a_store_that_refuses_is_told_in_words_and_the_values_come_back(url: String) {
    let (folder, kept) = (new_folder(), new_folder());
    let store = start_store(kept.path());
    let right = config(folder.path(), &url, &store.address, "a secret");
    let wrong = Config { snapshots: Some("s3://no-such-bucket".to_owned()), ..right };
    let site = Site::start_with(&url, folder.path(), wrong).await;
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let failed = saved(&owner, &setup.id, "").await;
    let error = failed.error.expect("words");
    assert!(failed.state == SnapshotState::Failed && error.contains("store for snapshots"), "{error}");
    assert!(!error.contains("a secret") && !error.contains("no-such-bucket"), "{error}");
    assert!(site.file(&setup.id, ".env").expect("the file").contains(DATABASE), "the values are back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn archives_go_to_an_s3_compatible_store_and_back() {
    on_sqlite(archives_are_kept_read_and_deleted_in_an_s3_compatible_store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusing_store_is_told_in_words() {
    on_sqlite(a_store_that_refuses_is_told_in_words_and_the_values_come_back).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_server_saved_another_one_restores() {
    on_postgres(one_server_restores_what_another_one_saved).await;
}
