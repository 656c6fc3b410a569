//! The one connection over which the server tells a page what changed.

use crate::api::live::Change;
use crate::domain::ids::SessionId;
use leptos::prelude::*;

/// How the connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Not opened yet.
    #[default]
    Opening,
    /// Changes arrive.
    Live,
    /// Dropped; it is being opened again.
    Lost,
}

/// What arrives over the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// One thing changed.
    Changed(Change),
    /// Changes may have been missed: everything must be fetched again.
    Everything,
}

/// Milliseconds to wait before the connection is opened again, after so many attempts in a row that failed.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
fn pause(failures: u32) -> u64 {
    1_000 << failures.min(5)
}

/// Follows a session for as long as the page is open. A dropped connection heals by itself.
#[cfg(feature = "hydrate")]
pub fn follow(session: &SessionId, link: RwSignal<Link>, hear: impl Fn(News) + 'static) {
    following::Follower::start(crate::api::live::events_path(session), link, Box::new(hear));
}

/// The server renders once and follows nothing.
#[cfg(not(feature = "hydrate"))]
pub fn follow(_: &SessionId, _: RwSignal<Link>, _: impl Fn(News) + 'static) {}

#[cfg(feature = "hydrate")]
mod following {
    use super::{Link, News, pause};
    use leptos::leptos_dom::helpers::{set_timeout, window_event_listener_untyped};
    use leptos::prelude::*;
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;
    use std::time::Duration;
    use wasm_bindgen::prelude::*;
    use web_sys::{EventSource, MessageEvent};

    type Listener = Closure<dyn FnMut(MessageEvent)>;

    /// Owns the one event source of the page.
    pub struct Follower {
        path: String,
        link: RwSignal<Link>,
        hear: Box<dyn Fn(News)>,
        source: RefCell<Option<EventSource>>,
        listener: RefCell<Option<Listener>>,
        failures: Cell<u32>,
        waiting: Cell<bool>,
    }

    impl Follower {
        /// Opens the connection, and again whenever the browser may have lost it unnoticed.
        pub fn start(path: String, link: RwSignal<Link>, hear: Box<dyn Fn(News)>) {
            let follower = Rc::new(Self {
                path,
                link,
                hear,
                source: RefCell::default(),
                listener: RefCell::default(),
                failures: Cell::default(),
                waiting: Cell::default(),
            });
            let told = Rc::downgrade(&follower);
            let listener = Listener::new(move |event: MessageEvent| {
                if let Some(follower) = told.upgrade() {
                    follower.take(&event);
                }
            });
            *follower.listener.borrow_mut() = Some(listener);
            for event in ["online", "pageshow", "visibilitychange"] {
                let follower = follower.clone();
                let _ = window_event_listener_untyped(event, move |_| follower.open_if_closed());
            }
            follower.open();
        }

        fn open(&self) {
            if let Some(old) = self.source.take() {
                old.close();
            }
            let Ok(source) = EventSource::new(&self.path) else { return };
            if let Some(listener) = &*self.listener.borrow() {
                for event in ["open", "error", "change", "resync"] {
                    let _ = source.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
                }
            }
            *self.source.borrow_mut() = Some(source);
        }

        fn is_closed(&self) -> bool {
            self.source.borrow().as_ref().is_none_or(|source| source.ready_state() == EventSource::CLOSED)
        }

        fn open_if_closed(&self) {
            if self.is_closed() {
                self.open();
            }
        }

        fn take(self: &Rc<Self>, event: &MessageEvent) {
            match event.type_().as_str() {
                "open" => {
                    self.failures.set(0);
                    self.link.set(Link::Live);
                    // Whatever changed between rendering (or the drop) and now was not told.
                    (self.hear)(News::Everything);
                }
                "error" => self.lost(),
                "change" => {
                    let data = event.data().as_string().unwrap_or_default();
                    (self.hear)(serde_json::from_str(&data).map_or(News::Everything, News::Changed));
                }
                _ => (self.hear)(News::Everything),
            }
        }

        /// The browser tries again by itself, unless the server answered with an error.
        fn lost(self: &Rc<Self>) {
            self.link.set(Link::Lost);
            if !self.is_closed() || self.waiting.replace(true) {
                return;
            }
            let failures = self.failures.replace(self.failures.get().saturating_add(1));
            let follower = self.clone();
            set_timeout(
                move || {
                    follower.waiting.set(false);
                    follower.open_if_closed();
                },
                Duration::from_millis(pause(failures)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_tried_less_and_less_often_but_for_ever() {
        assert_eq!([0, 1, 2, 5, 6, 60].map(pause), [1_000, 2_000, 4_000, 32_000, 32_000, 32_000]);
    }
}
