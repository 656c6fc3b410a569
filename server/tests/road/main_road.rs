//! From a real repository, through the values, to a booted workspace.

use crate::support::{Site, slot, status};
use app::api::ApiError;
use app::api::repositories::ConfigurationRow;
use app::api::sessions::SessionState;
use app::api::thread::ThreadEvent;
use domain::environment::{Readiness, Scope, Status};
use std::os::unix::fs::PermissionsExt;

const EXAMPLE: &str = "# Where the orders are kept
DATABASE_URL=

# Signs the cookies
COOKIE_SECRET=

# Greets the customers
GREETING=
# SENTRY_DSN=
";

const FILE: &str = "\
# >>> keyslot 0 created=yes newline=no | Keyslot rewrites this block; put lines of your own above it
DATABASE_URL='postgres://shop:p#ss word@db.test/shop?x=1'
COOKIE_SECRET='$a\"b'
# <<< keyslot 0
";

async fn the_road_leads_from_a_repository_to_a_booted_workspace(site: Site) {
    let owner = site.owner().await;
    let setup = owner.connected(&site.repository("shop", &[(".env.example", EXAMPLE)])).await;
    assert_eq!(setup.state, SessionState::Open);
    let target = format!("session:{}", setup.id);
    let at = |key: &'static str| (target.as_str(), ".env", key);

    // The scan found the keys, with their words and places.
    let found = owner.environment(&target).await;
    let keys: Vec<_> = found.slots().map(|(_, slot)| (slot.key.as_str(), slot.required)).collect();
    let expected = [("DATABASE_URL", true), ("COOKIE_SECRET", true), ("GREETING", true), ("SENTRY_DSN", false)];
    assert_eq!(keys, expected);
    let first = slot(&found, ".env", "DATABASE_URL");
    assert_eq!(first.description.as_deref(), Some("Where the orders are kept"));
    assert_eq!((first.evidence[0].path.as_str(), first.evidence[0].line), (".env.example", Some(2)));
    assert_eq!(found.readiness(), Readiness::Needs(3));
    let told = owner.thread(&setup.id).await;
    let saved = |event: &ThreadEvent| matches!(event, ThreadEvent::Tool { name, .. } if name == "save_env_files");
    assert_eq!(told.iter().filter(|entry| saved(&entry.event)).count(), 1, "{told:?}");

    // Values reach the files at once, one for each scope.
    let repository = format!("repository:{}", found.files[0].owner.as_ref().expect("an owner").id);
    owner.save(at("DATABASE_URL"), &repository, "postgres://shop:p#ss word@db.test/shop?x=1").await.expect("saved");
    owner.save(at("COOKIE_SECRET"), "organization", "$a\"b").await.expect("saved");
    assert_eq!(site.file(&setup.id, ".env").as_deref(), Some(FILE));
    let after = owner.save(at("GREETING"), "session", "only here").await.expect("saved");
    assert_eq!(after.readiness(), Readiness::Ready);
    let here = site.assigned(&setup.id, ".env");
    assert_eq!(here[2], ("GREETING".to_owned(), "only here".to_owned()));
    let file = site.workspace(&setup.id).join(".env");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    // A value for this session alone does not complete the configuration.
    let refused = owner.finish(&setup.id, false).await.unwrap_err();
    let ApiError::Conflict { message } = &refused.error else { panic!("{refused:?}") };
    assert!(refused.status == 409 && message.contains("GREETING"), "{message}");
    assert!(!message.contains("DATABASE_URL") && !message.contains("SENTRY_DSN"), "{message}");
    owner.finish(&setup.id, true).await.expect("finishes anyway");
    let done = owner.session(&setup.id).await.expect("the session");
    assert_eq!((done.state, done.finished_missing), (SessionState::Finished, Some(1)));
    let told = owner.thread(&setup.id).await;
    let named = |event: &ThreadEvent| match event {
        ThreadEvent::Finished { missing, .. } => missing.iter().map(|key| key.as_str() == "GREETING").collect(),
        _ => Vec::new(),
    };
    assert_eq!(told.iter().flat_map(|entry| named(&entry.event)).collect::<Vec<_>>(), [true]);
    assert!(!file.exists(), "nothing stays in the finished setup's sandbox");
    let rows: Vec<ConfigurationRow> = owner.call("list_configurations", &[]).await.expect("rows");
    assert!(rows[0].set_up && rows[0].readiness == Readiness::Needs(1), "{:?}", rows[0]);

    // The next session boots with the files, and its receipt says key by key from where.
    let work = owner.work(&done.configuration).await;
    assert_eq!(site.file(&work.id, ".env").as_deref(), Some(FILE));
    let receipt = work.receipt.expect("a receipt");
    assert_eq!((receipt.files.len(), receipt.files[0].place.as_str(), &receipt.files[0].refused), (1, ".env", &None));
    let owner_id = found.files[0].owner.as_ref().expect("an owner").id.clone();
    let lines: Vec<_> = receipt.files[0].keys.iter().map(|key| (key.status, key.source.clone(), key.version)).collect();
    let expected = [
        (Status::Set, Some(Scope::Repository(owner_id)), Some(1)),
        (Status::Set, Some(Scope::Organization), Some(1)),
        (Status::Missing, None, None),
        (Status::Missing, None, None),
    ];
    assert_eq!(lines, expected);
    let environment = owner.environment(&format!("session:{}", work.id)).await;
    assert_eq!(status(&environment, ".env", "GREETING"), Status::Missing, "a session value stays in its session");
    let page = owner.get(&format!("/sessions/{}", work.id)).await.text;
    assert!(page.contains("DATABASE_URL") && !page.contains("p#ss"), "the page names keys and no values");
}

crate::on_both!(the_road_leads_from_a_repository_to_a_booted_workspace);
