//! Answering connections with limits that `axum::serve` has not: time for headers and bodies, and how many connections
//! there may be at once, together and from one address.

mod bodies;
mod connections;

pub use bodies::BodyLate;

use crate::config::Config;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use bodies::{Arriving, Leaving};
use connections::{Admitted, Busy, Connections};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Pause before the next try when the system gives out no more connections.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a server that ends gives a connection over which nothing is being answered.
const GRACE: Duration = Duration::from_millis(200);

/// How much a server takes in.
#[derive(Clone, Debug)]
pub struct ServeLimits {
    /// Open connections.
    pub connections: usize,
    /// Open connections from one address.
    pub per_address: usize,
    /// Addresses of proxies, which connect for many and have no limit of their own.
    pub proxies: Vec<IpAddr>,
    /// How long the headers of a request may take to arrive; also how long a connection may wait for its next request.
    pub header_time: Duration,
    /// How long the body of a request may take to arrive.
    pub body_time: Duration,
}

impl From<&Config> for ServeLimits {
    fn from(config: &Config) -> Self {
        let quotas = &config.quotas;
        Self {
            connections: quotas.max_connections,
            per_address: quotas.max_connections_per_address,
            proxies: config.trusted_proxies.clone(),
            header_time: Duration::from_secs(quotas.header_seconds),
            body_time: Duration::from_secs(quotas.body_seconds),
        }
    }
}

/// Answers until `closing` is over, then ends connections after the answers under way.
pub async fn serve(listener: TcpListener, router: Router, limits: ServeLimits, closing: impl Future<Output = ()>) {
    let body_time = limits.body_time;
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.header_time);
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
                let service = Answerer { address, router: router.clone(), body_time, busy: admitted.busy() };
                tasks.spawn(answer(server.clone(), stream, service, admitted, ending.clone()));
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

/// What answers the requests of one connection.
struct Answerer {
    address: SocketAddr,
    router: Router,
    body_time: Duration,
    busy: Busy,
}

impl Answerer {
    async fn answer(&self, request: hyper::Request<Incoming>) -> Result<hyper::Response<Leaving>, Infallible> {
        let answering = self.busy.begin();
        let arriving = |body| Body::new(Arriving::new(body, self.body_time, answering.clone()));
        let mut request: Request = request.map(arriving);
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.router.clone().oneshot(request).await?;
        Ok(response.map(|body| Leaving::new(body, answering)))
    }
}

/// Answers one connection to its end.
async fn answer(
    server: http1::Builder,
    stream: TcpStream,
    answerer: Answerer,
    admitted: Admitted,
    ending: CancellationToken,
) {
    // Small answers should not wait for more to send.
    let _ = stream.set_nodelay(true);
    let busy = answerer.busy.clone();
    let service = service_fn(|request| answerer.answer(request));
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
            // A request that is still arriving is not waited for, only what was sent is sent on.
            () = tokio::time::sleep(GRACE), if is_ending && busy.is_idle() => return,
        }
    }
}

#[cfg(test)]
mod tests;
