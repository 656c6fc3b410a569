//! Values of the organization reach a configuration only where somebody released them to it.

use crate::on_both;
use crate::support::{Site, key, slot, status};
use app::api::ApiError;
use app::api::secrets::SecretView;
use app::api::sessions::SessionState;
use domain::environment::{Readiness, Status};
use domain::member::Role;
use domain::release::ReleaseMode;

const ENV: &str = ".env";
const EXAMPLE: &str = "STRIPE_SECRET_KEY=\nMAIL_TOKEN=\n";

on_both!(
    an_organizations_value_is_held_until_somebody_lets_the_configuration_use_it,
    a_click_releases_what_was_seen_and_running_sandboxes_follow,
    a_value_typed_for_the_organization_is_used_where_it_was_typed_and_nowhere_else,
    members_release_only_what_they_may,
    a_configuration_may_be_trusted_with_everything_by_admins_only,
    a_deleted_value_takes_its_releases_with_it,
    a_waiting_session_goes_on_once_the_value_is_released,
);

/// The organization has both keys of a repository that was connected without trust.
async fn stage(site: &Site) -> (String, domain::ids::SessionId, domain::ids::ConfigurationId) {
    let owner = site.owner().await;
    for (name, value) in [("STRIPE_SECRET_KEY", "sk_live_organization"), ("MAIL_TOKEN", "mail-organization")] {
        let fields = [("key", name), ("value", value)];
        owner.call::<Vec<SecretView>>("add_secret", &fields).await.expect("adds");
    }
    let session =
        owner.connect_untrusted(&site.repository("shop", &[(".env.example", EXAMPLE)])).await.expect("connects");
    let view = owner.wait(&session, "the first apply", |view| view.receipt.is_some()).await;
    (format!("session:{session}"), session, view.configuration)
}

async fn an_organizations_value_is_held_until_somebody_lets_the_configuration_use_it(site: Site) {
    let (target, session, _) = stage(&site).await;
    let owner = site.owner().await;
    let shown = owner.environment(&target).await;
    assert_eq!(status(&shown, ENV, "STRIPE_SECRET_KEY"), Status::Held);
    assert_eq!(shown.readiness(), Readiness::Needs(2), "what is held counts as missing");
    assert_eq!(site.assigned(&session, ENV), [], "nothing is written");
    let view = owner.session(&session).await.expect("the session");
    let receipt = view.receipt.expect("a receipt");
    let statuses: Vec<_> = receipt.files[0].keys.iter().map(|key| key.status).collect();
    assert_eq!(statuses, [Status::Held; 2], "the receipt says so");

    let after = owner.release(&target, &["STRIPE_SECRET_KEY"]).await.expect("releases");
    assert_eq!(status(&after, ENV, "STRIPE_SECRET_KEY"), Status::Set);
    assert_eq!(status(&after, ENV, "MAIL_TOKEN"), Status::Held, "the other key is another question");
}

async fn a_click_releases_what_was_seen_and_running_sandboxes_follow(site: Site) {
    let (target, session, configuration) = stage(&site).await;
    let owner = site.owner().await;
    owner.release(&target, &["STRIPE_SECRET_KEY", "MAIL_TOKEN"]).await.expect("releases");
    owner
        .wait(&session, "the live apply", |view| {
            view.receipt.as_ref().is_some_and(|receipt| receipt.lacking().next().is_none())
        })
        .await;
    assert_eq!(site.assigned(&session, ENV).len(), 2);

    let fields = [("target", target.as_str()), ("key", "MAIL_TOKEN")];
    owner.call::<domain::Environment>("withdraw_release", &fields).await.expect("withdraws");
    owner
        .wait(&session, "the live apply", |view| {
            view.receipt.as_ref().is_some_and(|receipt| receipt.lacking().next().is_some())
        })
        .await;
    let left: Vec<_> = site.assigned(&session, ENV).into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, ["STRIPE_SECRET_KEY"], "what is taken back leaves the files");
    let refused = owner.release(&format!("configuration:{configuration}"), &["NOBODY_ASKED"]).await;
    assert_eq!(refused.expect_err("refused").status, 409);
}

async fn a_value_typed_for_the_organization_is_used_where_it_was_typed_and_nowhere_else(site: Site) {
    let owner = site.owner().await;
    let connect = |name: &'static str| {
        let location = site.repository(name, &[(".env.example", "API_TOKEN=\n")]);
        let owner = owner.clone();
        async move {
            let session = owner.connect_untrusted(&location).await.expect("connects");
            owner.wait(&session, "the first apply", |view| view.receipt.is_some()).await;
            format!("session:{session}")
        }
    };
    let (here, there) = (connect("here").await, connect("there").await);
    let saved = owner.save((&here, ENV, "API_TOKEN"), "organization", "typed").await.expect("saves");
    assert_eq!(status(&saved, ENV, "API_TOKEN"), Status::Set);
    assert_eq!(status(&owner.environment(&there).await, ENV, "API_TOKEN"), Status::Held);
    let reach: domain::secret_use::SecretReach =
        owner.call("get_secret_reach", &[("keys[0]", "API_TOKEN")]).await.expect("a reach");
    assert_eq!((reach.uses, reach.held), (1, 1), "a replacement says beforehand whom it reaches");
}

