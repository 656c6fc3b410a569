//! Somebody who uses the server as a browser does: cookies, forms and same-origin proof.

use app::api::ApiError;
use app::api::delivery::Delivery;
use app::api::sessions::{SessionState, SessionView};
use app::api::snapshots::SnapshotView;
use app::api::thread::{ThreadEntry, ThreadEvent};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use domain::Environment;
use domain::environment::{SlotView, Status};
use domain::ids::{ConfigurationId, SessionId};
use domain::proposal::Proposal;
use domain::request::ValueRequest;
use domain::snapshot::SnapshotState;
use serde::de::DeserializeOwned;
use server::service::Keyslot;
use std::time::{Duration, Instant};
use tower::ServiceExt;
use url::form_urlencoded;

/// How long anything may take before a story fails.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(15);
/// The host under which a browser asks.
pub const HOST: &str = "keyslot.localhost:3000";
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// A browser, signed in or not.
#[derive(Clone)]
pub struct Person {
    router: Router,
    cookie: Option<String>,
    waits_for: Option<Keyslot>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// A server function's error with its HTTP status.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub error: ApiError,
}

/// The cookie that an answer sets, as a browser sends it back.
pub fn cookie_of(answer: &Answer) -> Option<String> {
    let cookie = answer.headers.get(header::SET_COOKIE)?.to_str().ok()?;
    Some(cookie.split(';').next()?.to_owned())
}

impl Answer {
    /// A header as text; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Person {
    pub fn new(router: Router, cookie: Option<String>) -> Self {
        Self { router, cookie, waits_for: None }
    }

    /// Somebody who goes on only when what they changed has reached the sandboxes of this server, or failed there.
    pub fn patient(self, keyslot: &Keyslot) -> Self {
        Self { waits_for: Some(keyslot.clone()), ..self }
    }

