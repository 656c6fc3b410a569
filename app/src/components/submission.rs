//! Sending a form while the page stays.

use super::browser;
use super::problem::form_problem;
use crate::api::ApiError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::{Future, pending};

/// What a form shows of being sent. It is sent once at a time.
#[derive(Clone, Copy)]
pub struct Submission {
    /// What went wrong.
    pub error: RwSignal<Option<ApiError>>,
    /// Whether it is under way.
    pub busy: RwSignal<bool>,
}

impl Submission {
    /// Starts with what a plain form was answered.
    pub fn new(refused: Option<ApiError>) -> Self {
        Self::telling(RwSignal::new(refused))
    }

    /// Starts with what the plain form of this server function (by its path) was answered, if that led to this page.
    pub fn of(path: &str) -> Self {
        Self::new(form_problem(path))
    }

    /// Tells what goes wrong where several forms do.
    pub fn telling(error: RwSignal<Option<ApiError>>) -> Self {
        Self { error, busy: RwSignal::new(false) }
    }

    /// The attribute `aria-busy` of its button.
    pub fn aria_busy(self) -> Option<&'static str> {
        self.busy.get().then_some("true")
    }

    /// Sends it; what a success brings goes to `then`. The event stream may have told of it first: if the form is gone
    /// by then, nothing is left to do.
    pub fn send<T: 'static>(
        self,
        call: impl Future<Output = Result<T, ApiError>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        self.send_for_page(call, move |value| {
            if !self.busy.is_disposed() {
                then(value);
            }
        });
    }

    /// The same where the page around the form takes the answer: `then` also runs when the form is gone.
    pub fn send_for_page<T: 'static>(
        self,
        call: impl Future<Output = Result<T, ApiError>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let answer = call.await;
            self.busy.try_set(false);
            match answer {
                Ok(value) => then(value),
                Err(problem) => {
                    self.error.try_set(Some(problem));
                }
            }
        });
    }

    /// Sends it and loads the page whose path a success brings.
    pub fn send_and_go(self, call: impl Future<Output = Result<String, ApiError>> + 'static) {
        let call = async move {
            browser::go(&call.await?);
            // The button stays busy until the other page is there.
            pending().await
        };
        self.send(call, |()| ());
    }
}
