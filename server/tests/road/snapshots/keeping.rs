//! Saving, calling off, choosing and deleting.

use super::{COOKIE, DATABASE, act, filled, kept, save, saved, snapshots, when};
use crate::support::{Site, new_folder, on_postgres, on_sqlite, until};
use app::api::thread::ThreadEvent;
use domain::environment::Counts;
use domain::member::Role;
use domain::snapshot::SnapshotState;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use tokio_util::sync::CancellationToken;

/// So large that a save of it can be caught in the middle.
const LARGE: u64 = 4 << 30;

async fn a_snapshot_is_an_archive_of_the_workspace_without_values(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let before = site.file(&setup.id, ".env");
    let done = saved(&owner, &setup.id, " Everything installed ").await;
    assert_eq!((done.state, done.current, done.name.as_str()), (SnapshotState::Ready, true, "Everything installed"));
    assert_eq!(done.readiness, Counts { required_set: 2, required: 2, ..Counts::default() });
    assert!(done.files > 10 && done.bytes_done > 0 && done.bytes_total == done.bytes_done, "{done:?}");
    let report = &done.report;
    assert_eq!((report.scrubbed.len(), report.scrubbed[0].place.as_str(), report.searched_keys), (1, ".env", 2));
    let keys: Vec<_> = report.scrubbed[0].keys.iter().map(ToString::to_string).collect();
    assert_eq!(keys, ["DATABASE_URL", "COOKIE_SECRET"]);
    assert!(report.findings.is_empty() && report.unsearched.is_empty(), "{report:?}");
    assert_eq!(site.file(&setup.id, ".env"), before, "the values are back");

    let archives = kept(&site);
    assert_eq!(archives.len(), 1, "{archives:?}");
    let about = std::fs::metadata(&archives[0]).unwrap();
    assert_eq!((Some(about.len()), about.permissions().mode() & 0o777), (done.size, 0o600));
    for folder in archives[0].ancestors().skip(1).take(2) {
        assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700, "{folder:?}");
    }
    let mut bytes = Vec::new();
    zstd::Decoder::new(File::open(&archives[0]).unwrap()).unwrap().read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("src/db.js") && text.contains("process.env.DATABASE_URL"));
    for value in [DATABASE, COOKIE] {
        assert!(!text.contains(value));
    }
    let ends =
        |event: &ThreadEvent| matches!(event, ThreadEvent::Snapshot { state: SnapshotState::Ready, findings: 0, .. });
    owner.hears(&setup.id, "the end", |event| ends(event).then_some(())).await;
    let told = owner.thread(&setup.id).await;
    assert_eq!(told.iter().filter(|entry| ends(&entry.event)).count(), 1, "{told:?}");
}

async fn the_files_are_away_while_it_is_saved_and_a_cancelled_one_leaves_nothing(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    File::create(site.workspace(&setup.id).join("large")).unwrap().set_len(LARGE).unwrap();
    let before = site.file(&setup.id, ".env");
    let begun = save(&owner, &setup.id, "", false).await.expect("it begins");
    let id = begun.id.as_str();
    let under_way = when(&owner, &setup.id, id, |one| one.bytes_done > 0 && one.bytes_total > LARGE).await;
    assert_eq!(under_way.state, SnapshotState::Saving, "it is caught in the middle");
    assert_eq!(site.file(&setup.id, ".env"), None, "nothing is in the files meanwhile");

    let again = save(&owner, &setup.id, "", false).await.expect_err("one at a time");
    assert_eq!(again.status, 409, "{again:?}");
    let early = act(&owner, "delete_snapshot", &setup.id, id).await.expect_err("it is being saved");
    assert_eq!(early.status, 409, "{early:?}");
    // A value that is saved meanwhile waits its turn.
    let target = format!("session:{}", setup.id);
    let saving = {
        let (owner, target) = (owner.clone(), target.clone());
        tokio::spawn(async move { owner.save((&target, ".env", "COOKIE_SECRET"), "organization", "new cookie").await })
    };
    let off = act(&owner, "cancel_snapshot", &setup.id, id).await.expect("called off");
    assert_eq!(off[0].state, SnapshotState::Cancelled);
    saving.await.unwrap().expect("saved");
    let file = || site.file(&setup.id, ".env").unwrap_or_default();
    until("the files are back", || async { file().contains(DATABASE) && file().contains("new cookie") }).await;
    assert_ne!(site.file(&setup.id, ".env"), before);
    let off = |event: &ThreadEvent| matches!(event, ThreadEvent::Snapshot { state: SnapshotState::Cancelled, .. });
    owner.hears(&setup.id, "the end", |event| off(event).then_some(())).await;
    assert!(kept(&site).is_empty(), "{:?}", kept(&site));
    let twice = act(&owner, "cancel_snapshot", &setup.id, id).await.expect_err("it is over");
    assert_eq!(twice.status, 409);
    act(&owner, "delete_snapshot", &setup.id, id).await.expect("the entry goes");
    assert!(snapshots(&owner, &setup.id).await.is_empty());
}

