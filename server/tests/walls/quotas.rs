//! What one organization, repository or agent may use up, and what is removed by itself when it is over.

use crate::support::{
    Person, Site, git_repository, json_spec, new_folder, on_postgres, on_sqlite, read, rows_of, run_sql,
};
use domain::ids::{ConfigurationId, SessionId};
use serde_json::{Value, json};
use server::config::Config;
use std::os::unix::fs::PermissionsExt;

/// A site with settings of its own.
async fn site(url: &str, change: impl FnOnce(&mut Config)) -> (Site, tempfile::TempDir) {
    let folder = new_folder();
    let mut config = Site::config(url, folder.path());
    change(&mut config);
    (Site::start_with(url, folder.path(), config).await, folder)
}

async fn configuration(site: &Site) -> ConfigurationId {
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A", "required": false}]}]}));
    site.configuration(&[("shop", ".")], &spec).await.0
}

async fn so_many_sessions_run_at_once(url: String) {
    let (site, _folder) = site(&url, |config| config.quotas.max_sessions = 3).await;
    let (owner, configuration) = (site.owner().await, configuration(&site).await);
    // All at once: nobody is counted twice or not at all.
    let start = || owner.start(&configuration, "work");
    let started = futures::future::join_all((0..8).map(|_| start())).await;
    let (started, refused): (Vec<_>, Vec<_>) = started.into_iter().partition(Result::is_ok);
    assert_eq!((started.len(), refused.len()), (3, 5));
    for refused in refused {
        let refused = refused.expect_err("refused");
        let words = refused.error.to_string();
        assert_eq!(refused.status, 409);
        assert!(words.contains("3 running sessions") && words.contains("End one"), "{words}");
    }
    let folders = std::fs::read_dir(site.keyslot.config().sandboxes()).expect("the sandboxes").count();
    assert_eq!(folders, 3, "nothing stays of those that were refused");
    let first = started.into_iter().next().expect("one").expect("started");
    owner.wait(&first, "it runs", |view| view.receipt.is_some()).await;
    owner.end(&first).await.expect("ended");
    start().await.expect("one that ended makes room");
}

async fn a_clone_that_outgrows_the_workspace_is_ended(url: String) {
    let (site, _folder) = site(&url, |config| config.quotas.max_workspace_mb = 3).await;
    let owner = site.owner().await;
    let noise: String = (0..400_000u32).map(|at| format!("{:08x}", at.wrapping_mul(2_654_435_761))).collect();
    git_repository(&site.folder.join("small"), &[("a", "a")]);
    git_repository(&site.folder.join("large"), &[("a", &noise)]);
    owner.connected(&site.folder.join("small").display().to_string()).await;
    let large = owner.connect(&site.folder.join("large").display().to_string()).await.expect("its branch is asked for");
    let view = owner.wait(&large, "it failed", |view| view.error.is_some()).await;
    let error = view.error.unwrap_or_default();
    assert!(error.contains("larger than 3 MB") && error.contains("--max-workspace-mb"), "{error}");
    let left = std::fs::read_dir(site.workspace(&large)).map(Iterator::count).unwrap_or_default();
    assert_eq!(left, 0, "nothing of it stays");
    assert!(!site.keyslot.config().sandbox(large.as_str()).join("checkout").exists());
}

fn files(keys: usize) -> Value {
    let keys: Vec<_> = (0..keys).map(|at| json!({"key": format!("K{at}"), "required": false})).collect();
    json!({"files": [{"path": ".env", "keys": keys}]})
}

async fn an_agent_saves_so_many_versions_a_minute_and_the_newest_are_kept(url: String) {
    let change = |config: &mut Config| {
        config.quotas.max_spec_saves_per_minute = 5;
        config.quotas.keep_spec_versions = 2;
    };
    let (site, _folder) = site(&url, change).await;
    let (owner, configuration) = (site.owner().await, configuration(&site).await);
    let session = owner.work(&configuration).await.id;
    let agent = site.program(&owner.token(&session, "agent").await);
    let save = |keys: usize| agent.raw("PUT", "/api/v1/env-files", &[], files(keys).to_string());
    // The configuration came with a first version.
    for keys in 2..6 {
        read(&save(keys).await).expect("saved");
    }
    let refused = read(&save(9).await).expect_err("too many");
    assert_eq!(refused.status, 429);
    assert!(refused.detail.contains("More than 5 versions") && refused.detail.contains("seconds"), "{refused:?}");
    let versions =
        || async { rows_of(&site.url).await.into_iter().filter(|row| row.starts_with("env_specs: ")).count() };
    assert_eq!(versions().await, 5, "what was refused changed nothing");
    site.keyslot.remove_what_is_over().await.expect("removed");
    assert_eq!(versions().await, 2);
    let environment = owner.environment(&format!("session:{session}")).await;
    assert_eq!(environment.files.iter().map(|file| file.slots.len()).sum::<usize>(), 5, "the newest stands");
}

async fn ended(site: &Site, owner: &Person, configuration: &ConfigurationId, days: i64) -> SessionId {
    let session = owner.work(configuration).await.id;
    owner.end(&session).await.expect("ended");
    let ago = days * 24 * 60 * 60 * 1000;
    let touched =
        run_sql(&site.url, &format!("UPDATE sessions SET ended_at = ended_at - {ago} WHERE id = '{session}'")).await;
    assert_eq!(touched, 1);
    session
}

