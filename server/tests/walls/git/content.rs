//! What stands in a repository or a workspace.

use super::{git, over};
use crate::support::{Site, git_repository, json_spec, new_folder, on_sqlite};
use app::api::sessions::SessionState;
use app::api::thread::ThreadEvent;
use domain::snapshot::{SnapshotState, Spot};
use serde_json::json;
use server::wall::WallChoice;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

const VALUE: &str = "postgres://shop:p4ss-that-stays-shut@db.test/shop";
/// Tells a test that it runs in a process of its own, in this folder.
const FOLDER: &str = "KEYSLOT_TEST_FOLDER";

/// A bare repository in the workspace, whose settings start a program as soon as git reads its index.
fn bare_with_fsmonitor(workspace: &Path, marker: &Path) {
    let made = new_folder();
    git_repository(made.path(), &[("settings.txt", VALUE)]);
    git(made.path(), &["update-index", "--fsmonitor"]);
    let hook = format!("touch {}; false", marker.display());
    git(made.path(), &["config", "core.fsmonitor", &hook]);
    git(made.path(), &["config", "core.hooksPath", "hooks"]);
    let copied = Command::new("cp").arg("-r").arg(made.path().join(".git")).arg(workspace.join("bare")).status();
    assert!(copied.expect("cp runs").success());
}

/// git would wait for ever for what nobody writes into the pipe.
async fn a_pipe_at_the_place_of_a_repositorys_file_holds_no_snapshot_up(site: Site) {
    let owner = site.owner().await;
    let setup = owner.connected(&site.repository("shop", &[(".env.example", "DATABASE_URL=\n")])).await;
    owner.save((&format!("session:{}", setup.id), ".env", "DATABASE_URL"), "organization", VALUE).await.expect("saved");
    let workspace = site.workspace(&setup.id);
    bare_with_fsmonitor(&workspace, &site.folder.join("ran"));
    fs::remove_file(workspace.join("bare/index")).unwrap();
    for pipe in ["bare/index", "bare/HEAD", "bare/packed-refs"] {
        let _ = fs::remove_file(workspace.join(pipe));
        assert!(Command::new("mkfifo").arg(workspace.join(pipe)).status().expect("it runs").success());
    }
    let saved = owner.snapshot(&setup.id).await;
    assert_eq!(saved.state, SnapshotState::Blocked, "{saved:?}");
    let named = |one: &domain::snapshot::Finding| one.place == "settings.txt";
    assert!(saved.report.findings.iter().any(named), "{:?}", saved.report.findings);
}

async fn settings_of_a_tracked_bare_repository_start_no_program(site: Site) {
    let owner = site.owner().await;
    let setup = owner.connected(&site.repository("shop", &[(".env.example", "DATABASE_URL=\n")])).await;
    owner.save((&format!("session:{}", setup.id), ".env", "DATABASE_URL"), "organization", VALUE).await.expect("saved");
    let marker = site.folder.join("ran");
    bare_with_fsmonitor(&site.workspace(&setup.id), &marker);

    let saved = owner.snapshot(&setup.id).await;
    assert_eq!(saved.state, SnapshotState::Blocked, "{saved:?}");
    let report = saved.report;
    let named = report.findings.iter().any(|one| matches!(one.spot, Spot::GitObject(_)) && one.place == "settings.txt");
    assert!(named, "the object has its path: {:?}", report.findings);
    assert!(!marker.exists(), "a program ran");
}

async fn a_symlink_of_one_repository_leads_no_other_out_of_the_workspace(site: Site) {
    let owner = site.owner().await;
    let outside = site.folder.join("outside");
    fs::create_dir(&outside).unwrap();
    let outer = site.folder.join("repositories/outer");
    fs::create_dir_all(&outer).unwrap();
    symlink(&outside, outer.join("services")).unwrap();
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    for place in ["services", "services/api"] {
        let (configuration, _) = site.configuration(&[("outer", "."), ("inner", place)], &spec).await;
        let session = owner.start(&configuration, "work").await.expect("starts");
        let view = over(&owner, &session).await;
        assert_eq!(view.state, SessionState::Failed, "{place}");
        assert!(view.error.expect("words").contains("the repository around it has something there"));
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "{place} was written outside of the workspace");
        crate::support::run_sql(&site.url, "DELETE FROM configuration_repositories").await;
        crate::support::run_sql(&site.url, "DELETE FROM repositories").await;
    }
}

