//! Session tokens.

use crate::support::Desk;
use domain::ids::{SessionId, SessionTokenId};
use domain::token::TokenPurpose;
use server::store::{NewSessionToken, Role, SessionUpdate, StoreError, TokenHash};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

impl Desk {
    async fn token(&self, session: &SessionId, text: &str, purpose: TokenPurpose) -> SessionTokenId {
        let hash = TokenHash::of(text);
        let new = NewSessionToken {
            session,
            name: "Claude $1 --",
            purpose,
            hash: &hash,
            created_by: &self.member,
            expires_at: self.store.now() + 60_000,
        };
        self.store.create_session_token(&self.organization, new).await.expect("a token")
    }
}

async fn a_token_says_whose_it_is(desk: Desk) {
    let session = desk.session(&desk.configuration("web", &[]).await).await;
    let id = desk.token(&session, "one", TokenPurpose::Agent).await;
    desk.token(&session, "two", TokenPurpose::Sandbox).await;
    let bearer = desk.store.token_bearer(&TokenHash::of("one")).await.unwrap().unwrap();
    assert_eq!((bearer.id, bearer.organization, bearer.session), (id, desk.organization.clone(), session));
    assert_eq!((bearer.name.as_str(), bearer.purpose), ("Claude $1 --", TokenPurpose::Agent));
    assert_eq!((bearer.member, bearer.role), (desk.member.clone(), Role::Owner));
    assert_eq!((bearer.revoked_at, bearer.ended_at), (None, None));
    let other = desk.store.token_bearer(&TokenHash::of("two")).await.unwrap().unwrap();
    assert_eq!(other.purpose, TokenPurpose::Sandbox);
    assert_eq!(desk.store.token_bearer(&TokenHash::of("a guess")).await.unwrap(), None);
}

async fn a_revoked_token_stays_in_the_list_and_says_so(desk: Desk) {
    let session = desk.session(&desk.configuration("web", &[]).await).await;
    let first = desk.token(&session, "one", TokenPurpose::Agent).await;
    let second = desk.token(&session, "two", TokenPurpose::Agent).await;
    desk.store.revoke_session_token(&desk.organization, &session, &first).await.unwrap();
    let list = || async { desk.store.session_tokens(&desk.organization, &session).await.unwrap() };
    let rows = list().await;
    assert_eq!(rows.iter().map(|row| &row.id).collect::<Vec<_>>(), [&second, &first]);
    assert_eq!((rows[0].revoked_at, rows[1].revoked_at.is_some()), (None, true));
    assert_eq!((rows[0].created_by.as_str(), rows[0].last_used_at), ("Ada", None));
    assert!(desk.store.token_bearer(&TokenHash::of("one")).await.unwrap().unwrap().revoked_at.is_some());
    desk.store.revoke_session_token(&desk.organization, &session, &first).await.unwrap();
    assert_eq!(list().await, rows, "revoking twice changes nothing");
}

async fn an_ended_session_shows_on_its_tokens(desk: Desk) {
    let session = desk.session(&desk.configuration("web", &[]).await).await;
    desk.token(&session, "one", TokenPurpose::Agent).await;
    let over = SessionUpdate { state: "finished", progress: None, error: None, ended: true };
    desk.store.set_session_state(&desk.organization, &session, over).await.unwrap();
    assert!(desk.store.token_bearer(&TokenHash::of("one")).await.unwrap().unwrap().ended_at.is_some());
}

async fn a_use_is_recorded_once_a_minute(desk: Desk) {
    let session = desk.session(&desk.configuration("web", &[]).await).await;
    let id = desk.token(&session, "one", TokenPurpose::Agent).await;
    let time = Arc::new(AtomicI64::new(1_000_000));
    let clock = time.clone();
    let store = desk.store.clone().with_clock(move || clock.load(Ordering::SeqCst));
    let touch = || async { store.touch_session_token(&desk.organization, &id).await.unwrap() };
    assert!(touch().await);
    time.fetch_add(59_999, Ordering::SeqCst);
    assert!(!touch().await);
    time.fetch_add(1, Ordering::SeqCst);
    assert!(touch().await);
    let rows = store.session_tokens(&desk.organization, &session).await.unwrap();
    assert_eq!(rows[0].last_used_at, Some(1_060_000));
}

async fn another_organization_neither_makes_sees_nor_revokes_tokens(desk: Desk) {
    let session = desk.session(&desk.configuration("web", &[]).await).await;
    let id = desk.token(&session, "one", TokenPurpose::Agent).await;
    let other = desk.other_organization().await;
    let hash = TokenHash::of("theirs");
    let new = NewSessionToken {
        session: &session,
        name: "x",
        purpose: TokenPurpose::Agent,
        hash: &hash,
        created_by: &other.member,
        expires_at: i64::MAX,
    };
    let made = other.store.create_session_token(&other.organization, new).await;
    assert!(matches!(made, Err(StoreError::NotFound("the session or the member"))));
    assert_eq!(other.store.session_tokens(&other.organization, &session).await.unwrap(), []);
    let revoked = other.store.revoke_session_token(&other.organization, &session, &id).await;
    assert!(matches!(revoked, Err(StoreError::NotFound("the token"))));
    assert!(!other.store.touch_session_token(&other.organization, &id).await.unwrap());
    let bearer = desk.store.token_bearer(&TokenHash::of("one")).await.unwrap().unwrap();
    assert_eq!(bearer.revoked_at, None);
}

async fn a_token_is_revoked_through_its_own_session_only(desk: Desk) {
    let configuration = desk.configuration("web", &[]).await;
    let (session, other) = (desk.session(&configuration).await, desk.session(&configuration).await);
    let id = desk.token(&session, "one", TokenPurpose::Agent).await;
    let revoked = desk.store.revoke_session_token(&desk.organization, &other, &id).await;
    assert!(matches!(revoked, Err(StoreError::NotFound("the token"))));
    assert_eq!(desk.store.session_tokens(&desk.organization, &other).await.unwrap(), []);
}

crate::on_both!(
    a_token_says_whose_it_is,
    a_revoked_token_stays_in_the_list_and_says_so,
    an_ended_session_shows_on_its_tokens,
    a_use_is_recorded_once_a_minute,
    another_organization_neither_makes_sees_nor_revokes_tokens,
    a_token_is_revoked_through_its_own_session_only,
);
