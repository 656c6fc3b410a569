//! Calls take the bytes that the API document promises, and not one more.

use crate::support::{Site, read};
use domain::limits::CALL_BYTES;
use domain::member::Role;

/// A spec as JSON that is so many bytes long: white space says nothing.
fn spec_of(bytes: usize) -> String {
    let spec = r#"{"files":[{"path":".env","keys":[{"key":"A"}]}]}"#;
    format!("{}{}", " ".repeat(bytes - spec.len()), spec)
}

async fn a_call_has_as_many_bytes_as_is_promised(site: Site) {
    let owner = site.owner().await;
    let location = site.repository("shop", &[("README.md", "# Read me\n")]);
    let session = owner.connected(&location).await.id;
    let agent = site.program(&owner.token(&session, "agent").await);
    let send = |bytes| agent.raw("PUT", "/api/v1/env-files", &[], spec_of(bytes));
    read(&send(CALL_BYTES).await).expect("the last byte that is promised");
    let refused = read(&send(CALL_BYTES + 1).await).expect_err("one more");
    assert_eq!((refused.status, refused.kind.as_str()), (413, "too-large"));
    assert!(refused.detail.contains(&CALL_BYTES.to_string()), "{refused:?}");
}

async fn a_member_follows_as_many_pages_as_is_set(site: Site) {
    let organization = site.organization().await;
    let (one, other) = (
        site.member(&organization, "One", Role::Viewer).await,
        site.member(&organization, "Other", Role::Viewer).await,
    );
    let open = |cookie: String| {
        let site = &site;
        async move { crate::support::Listening::open(site, &cookie, app::api::live::ORGANIZATION_EVENTS, &[]).await }
    };
    let limit = site.keyslot.config().quotas.max_streams_per_member;
    let mut held = Vec::new();
    for _ in 0..limit {
        held.push(open(one.cookie().to_owned()).await.expect("a stream"));
    }
    assert_eq!(open(one.cookie().to_owned()).await.err().expect("refused").as_u16(), 409);
    assert!(open(other.cookie().to_owned()).await.is_ok(), "others are not their business");
    held.pop();
    assert!(open(one.cookie().to_owned()).await.is_ok(), "one that is closed makes room");
}

crate::on_both!(a_call_has_as_many_bytes_as_is_promised, a_member_follows_as_many_pages_as_is_set);