async fn members_release_only_what_they_may(site: Site) {
    let (target, _, _) = stage(&site).await;
    let organization = site.organization().await;
    let member = site.member(&organization, "Mia", Role::Member).await;
    let viewer = site.member(&organization, "Vic", Role::Viewer).await;
    for person in [&member, &viewer] {
        assert_eq!(person.release(&target, &["MAIL_TOKEN"]).await.expect_err("refused").status, 403);
    }
    let fields = [("key", "MAIL_TOKEN"), ("releasers", "members")];
    assert_eq!(member.call::<Vec<SecretView>>("set_releasers", &fields).await.expect_err("refused").status, 403);
    site.owner().await.call::<Vec<SecretView>>("set_releasers", &fields).await.expect("sets");
    let both = member.release(&target, &["MAIL_TOKEN", "STRIPE_SECRET_KEY"]).await;
    assert!(matches!(both.expect_err("refused").error, ApiError::Forbidden { .. }), "all or none");
    let environment = member.release(&target, &["MAIL_TOKEN"]).await.expect("releases");
    assert_eq!(status(&environment, ENV, "MAIL_TOKEN"), Status::Set);
    assert_eq!(viewer.release(&target, &["MAIL_TOKEN"]).await.expect_err("refused").status, 403);
}

async fn a_configuration_may_be_trusted_with_everything_by_admins_only(site: Site) {
    let (target, _, configuration) = stage(&site).await;
    let organization = site.organization().await;
    let member = site.member(&organization, "Mia", Role::Member).await;
    let fields = [("configuration", configuration.as_str()), ("mode", "all")];
    assert_eq!(member.call::<()>("set_release_mode", &fields).await.expect_err("refused").status, 403);
    let location = site.repository("mine", &[(".env.example", EXAMPLE)]);
    assert_eq!(member.connect(&location).await.expect_err("refused").status, 403);

    let admin = site.member(&organization, "Adi", Role::Admin).await;
    admin.call::<()>("set_release_mode", &fields).await.expect("sets");
    let environment = admin.environment(&target).await;
    assert_eq!((environment.release_mode, environment.readiness()), (ReleaseMode::All, Readiness::Ready));
    let default = [("mode", "all")];
    assert_eq!(admin.call::<()>("set_default_release_mode", &default).await.expect_err("refused").status, 403);
    site.owner().await.call::<()>("set_default_release_mode", &default).await.expect("sets");
    let session = site.owner().await.connect_untrusted(&location).await.expect("connects");
    let environment = member.environment(&format!("session:{session}")).await;
    assert_eq!(environment.release_mode, ReleaseMode::All, "the owner's default holds for everybody");
}

async fn a_deleted_value_takes_its_releases_with_it(site: Site) {
    let (target, _, _) = stage(&site).await;
    let owner = site.owner().await;
    owner.release(&target, &["MAIL_TOKEN"]).await.expect("releases");
    owner.call::<Vec<SecretView>>("delete_secret", &[("key", "MAIL_TOKEN")]).await.expect("deletes");
    assert_eq!(status(&owner.environment(&target).await, ENV, "MAIL_TOKEN"), Status::Missing);
    let fields = [("key", "MAIL_TOKEN"), ("value", "another")];
    owner.call::<Vec<SecretView>>("add_secret", &fields).await.expect("adds");
    let environment = owner.environment(&target).await;
    assert_eq!(status(&environment, ENV, "MAIL_TOKEN"), Status::Held, "another value is another question");
    assert!(slot(&environment, ENV, "MAIL_TOKEN").held.is_some());
    assert_eq!(environment.releasable().iter().filter(|value| value.key == key("MAIL_TOKEN")).count(), 1);
}

async fn a_waiting_session_goes_on_once_the_value_is_released(site: Site) {
    let (target, session, configuration) = stage(&site).await;
    let owner = site.owner().await;
    owner.finish(&session, true).await.expect("finishes");
    let fields = [("configuration", configuration.as_str()), ("policy", "block")];
    owner.call::<()>("set_boot_policy", &fields).await.expect("sets");
    let work = owner.start(&configuration, "work").await.expect("starts");
    owner.wait(&work, "the gate", |view| view.state == SessionState::Waiting).await;
    let target = target.replace(session.as_str(), work.as_str());
    owner.release(&target, &["STRIPE_SECRET_KEY", "MAIL_TOKEN"]).await.expect("releases");
    owner.wait(&work, "the boot", |view| view.state == SessionState::Running).await;
    assert_eq!(site.assigned(&work, ENV).len(), 2);
}
