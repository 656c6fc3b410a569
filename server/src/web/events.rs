//! Event streams for browsers: see [`app::api::live`].

use crate::auth::actor_of;
use crate::events::{StillAllowed, Topic, Watcher};
use crate::gateway::Problem;
use crate::quotas::Place;
use crate::service::{Keyslot, ServiceError};
use app::api::{Actor, ApiError};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use domain::ids::{MemberId, SessionId};
use serde::Deserialize;

/// What a browser asks for beside the topic.
#[derive(Deserialize)]
pub struct Since {
    /// Id of the last event that it knows of. A browser that connects anew by itself names it in a header instead.
    since: Option<String>,
}

/// `GET /events/sessions/{session}`.
pub async fn session(
    State(keyslot): State<Keyslot>,
    jar: CookieJar,
    headers: HeaderMap,
    Path(session): Path<String>,
    Query(since): Query<Since>,
) -> Response {
    let found = async {
        let actor = watcher(&keyslot, &jar, &headers).await?;
        let row = keyslot.session_row(&actor.organization, &SessionId::from(session)).await?;
        let place = place(&keyslot, &actor)?;
        Ok((Topic::session(&actor.organization, &row.id), Some(row.configuration), actor, place))
    };
    match found.await {
        Ok((topic, configuration, actor, place)) => {
            let watcher = keyslot.events().watch(topic, configuration, seen(&headers, &since));
            unbuffered(watcher.stream(still(keyslot, jar, actor, place)))
        }
        Err(error) => refused(error, &headers),
    }
}

/// `GET /events/organization`.
pub async fn organization(
    State(keyslot): State<Keyslot>,
    jar: CookieJar,
    headers: HeaderMap,
    Query(since): Query<Since>,
) -> Response {
    let found = async {
        let actor = watcher(&keyslot, &jar, &headers).await?;
        let place = place(&keyslot, &actor)?;
        Ok((actor, place))
    };
    match found.await {
        Ok((actor, place)) => {
            let topic = Topic::organization(&actor.organization);
            let watcher = keyslot.events().watch(topic, None, seen(&headers, &since));
            unbuffered(watcher.stream(still(keyslot, jar, actor, place)))
        }
        Err(error) => refused(error, &headers),
    }
}

/// Who wants to watch. Another site's page may not: browsers send cookies with what it asks for, too.
async fn watcher(keyslot: &Keyslot, jar: &CookieJar, headers: &HeaderMap) -> Result<Actor, ServiceError> {
    if is_foreign(headers, &keyslot.config().origin()) {
        return Err(ApiError::Forbidden { action: "watch from another site".to_owned() }.into());
    }
    let actor = actor_of(keyslot.config(), keyslot.store(), jar).await?;
    Ok(actor.ok_or(ApiError::SignedOut)?)
}

/// A place for one more stream of a member.
fn place(keyslot: &Keyslot, actor: &Actor) -> Result<Place<MemberId>, ServiceError> {
    let limit = keyslot.config().quotas.max_streams_per_member;
    keyslot.streams().take(&actor.member, limit).ok_or_else(|| {
        ServiceError::conflict(format!("You have {limit} pages open that follow changes. Close some of them."))
    })
}

/// Whether a page of another site sent it. Programs send neither header.
fn is_foreign(headers: &HeaderMap, own: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let host = text(header::HOST);
    origin != own && origin.split_once("://").map(|(_, host)| host) != host
}

/// The header counts more: a browser that comes back by itself asks with the address of its first try.
fn seen<'a>(headers: &'a HeaderMap, since: &'a Since) -> Option<&'a str> {
    headers.get("last-event-id").and_then(|id| id.to_str().ok()).or(since.since.as_deref())
}

/// Looks the cookie up again. A database that does not answer signs nobody out. The stream's place is kept as long.
fn still(keyslot: Keyslot, jar: CookieJar, actor: Actor, place: Place<MemberId>) -> StillAllowed {
    Box::new(move || {
        let _kept = &place;
        let (keyslot, jar, organization) = (keyslot.clone(), jar.clone(), actor.organization.clone());
        Box::pin(async move {
            match actor_of(keyslot.config(), keyslot.store(), &jar).await {
                Ok(now) => now.is_some_and(|now| now.organization == organization),
                Err(error) => {
                    tracing::warn!(%error, "whether a watcher is still signed in could not be looked up");
                    true
                }
            }
        })
    })
}

/// Proxies that buffer would hold events back.
fn unbuffered(stream: impl IntoResponse) -> Response {
    ([(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"))], stream).into_response()
}

/// Why there is no stream. A browser's EventSource shows no status to its page, only events; everybody else gets the
/// status.
fn refused(error: ServiceError, headers: &HeaderMap) -> Response {
    let answer = ApiError::from(error);
    let as_event_source = headers.get(header::ACCEPT).is_some_and(|accept| accept == "text/event-stream");
    if matches!(answer, ApiError::SignedOut) && as_event_source {
        return unbuffered(Watcher::signed_out());
    }
    Problem::from(answer).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn pages_of_other_sites_are_told_from_our_own_and_from_programs() {
        let own = "https://keys.test";
        for (pairs, foreign) in [
            (&[][..], false),
            (&[("origin", "https://keys.test"), ("host", "inner:3000")], false),
            (&[("origin", "http://inner:3000"), ("host", "inner:3000")], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://keys.test")], true),
            (&[("origin", "https://evil.test"), ("host", "keys.test")], true),
            (&[("origin", "null"), ("host", "keys.test")], true),
        ] {
            assert_eq!(is_foreign(&headers(pairs), own), foreign, "{pairs:?}");
        }
    }

    #[test]
    fn the_id_that_a_browser_comes_back_with_counts_more_than_the_one_it_started_from() {
        let since = Since { since: Some("e-1".to_owned()) };
        assert_eq!(seen(&headers(&[]), &since), Some("e-1"));
        assert_eq!(seen(&headers(&[("last-event-id", "e-7")]), &since), Some("e-7"));
    }
}