async fn people_choose_and_delete_what_the_next_sessions_start_from(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let (one, two) = (saved(&owner, &setup.id, "one").await, saved(&owner, &setup.id, "two").await);
    let current =
        |all: &[app::api::snapshots::SnapshotView]| all.iter().find(|one| one.current).map(|one| one.name.clone());
    assert_eq!(current(&snapshots(&owner, &setup.id).await).as_deref(), Some("two"));
    let all = act(&owner, "use_snapshot", &setup.id, one.id.as_str()).await.expect("chosen");
    assert_eq!(current(&all).as_deref(), Some("one"));
    assert_eq!(current(&act(&owner, "use_snapshot", &setup.id, "").await.expect("none")), None);
    act(&owner, "use_snapshot", &setup.id, two.id.as_str()).await.expect("chosen");
    let left = act(&owner, "delete_snapshot", &setup.id, two.id.as_str()).await.expect("deleted");
    assert_eq!((left.len(), current(&left), kept(&site).len()), (1, None, 1));
    let gone = act(&owner, "use_snapshot", &setup.id, two.id.as_str()).await.expect_err("it is gone");
    assert_eq!(gone.status, 404);
}

async fn only_members_of_the_organization_save_and_only_what_runs(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let viewer = site.member(&site.organization().await, "viewer", Role::Viewer).await;
    let done = saved(&owner, &setup.id, "").await;
    let id = done.id.as_str();
    for function in ["cancel_snapshot", "delete_snapshot", "repeat_snapshot", "use_snapshot"] {
        let refused = act(&viewer, function, &setup.id, id).await.expect_err(function);
        assert_eq!(refused.status, 403, "{function}");
    }
    assert_eq!(save(&viewer, &setup.id, "", true).await.expect_err("a viewer").status, 403);
    assert_eq!(snapshots(&viewer, &setup.id).await.len(), 1, "a viewer sees them");
    let others = site.member(&site.other_organization().await, "other", Role::Owner).await;
    assert_eq!(save(&others, &setup.id, "", true).await.expect_err("of another organization").status, 404);
    assert_eq!(act(&others, "delete_snapshot", &setup.id, id).await.expect_err("of another").status, 404);

    let long = "x".repeat(201);
    assert_eq!(save(&owner, &setup.id, &long, true).await.expect_err("too long").status, 422);
    owner.finish(&setup.id, true).await.expect("finished");
    assert_eq!(save(&owner, &setup.id, "", true).await.expect_err("it is over").status, 409);
}

/// Stops a server in the middle of a save as a power cut would, and starts another.
async fn a_server_stopped_in_mid_save_says_so_and_gives_the_values_back(url: String) {
    let folder = new_folder();
    let path = folder.path().to_owned();
    let first = tokio::runtime::Runtime::new().unwrap();
    let course = {
        let (url, path) = (url.clone(), path.clone());
        first.spawn(async move {
            let site = Site::start_in(&url, &path).await;
            let owner = site.owner().await;
            let setup = filled(&site, &owner).await;
            File::create(site.workspace(&setup.id).join("large")).unwrap().set_len(LARGE).unwrap();
            let begun = save(&owner, &setup.id, "", true).await.expect("it begins");
            when(&owner, &setup.id, begun.id.as_str(), |one| one.bytes_done > 0).await;
            setup.id
        })
    };
    let session = course.await.expect("no panic");
    first.shutdown_background();

    let site = Site::start_in(&url, &path).await;
    let owner = site.owner().await;
    let all = snapshots(&owner, &session).await;
    let error = all[0].error.clone().unwrap_or_default();
    assert!(all[0].state == SnapshotState::Failed && error.contains("The server was stopped"), "{all:?}");
    assert!(kept(&site).is_empty(), "{:?}", kept(&site));
    let closing = CancellationToken::new();
    let keeper = tokio::spawn({
        let (keyslot, closing) = (site.keyslot.clone(), closing.clone());
        async move { keyslot.keep_up(closing).await }
    });
    until("the values are back", || async { site.file(&session, ".env").is_some_and(|file| file.contains(DATABASE)) })
        .await;
    closing.cancel();
    keeper.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stopped_in_mid_save_says_so_on_sqlite() {
    on_sqlite(a_server_stopped_in_mid_save_says_so_and_gives_the_values_back).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_stopped_in_mid_save_says_so_on_postgres() {
    on_postgres(a_server_stopped_in_mid_save_says_so_and_gives_the_values_back).await;
}

crate::on_both!(
    a_snapshot_is_an_archive_of_the_workspace_without_values,
    only_members_of_the_organization_save_and_only_what_runs,
    people_choose_and_delete_what_the_next_sessions_start_from,
    the_files_are_away_while_it_is_saved_and_a_cancelled_one_leaves_nothing,
);
