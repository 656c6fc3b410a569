//! Sessions that start from a snapshot.

use super::{COOKIE, DATABASE, filled, git, kept, saved, snapshots, write};
use crate::support::{Site, json_spec};
use app::api::thread::ThreadEvent;
use domain::snapshot::SnapshotState;
use serde_json::json;
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

/// Everything in a folder: kind, mode, time and content of each path.
fn tree(folder: &Path) -> BTreeMap<String, (u32, i64, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(folder).min_depth(1).into_iter().map(|entry| entry.expect("an entry"));
    let read = |entry: walkdir::DirEntry| {
        let about = entry.path().symlink_metadata().expect("metadata");
        let content = match about.file_type() {
            kind if kind.is_symlink() => {
                std::fs::read_link(entry.path()).expect("a target").to_string_lossy().into_owned().into_bytes()
            }
            kind if kind.is_file() => std::fs::read(entry.path()).expect("content"),
            _ => Vec::new(),
        };
        let place = entry.path().strip_prefix(folder).expect("below").to_string_lossy().into_owned();
        // What Keyslot wrote is written afresh, and its folders change with it.
        let ours = place.starts_with(".keyslot") || about.is_dir() || place == ".env" || place == ".git/info/exclude";
        (place, (about.mode(), if ours { 0 } else { about.mtime() }, content))
    };
    entries.map(read).collect()
}

async fn the_next_session_starts_from_the_snapshot_with_the_same_tree(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let folder = site.workspace(&setup.id);
    write(&folder, "node_modules/left/index.js", "module.exports = 1\n");
    write(&folder, "bin/run", "#!/bin/sh\n");
    std::fs::set_permissions(folder.join("bin/run"), std::fs::Permissions::from_mode(0o4755)).unwrap();
    write(&folder, "locked/file", "x");
    std::fs::set_permissions(folder.join("locked/file"), std::fs::Permissions::from_mode(0o440)).unwrap();
    std::fs::set_permissions(folder.join("locked"), std::fs::Permissions::from_mode(0o555)).unwrap();
    std::fs::create_dir(folder.join("empty")).unwrap();
    write(&folder, &format!("{}/deep.txt", "a-long-name-of-a-folder/".repeat(8)), "deep");
    write(&folder, "non\u{e4}scii \u{1f511}.txt", "name");
    symlink("../bin/run", folder.join("node_modules/run")).unwrap();
    symlink("/etc/hostname", folder.join("outside")).unwrap();
    let done = saved(&owner, &setup.id, "installed").await;
    assert_eq!(done.state, SnapshotState::Ready, "{done:?}");
    // Nothing can be cloned any more.
    std::fs::rename(site.folder.join("repositories/shop"), site.folder.join("repositories/away")).unwrap();

    let work = owner.work(&setup.configuration).await;
    let told = owner.thread(&work.id).await;
    let restored = |event: &ThreadEvent| matches!(event, ThreadEvent::Restored { name } if name == "installed");
    assert!(told.iter().any(|entry| restored(&entry.event)), "{told:?}");
    let (mut here, there) = (tree(&folder), tree(&site.workspace(&work.id)));
    // The bit that lends a program its owner's rights is dropped.
    here.get_mut("bin/run").unwrap().0 &= !0o4000;
    assert_eq!(here.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
    for (place, was) in &here {
        assert_eq!(Some(was), there.get(place), "{place}");
    }
    assert!(site.file(&work.id, ".env").expect("the file").contains(COOKIE), "the values are written afresh");
    git(&site.workspace(&work.id), &["status"]);
    // So does a setup.
    let again = owner.start(&setup.configuration, "setup").await.expect("starts");
    let again = owner.wait(&again, "the first apply", |view| view.receipt.is_some()).await;
    assert!(site.file(&again.id, "node_modules/left/index.js").is_some());
    for session in [&setup.id, &work.id, &again.id] {
        let locked = site.workspace(session).join("locked");
        std::fs::set_permissions(locked, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

async fn a_snapshot_that_cannot_be_used_is_told_and_the_session_clones(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    write(&site.workspace(&setup.id), "extra.txt", "only in the snapshot");
    saved(&owner, &setup.id, "good").await;
    let archive = kept(&site).remove(0);
    let whole = std::fs::read(&archive).unwrap();
    let other = zstd::encode_all(&b""[..], 3).unwrap();
    let mut bent = whole.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    for damaged in [Some(whole[..whole.len() - 9].to_vec()), Some(bent), Some(other), None] {
        match damaged {
            Some(bytes) => std::fs::write(&archive, bytes).unwrap(),
            None => std::fs::remove_file(&archive).unwrap(),
        }
        let work = owner.work(&setup.configuration).await;
        let told = owner.thread(&work.id).await;
        let failure = told.iter().find_map(|entry| match &entry.event {
            ThreadEvent::Failure { text } => Some(text.clone()),
            _ => None,
        });
        let failure = failure.expect("it is told");
        assert!(failure.contains("“good” could not be used") && failure.contains("cloned instead"), "{failure}");
        assert!(site.file(&work.id, "extra.txt").is_none() && site.file(&work.id, "src/db.js").is_some());
        assert!(site.file(&work.id, ".env").expect("the file").contains(DATABASE));
        assert!(!site.workspace(&work.id).parent().unwrap().join("restoring").exists(), "nothing half is left");
    }
}

async fn a_workspace_of_several_repositories_is_kept_as_a_whole(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"workspacePath": "web", "path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("web", "web"), ("api", "services/api")], &spec).await;
    let target = format!("configuration:{configuration}");
    owner.save((&target, "web/.env", "A"), "organization", "value-of-a").await.expect("saved");
    let work = owner.work(&configuration).await;
    write(&site.workspace(&work.id), "services/shared.txt", "between them");
    let done = saved(&owner, &work.id, "both").await;
    assert_eq!((done.state, done.report.scrubbed[0].place.as_str()), (SnapshotState::Ready, "web/.env"));
    std::fs::remove_dir_all(site.folder.join("repositories")).unwrap();
    let next = owner.work(&configuration).await;
    for place in ["web/README.md", "services/api/README.md", "services/shared.txt", "services/api/.git/HEAD"] {
        assert!(site.file(&next.id, place).is_some(), "{place}");
    }
    assert!(site.file(&next.id, "web/.env").expect("the file").contains("value-of-a"));
    assert_eq!(snapshots(&owner, &next.id).await.len(), 1, "it belongs to the configuration");
}

crate::on_both!(
    a_snapshot_that_cannot_be_used_is_told_and_the_session_clones,
    a_workspace_of_several_repositories_is_kept_as_a_whole,
    the_next_session_starts_from_the_snapshot_with_the_same_tree,
);