async fn submodules_are_named_and_nothing_of_theirs_is_run_or_read(site: Site) {
    let owner = site.owner().await;
    let (marker, other) = (site.folder.join("ran"), site.repository("other", &[("a.txt", "a")]));
    let modules = format!(
        "[submodule \"a\"]\n\tpath = vendor/lib\n\turl = ext::sh -c 'touch {marker}'\n\
         [submodule \"b\"]\n\tpath = ../outside\n\turl = {other}\n\
         [submodule \"c\"]\n\tpath = vendor/other\n\turl = {other}\n\tupdate = !touch {marker}\n\
         [include]\n\tpath = {included}\n",
        marker = marker.display(),
        included = site.folder.join("data/root.key").display(),
    );
    let location = site.repository("shop", &[(".gitmodules", &modules)]);
    let folder = PathBuf::from(&location);
    let commit = git(Path::new(&other), &["rev-parse", "HEAD"]);
    for place in ["vendor/lib", "vendor/other"] {
        git(&folder, &["update-index", "--add", "--cacheinfo", &format!("160000,{commit},{place}")]);
    }
    git(&folder, &["commit", "-qm", "submodules"]);

    let setup = owner.connected(&location).await;
    let expected = ["vendor/lib", "vendor/other"].map(str::to_owned).to_vec();
    let named = |places: &[domain::RelativePath]| places.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(named(&setup.receipt.expect("a receipt").submodules), expected);
    let told = owner.thread(&setup.id).await;
    let told = told.iter().find_map(|entry| match &entry.event {
        ThreadEvent::Submodules { places } => Some(named(places)),
        _ => None,
    });
    assert_eq!(told, Some(expected));
    assert_eq!(fs::read_dir(site.workspace(&setup.id).join("vendor/other")).unwrap().count(), 0);
    assert!(!marker.exists(), "a program ran");
}

/// The user that the server runs as has hooks, filters and helpers of their own, and a repository asks for them.
fn home_with_programs(home: &Path) {
    let program = |place: &str| {
        let (path, marker) = (home.join(place), home.join("ran"));
        fs::create_dir_all(path.parent().expect("a folder")).unwrap();
        fs::write(&path, format!("#!/bin/sh\ntouch {}\ncat\n", marker.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    };
    let hook = program("hooks/post-checkout");
    let template = program("template/hooks/post-checkout");
    let filter = program("filter");
    let config = format!(
        "[init]\n\ttemplateDir = {}\n[core]\n\thooksPath = {}\n\tfsmonitor = {filter}\n\
         [filter \"lfs\"]\n\tsmudge = {filter}\n\trequired = true\n[filter \"own\"]\n\tsmudge = {filter}\n",
        template.trim_end_matches("/hooks/post-checkout"),
        hook.trim_end_matches("/post-checkout"),
    );
    fs::write(home.join(".gitconfig"), config).unwrap();
}

/// A home folder belongs to a process, so the story runs in one of its own, with a wall and without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_the_servers_user_start_no_program_for_a_repository() {
    const TEST: &str = "git::content::settings_of_the_servers_user_start_no_program_for_a_repository";
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        let folder = new_folder();
        let files = [(".gitattributes", "*.bin filter=lfs\n*.own filter=own\n"), ("a.bin", "a"), ("a.own", "a")];
        git_repository(&folder.path().join("repository"), &files);
        let home = folder.path().join("home");
        home_with_programs(&home);
        let me = std::env::current_exe().expect("this program");
        let mut story = Command::new(me);
        story.args(["--exact", TEST]).env("HOME", &home).env(FOLDER, folder.path());
        assert!(story.status().expect("it runs").success());
        return;
    };
    for walls in [WallChoice::Auto, WallChoice::None] {
        let (own, repository) = (new_folder(), folder.join("repository").display().to_string());
        let story = |url: String| async move {
            let mut config = Site::config(&url, own.path());
            config.walls.walls = walls;
            let site = Site::start_with(&url, own.path(), config).await;
            let setup = site.owner().await.connected(&repository).await;
            assert_eq!(site.file(&setup.id, "a.bin").as_deref(), Some("a"));
            assert!(!site.workspace(&setup.id).join(".git/hooks").exists(), "a hook was copied");
        };
        on_sqlite(story).await;
        assert!(!folder.join("home/ran").exists(), "a program ran ({walls:?})");
    }
}

crate::on_both!(
    a_pipe_at_the_place_of_a_repositorys_file_holds_no_snapshot_up,
    settings_of_a_tracked_bare_repository_start_no_program,
    a_symlink_of_one_repository_leads_no_other_out_of_the_workspace,
    submodules_are_named_and_nothing_of_theirs_is_run_or_read,
);
