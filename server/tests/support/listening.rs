//! Somebody who watches an event stream as a browser does.

use super::Site;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode};
use futures::StreamExt;
use std::time::Duration;
use tower::ServiceExt;

/// How long an event may take before a story fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open stream.
pub struct Listening {
    body: BodyDataStream,
    text: String,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    pub data: String,
    pub id: String,
}

impl Event {
    fn read(block: &str) -> Option<Self> {
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap_or_default().to_owned()
        };
        let event = Self { name: field("event"), data: field("data"), id: field("id") };
        (!event.name.is_empty() && event.name != "beat").then_some(event)
    }
}

impl Listening {
    /// Opens a stream, with these headers beside the cookie.
    pub async fn open(site: &Site, cookie: &str, path: &str, headers: &[(&str, &str)]) -> Result<Self, StatusCode> {
        let mut request = Request::get(path).header("cookie", cookie).header("host", super::HOST);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = site.router.clone().oneshot(request.body(Body::empty()).expect("a request")).await;
        let answer = answer.expect("an answer");
        if answer.status() != StatusCode::OK {
            return Err(answer.status());
        }
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        Ok(Self { body: answer.into_body().into_data_stream(), text: String::new() })
    }

    /// The next event; nothing at the end of the stream. Comments and signs of life are skipped.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = Event::read(block);
                self.text = rest.to_owned();
                if event.is_some() {
                    return event;
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.body.next()).await.expect("an event")?;
            self.text += &String::from_utf8_lossy(&chunk.expect("a chunk"));
        }
    }

    /// Listens until something of this name and data is told; answers everything up to it.
    pub async fn until(&mut self, name: &str, data: &str) -> Vec<Event> {
        let mut heard = Vec::new();
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the stream ended before {name} {data}: {heard:?}"));
            heard.push(event.clone());
            if event.name == name && event.data == data {
                return heard;
            }
        }
    }
}
