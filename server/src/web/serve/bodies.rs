//! Bodies of requests, which must arrive in time, and of answers, which tell when they have gone out.

use super::connections::Answering;
use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// A request's body took too long to arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request's body did not arrive in time")]
pub struct BodyLate;

/// A request's body, with its deadline. Its connection is busy from its end on.
pub(super) struct Arriving {
    body: Incoming,
    deadline: Pin<Box<Sleep>>,
    answering: Arc<Answering>,
}

impl Arriving {
    pub fn new(body: Incoming, time: Duration, answering: Arc<Answering>) -> Self {
        let arriving = Self { body, deadline: Box::pin(sleep(time)), answering };
        arriving.note_end(false);
        arriving
    }

    fn note_end(&self, is_over: bool) {
        if is_over || self.body.is_end_stream() {
            self.answering.arrived();
        }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.note_end(frame.is_none());
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        // Only what has to be waited for can be late.
        self.deadline.as_mut().poll(context).map(|()| Some(Err(BodyLate.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An answer's body; its connection is busy until it is gone.
pub(super) struct Leaving {
    body: Body,
    _answering: Arc<Answering>,
}

impl Leaving {
    pub fn new(body: Body, answering: Arc<Answering>) -> Self {
        Self { body, _answering: answering }
    }
}

impl HttpBody for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
