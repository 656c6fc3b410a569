//! The browser's end of the connection.

use super::{Link, SILENCE, pause};
use crate::components::browser;
use leptos::leptos_dom::helpers::{set_timeout, window_event_listener_untyped};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use web_sys::{EventSource, MessageEvent};

/// How long a page is out of sight before it gives its connection back.
const OUT_OF_SIGHT: Duration = Duration::from_secs(10);
/// How often it is looked whether the connection is still alive.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Everything that the event source tells: the browser's own events, then the server's.
const EVENTS: [&str; 7] = ["open", "error", "change", "resync", "watching", "beat", "signed-out"];

type Listener = Closure<dyn FnMut(MessageEvent)>;

/// Owns the one event source of the page.
pub struct Follower {
    path: String,
    /// Id of the last event that was heard.
    seen: RefCell<Option<String>>,
    link: RwSignal<Link>,
    /// Takes the data of a change, or nothing when changes may have been missed.
    hear: Box<dyn Fn(Option<String>)>,
    source: RefCell<Option<EventSource>>,
    listener: RefCell<Option<Listener>>,
    failures: Cell<u32>,
    waiting: Cell<bool>,
    /// When something arrived last, in milliseconds since 1970.
    alive_at: Cell<f64>,
}

impl Follower {
    /// Opens the connection, and again whenever the browser may have lost it unnoticed.
    pub fn start(path: String, seen: Option<String>, link: RwSignal<Link>, hear: Box<dyn Fn(Option<String>)>) {
        let follower = Rc::new(Self {
            path,
            seen: RefCell::new(seen),
            link,
            hear,
            source: RefCell::default(),
            listener: RefCell::default(),
            failures: Cell::default(),
            waiting: Cell::default(),
            alive_at: Cell::new(js_sys::Date::now()),
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
            let _ = window_event_listener_untyped(event, move |_| follower.look());
        }
        let looking = follower.clone();
        let _ = set_interval_with_handle(move || looking.look(), LOOK_EVERY);
        follower.look();
    }

    /// Opens the connection if it is closed or dead and somebody is there to see; gives it back when nobody is.
    fn look(self: &Rc<Self>) {
        if self.link.get_untracked() == Link::SignedOut {
            return;
        }
        if browser::is_hidden() {
            let follower = self.clone();
            set_timeout(move || follower.rest(), OUT_OF_SIGHT);
        } else if self.is_dead() || (self.is_closed() && !self.waiting.get()) {
            self.open();
        }
    }

    fn rest(&self) {
        if browser::is_hidden() {
            self.close();
        }
    }

    fn close(&self) {
        if let Some(source) = self.source.take() {
            source.close();
        }
    }

    /// Opens a connection in place of the one that there may be, from the last event that was heard.
    fn open(&self) {
        self.close();
        self.alive_at.set(js_sys::Date::now());
        let path = match &*self.seen.borrow() {
            Some(id) => format!("{}?since={id}", self.path),
            None => self.path.clone(),
        };
        let Ok(source) = EventSource::new(&path) else { return };
        if let Some(listener) = &*self.listener.borrow() {
            for event in EVENTS {
                let _ = source.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
            }
        }
        *self.source.borrow_mut() = Some(source);
    }

    fn is_closed(&self) -> bool {
        self.source.borrow().as_ref().is_none_or(|source| source.ready_state() == EventSource::CLOSED)
    }

    /// Whether a connection that seems to be there was silent for too long, as after the computer slept.
    fn is_dead(&self) -> bool {
        !self.is_closed() && js_sys::Date::now() - self.alive_at.get() > SILENCE
    }

    fn take(self: &Rc<Self>, event: &MessageEvent) {
        self.alive_at.set(js_sys::Date::now());
        match event.type_().as_str() {
            "error" => self.lost(),
            "open" => {
                self.failures.set(0);
                self.link.set(Link::Live);
            }
            "signed-out" => {
                self.close();
                self.link.set(Link::SignedOut);
            }
            told => {
                let id = event.last_event_id();
                if !id.is_empty() {
                    *self.seen.borrow_mut() = Some(id);
                }
                match told {
                    "change" => (self.hear)(event.data().as_string()),
                    "resync" => (self.hear)(None),
                    _ => {}
                }
            }
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
                follower.look();
            },
            Duration::from_millis(pause(failures)),
        );
    }
}