async fn workspaces_go_some_days_after_the_end_of_their_sessions(url: String) {
    let (site, _folder) = site(&url, |config| config.quotas.keep_workspace_days = 7).await;
    let (owner, configuration) = (site.owner().await, configuration(&site).await);
    let running = owner.work(&configuration).await.id;
    let (old, young) = (ended(&site, &owner, &configuration, 8).await, ended(&site, &owner, &configuration, 6).await);
    // As package caches leave it, with a link out of it.
    let closed = site.workspace(&old).join("cache/closed");
    std::fs::create_dir_all(&closed).expect("a folder");
    std::fs::write(closed.join("a"), "a").expect("a file");
    std::os::unix::fs::symlink(site.workspace(&young), closed.join("link")).expect("a link");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).expect("closed");
    site.keyslot.remove_what_is_over().await.expect("removed");
    let is_there = |session: &SessionId| site.keyslot.config().sandbox(session.as_str()).exists();
    assert_eq!([&old, &young, &running].map(is_there), [false, true, true]);
    assert!(site.workspace(&young).join("README.md").exists(), "no link was followed");
    assert!(owner.session(&old).await.is_ok(), "what happened in it is still told");
}

async fn records_of_sessions_go_some_days_after_their_end_but_for_what_snapshots_need(url: String) {
    let change = |config: &mut Config| {
        config.quotas.keep_workspace_days = 7;
        config.quotas.keep_session_days = 30;
    };
    let (site, _folder) = site(&url, change).await;
    let (owner, configuration) = (site.owner().await, configuration(&site).await);
    let (old, young) = (ended(&site, &owner, &configuration, 31).await, ended(&site, &owner, &configuration, 29).await);
    let kept = owner.work(&configuration).await.id;
    owner.token(&kept, "agent").await;
    let snapshot = owner.snapshot(&kept).await;
    assert!(snapshot.current, "{snapshot:?}");
    owner.end(&kept).await.expect("ended");
    let ago = 31i64 * 24 * 60 * 60 * 1000;
    run_sql(&site.url, &format!("UPDATE sessions SET ended_at = ended_at - {ago} WHERE id = '{kept}'")).await;
    // The first time its workspace goes, and by then nothing else is left of it.
    for _ in 0..2 {
        site.keyslot.remove_what_is_over().await.expect("removed");
    }
    let told = async |session: &SessionId| {
        let rows = rows_of(&site.url).await;
        let own =
            |table: &str| rows.iter().filter(|row| row.starts_with(table) && row.contains(session.as_str())).count();
        ["sessions: ", "snapshots: "]
            .map(own)
            .into_iter()
            .chain([rows
                .iter()
                .filter(|row| {
                    let is_other = !row.starts_with("sessions: ") && !row.starts_with("snapshots: ");
                    is_other && row.contains(session.as_str())
                })
                .count()])
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&old).await, [0, 0, 0], "nothing stays");
    assert_eq!(told(&kept).await, [1, 1, 0], "the next session starts from its snapshot");
    assert!(told(&young).await[2] > 0);
    assert_eq!(owner.session(&old).await.expect_err("gone").status, 404);
    let next = owner.work(&configuration).await.id;
    let entries = owner.thread(&next).await;
    assert!(entries.iter().any(|entry| format!("{entry:?}").contains("Restored")), "{entries:?}");
}

async fn links_and_sign_ins_go_when_their_time_is_over(url: String) {
    let (site, _folder) = site(&url, |_| ()).await;
    let owner = site.owner().await;
    site.sign_in_path().await;
    let rows = || async {
        let rows = rows_of(&site.url).await;
        ["sign_in_links: ", "web_sessions: "].map(|table| rows.iter().filter(|row| row.starts_with(table)).count())
    };
    let before = rows().await;
    assert!(before.iter().all(|count| *count > 0), "{before:?}");
    site.keyslot.remove_what_is_over().await.expect("removed");
    assert!(rows().await.iter().all(|count| *count > 0), "what still counts stays");
    for table in ["sign_in_links", "web_sessions"] {
        run_sql(&site.url, &format!("UPDATE {table} SET expires_at = 1")).await;
    }
    site.keyslot.remove_what_is_over().await.expect("removed");
    assert_eq!(rows().await, [0, 0]);
    assert!(owner.call::<Value>("list_secrets", &[]).await.is_err());
}

/// Two tests of each story, one a database, each with settings of its own.
macro_rules! with_settings {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::on_sqlite(super::$story).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::on_postgres(super::$story).await;
            })+
        }
    };
}

with_settings!(
    so_many_sessions_run_at_once,
    a_clone_that_outgrows_the_workspace_is_ended,
    an_agent_saves_so_many_versions_a_minute_and_the_newest_are_kept,
    workspaces_go_some_days_after_the_end_of_their_sessions,
    records_of_sessions_go_some_days_after_their_end_but_for_what_snapshots_need,
    links_and_sign_ins_go_when_their_time_is_over,
);
