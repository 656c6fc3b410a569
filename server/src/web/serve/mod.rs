//! Answering connections with limits that `axum::serve` has not: time for headers and bodies, and how many connections
//! there may be at once, together and from one address.

mod bodies;
mod connections;

pub use bodies::BodyLate;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use bodies::{Arriving, Leaving};
use connections::{Admitted, Connections};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Pause before the next try when the system gives out no more connections.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How much a server takes in.
#[derive(Clone, Copy, Debug)]
pub struct ServeLimits {
    /// Open connections.
    pub connections: usize,
    /// Open connections from one address.
    pub per_address: usize,
    /// How long the headers of a request may take to arrive; also how long a connection may wait for its next request.
    pub header_time: Duration,
    /// How long the body of a request may take to arrive.
    pub body_time: Duration,
}

impl ServeLimits {
    /// So many connections, with usual times.
    pub fn new(connections: usize, per_address: usize) -> Self {
        let (header_time, body_time) = (Duration::from_secs(20), Duration::from_secs(60));
        Self { connections, per_address, header_time, body_time }
    }
}

/// Answers until `closing` is over, then ends connections after the answers under way.
pub async fn serve(listener: TcpListener, router: Router, limits: ServeLimits, closing: impl Future<Output = ()>) {
    let connections = Arc::new(Connections::new(limits));
    let (tasks, ending) = (TaskTracker::new(), CancellationToken::new());
    let mut closing = pin!(closing);
    loop {
        let accepted = tokio::select! {
            () = &mut closing => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                // Dropped, and thereby closed, where there is no room.
                let Some(admitted) = connections.admit(address.ip()) else { continue };
                tasks.spawn(answer(stream, address, router.clone(), limits, admitted, ending.clone()));
            }
            // Whoever connected is gone already.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                connections.make_room();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    ending.cancel();
    tasks.close();
    tasks.wait().await;
}

/// Answers one connection to its end.
async fn answer(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    limits: ServeLimits,
    admitted: Admitted,
    ending: CancellationToken,
) {
    // Small answers should not wait for more to send.
    let _ = stream.set_nodelay(true);
    let busy = admitted.busy();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (answering, router) = (busy.begin(), router.clone());
        let mut request: Request = request.map(|body| Body::new(Arriving::new(body, limits.body_time)));
        request.extensions_mut().insert(ConnectInfo(address));
        async move {
            let response = router.oneshot(request).await?;
            Ok::<_, std::convert::Infallible>(response.map(|body| Leaving::new(body, answering)))
        }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.header_time);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    let mut is_ending = false;
    loop {
        tokio::select! {
            // What clients do wrong, and connections that they break, are theirs to know.
            _ = connection.as_mut() => return,
            // Somebody else needs the room, and nothing is being answered here.
            () = admitted.evicted() => return,
            () = ending.cancelled(), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

#[cfg(test)]
mod tests;
