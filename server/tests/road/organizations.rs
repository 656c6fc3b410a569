//! Who may do what, and where another organization begins.

use crate::support::{Site, json_spec, rows_of};
use app::api::ApiError;
use domain::member::Role;
use serde_json::{Value, json};

async fn a_viewer_sees_everything_and_changes_nothing(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A", "generate": "uuid"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let session = owner.work(&configuration).await.id;
    let setup = owner.start(&configuration, "setup").await.expect("starts");
    owner.wait(&setup, "the setup", |view| view.receipt.is_some()).await;
    let viewer = site.member(&site.organization().await, "vera", Role::Viewer).await;
    let location = site.repository("other", &[("a.txt", "a")]);
    let (target, before) = (format!("session:{session}"), rows_of(&site.url).await);

    let at = [("target", target.as_str()), ("file", ".env"), ("key", "A"), ("scope", "organization")];
    let with = |more: (&'static str, &'static str)| at.into_iter().chain([more]).collect::<Vec<_>>();
    let start = [("configuration", configuration.as_str()), ("kind", "work")];
    let commands = [("configuration", configuration.as_str()), ("commands[0][command]", "true")];
    let calls: [(&str, &[(&str, &str)]); 7] = [
        ("set_value", &with(("value", "v"))),
        ("set_value", &with(("generate", "true"))),
        ("delete_value", &at),
        ("finish_setup", &[("session", setup.as_str()), ("anyway", "true")]),
        ("start_session", &start),
        ("connect_repository", &[("location", &location)]),
        ("save_auto_start", &commands),
    ];
    for (function, fields) in calls {
        let refusal = viewer.call::<Value>(function, fields).await.unwrap_err();
        assert_eq!(refusal.status, 403, "{function}");
        assert!(refusal.error.to_string().contains("permission"), "{function}: {}", refusal.error);
    }
    assert_eq!(rows_of(&site.url).await, before, "nothing was changed");
    assert_eq!(viewer.session(&session).await.expect("sees it").id, session);
    assert_eq!(viewer.environment(&target).await, owner.environment(&target).await);
}

async fn another_organizations_things_do_not_exist(site: Site) {
    let owner = site.owner().await;
    let spec = json_spec(&json!({"files": [{"path": ".env", "keys": [{"key": "A"}]}]}));
    let (configuration, _) = site.configuration(&[("shop", ".")], &spec).await;
    let setup = owner.start(&configuration, "setup").await.expect("starts");
    owner.wait(&setup, "the setup", |view| view.receipt.is_some()).await;
    let eve = site.member(&site.other_organization().await, "eve", Role::Owner).await;
    let before = rows_of(&site.url).await;

    for target in [format!("session:{setup}"), format!("configuration:{configuration}")] {
        let at = [("target", target.as_str()), ("file", ".env"), ("key", "A"), ("scope", "organization")];
        let with_value: Vec<_> = at.into_iter().chain([("value", "v")]).collect();
        let calls: [(&str, &[(&str, &str)]); 8] = [
            ("get_environment", &[("target", &target)]),
            ("set_value", &with_value),
            ("delete_value", &at),
            ("get_session", &[("session", setup.as_str())]),
            ("get_thread", &[("session", setup.as_str())]),
            ("finish_setup", &[("session", setup.as_str()), ("anyway", "true")]),
            ("start_session", &[("configuration", configuration.as_str()), ("kind", "work")]),
            ("get_auto_start", &[("configuration", configuration.as_str())]),
        ];
        for (function, fields) in calls {
            let refusal = eve.call::<Value>(function, fields).await.unwrap_err();
            assert!(matches!(refusal.error, ApiError::NotFound { .. }), "{function}: {refusal:?}");
            assert_eq!(refusal.status, 404, "{function}");
        }
    }
    assert_eq!(eve.get(&format!("/events/sessions/{setup}")).await.status.as_u16(), 404);
    assert!(!eve.get(&format!("/sessions/{setup}")).await.text.contains("Everything"), "the page shows nothing of it");
    assert_eq!(eve.call::<Vec<Value>>("list_configurations", &[]).await.expect("her own"), Vec::<Value>::new());
    assert_eq!(rows_of(&site.url).await, before, "nothing was changed");
}

crate::on_both!(a_viewer_sees_everything_and_changes_nothing, another_organizations_things_do_not_exist);