    /// The cookie's name and value.
    pub fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap_or_default()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header(header::ACCEPT, "text/html"), Body::empty()).await
    }

    /// Asks for what a page's answer says of itself.
    pub async fn head(&self, path: &str) -> Answer {
        self.send(Request::head(path), Body::empty()).await
    }

    /// Asks for a page under another host than the right one.
    pub async fn get_at(&self, host: &str, path: &str) -> Answer {
        self.send(Request::get(path).header(header::HOST, host), Body::empty()).await
    }

    /// Follows a one-time link as people do: looks at its page and presses the button there.
    pub async fn follow(&self, link: &str) -> Answer {
        let page = self.get(link).await;
        if page.status != StatusCode::OK {
            return page;
        }
        assert!(page.text.contains("<form method=\"post\""), "a button: {}", page.text);
        self.post(link, &[("sec-fetch-site", "same-origin"), ("origin", "null")], &[]).await
    }

    /// Sends a form with these headers beside the cookie.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(request, Body::from(form)).await
    }

    /// Calls a server function as the browser's code does.
    pub async fn call<T: DeserializeOwned>(&self, function: &str, fields: &[(&str, &str)]) -> Result<T, Refusal> {
        let path = format!("/fn/{function}");
        let answer =
            self.post(&path, &[("sec-fetch-site", "same-origin"), ("accept", "application/json")], fields).await;
        read(function, &answer)
    }

    /// Calls a server function that takes JSON, as the browser's code does.
    pub async fn call_json<T: DeserializeOwned>(
        &self,
        function: &str,
        arguments: &serde_json::Value,
    ) -> Result<T, Refusal> {
        let request = Request::post(format!("/fn/{function}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin");
        let answer = self.send(request, Body::from(arguments.to_string())).await;
        read(function, &answer)
    }

    /// Connects a repository that is trusted with every value of the organization; answers its first setup session.
    pub async fn connect(&self, location: &str) -> Result<SessionId, Refusal> {
        let fields = [("location", location), ("release", "all")];
        self.call::<String>("connect_repository", &fields).await.map(|path| session_at(&path))
    }

    /// Connects a repository that asks for each key of the organization.
    pub async fn connect_untrusted(&self, location: &str) -> Result<SessionId, Refusal> {
        self.call::<String>("connect_repository", &[("location", location)]).await.map(|path| session_at(&path))
    }

    /// Lets the configuration of an environment use the organization's values of these keys.
    pub async fn release(&self, target: &str, keys: &[&str]) -> Result<Environment, Refusal> {
        let names: Vec<_> = (0..keys.len()).map(|at| format!("keys[{at}]")).collect();
        let mut fields = vec![("target", target)];
        fields.extend(names.iter().map(String::as_str).zip(keys.iter().copied()));
        self.call("release_values", &fields).await
    }

    /// Connects a repository and waits until its files were written for the first time.
    pub async fn connected(&self, location: &str) -> SessionView {
        let session = self.connect(location).await.expect("connects");
        let view = self.wait(&session, "the first apply", |view| view.receipt.is_some()).await;
        // The last thing that a setup does by itself.
        let applied = |event: &ThreadEvent| matches!(event, ThreadEvent::Applied { .. }).then_some(());
        self.hears(&session, "the first apply", applied).await;
        view
    }

    pub async fn start(&self, configuration: &ConfigurationId, kind: &str) -> Result<SessionId, Refusal> {
        let fields = [("configuration", configuration.as_str()), ("kind", kind)];
        self.call::<String>("start_session", &fields).await.map(|path| session_at(&path))
    }

    /// Starts a work session and waits until it runs.
    pub async fn work(&self, configuration: &ConfigurationId) -> SessionView {
        let session = self.start(configuration, "work").await.expect("starts");
        self.wait(&session, "the boot", |view| view.state == SessionState::Running).await
    }

    pub async fn session(&self, session: &SessionId) -> Result<SessionView, Refusal> {
        self.call("get_session", &[("session", session.as_str())]).await
    }

    /// Asks until the session is as wanted. A session that fails instead fails the story with its words.
    pub async fn wait(&self, session: &SessionId, what: &str, wanted: impl Fn(&SessionView) -> bool) -> SessionView {
        let since = Instant::now();
        loop {
            let view = self.session(session).await.expect("the session");
            if wanted(&view) {
                return view;
            }
            assert!(view.state != SessionState::Failed, "{what}: {:?}", view.error);
            assert!(since.elapsed() < PATIENCE, "{what} takes too long: {view:?}");
            tokio::time::sleep(POLL).await;
        }
    }

    pub async fn thread(&self, session: &SessionId) -> Vec<ThreadEntry> {
        self.call("get_thread", &[("session", session.as_str())]).await.expect("the thread")
    }

    /// Asks until the thread tells something: it is told after what it tells of is stored.
    pub async fn hears<T>(&self, session: &SessionId, what: &str, found: impl Fn(&ThreadEvent) -> Option<T>) -> T {
        let since = Instant::now();
        loop {
            let told = self.thread(session).await;
            if let Some(found) = told.iter().find_map(|entry| found(&entry.event)) {
                return found;
            }
            assert!(since.elapsed() < PATIENCE, "{what} is not told: {told:?}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Saves a snapshot that becomes the current one, and waits until it is decided.
    pub async fn snapshot(&self, session: &SessionId) -> SnapshotView {
        let fields = [("session", session.as_str()), ("name", ""), ("make_current", "true")];
        self.call::<Vec<SnapshotView>>("save_snapshot", &fields).await.expect("it begins");
        let since = Instant::now();
        loop {
            let all: Vec<SnapshotView> =
                self.call("get_snapshots", &[("session", session.as_str())]).await.expect("the snapshots");
            let one = all.into_iter().next().expect("the snapshot");
            if one.state != SnapshotState::Saving {
                return one;
            }
            assert!(since.elapsed() < PATIENCE, "the snapshot takes too long");
            tokio::time::sleep(POLL).await;
        }
    }

    pub async fn environment(&self, target: &str) -> Environment {
        self.call("get_environment", &[("target", target)]).await.expect("the environment")
    }

    /// Saves a value. `scope` as on the wire.
    pub async fn save(&self, at: (&str, &str, &str), scope: &str, value: &str) -> Result<Environment, Refusal> {
        let (target, file, key) = at;
        let fields = [("target", target), ("file", file), ("key", key), ("scope", scope), ("value", value)];
        self.call("set_value", &fields).await
    }

    pub async fn delivery(&self, target: &str) -> Delivery {
        self.call("get_delivery", &[("target", target)]).await.expect("the delivery")
    }

    pub async fn delete(&self, at: (&str, &str, &str), scope: &str) -> Result<Environment, Refusal> {
        let (target, file, key) = at;
        let fields = [("target", target), ("file", file), ("key", key), ("scope", scope)];
        self.call("delete_value", &fields).await
    }

    /// The value requests of a session.
    pub async fn requests(&self, session: &SessionId) -> Vec<ValueRequest> {
        self.call("get_requests", &[("session", session.as_str())]).await.expect("the requests")
    }

    /// The proposals of a session.
    pub async fn proposals(&self, session: &SessionId) -> Vec<Proposal> {
        self.call("get_proposals", &[("session", session.as_str())]).await.expect("the proposals")
    }

    pub async fn accept(&self, session: &SessionId, proposal: &str) -> Result<Vec<Proposal>, Refusal> {
        self.call("accept_proposal", &[("session", session.as_str()), ("proposal", proposal)]).await
    }

    /// Accepts what an agent's answer holds as pending.
    pub async fn accept_pending(&self, session: &SessionId, answer: &serde_json::Value) {
        self.accept(session, &pending(answer)).await.expect("accepted");
    }

    pub async fn promote(&self, at: (&str, &str, &str), scope: &str) -> Result<Environment, Refusal> {
        let (target, file, key) = at;
        let fields = [("target", target), ("file", file), ("key", key), ("scope", scope)];
        self.call("promote_value", &fields).await
    }

    pub async fn end(&self, session: &SessionId) -> Result<(), Refusal> {
        self.call("end_session", &[("session", session.as_str())]).await
    }

    pub async fn finish(&self, session: &SessionId, anyway: bool) -> Result<(), Refusal> {
        let anyway = if anyway { "true" } else { "false" };
        self.call("finish_setup", &[("session", session.as_str()), ("anyway", anyway)]).await
    }

    async fn send(&self, mut request: axum::http::request::Builder, body: Body) -> Answer {
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let mut request = request.body(body).expect("a request");
        request.headers_mut().entry(header::HOST).or_insert(HOST.parse().expect("a header"));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        if let Some(keyslot) = &self.waits_for {
            keyslot.applied().await;
        }
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, BODY_LIMIT).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        Answer { status: parts.status, headers: parts.headers, text }
    }
}

/// What a server function answered.
fn read<T: DeserializeOwned>(function: &str, answer: &Answer) -> Result<T, Refusal> {
    if answer.status.is_success() {
        let read = serde_json::from_str(&answer.text);
        return Ok(read.unwrap_or_else(|error| panic!("{function} answered {error}: {}", answer.text)));
    }
    let error = serde_json::from_str(&answer.text);
    let error = error.unwrap_or_else(|problem| panic!("{function} answered {problem}: {answer:?}"));
    Err(Refusal { status: answer.status.as_u16(), error })
}

fn session_at(path: &str) -> SessionId {
    SessionId::from(path.strip_prefix("/sessions/").expect("a session's path"))
}

/// The id of the pending proposal in an agent's answer.
pub fn pending(answer: &serde_json::Value) -> String {
    assert_eq!(answer["proposal"]["state"], "pending", "{answer}");
    answer["proposal"]["id"].as_str().expect("an id").to_owned()
}

/// A slot of an environment.
pub fn slot<'a>(environment: &'a Environment, place: &str, key: &str) -> &'a SlotView {
    let mut slots = environment.slots();
    let found = slots.find(|(file, slot)| file.place.as_str() == place && slot.key.as_str() == key);
    found.unwrap_or_else(|| panic!("{key} is no slot of {place}")).1
}

/// A slot's status.
pub fn status(environment: &Environment, place: &str, key: &str) -> Status {
    slot(environment, place, key).status
}
