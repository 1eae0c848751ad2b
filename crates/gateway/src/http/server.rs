//! The accept loop: bounded connections, bounded time for every part of a request, and a graceful end.
//! What a request means is the router's business.

use super::guesses::Peer;
use super::stream::Impatient;
use crate::app::App;
use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What one client, or all of them together, may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections at the same time; further ones wait in the listener's queue.
    pub(crate) connections: usize,
    /// How long the head of a request may take, and how long a connection may be idle between two.
    pub(crate) head: Duration,
    /// How large the head of a request may be, in bytes.
    pub(crate) head_bytes: usize,
    /// How many header fields a request may have.
    pub(crate) head_fields: usize,
    /// How long a client may take no byte of an answer.
    pub(crate) write: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            head: Duration::from_secs(10),
            head_bytes: 32 * 1_024,
            head_fields: 64,
            write: Duration::from_secs(30),
        }
    }
}

/// How many may scrape at the same time.
const SCRAPERS: usize = 8;

/// After a failed accept (too many open files, as a rule) the loop takes a breath instead of spinning.
const BREATH: Duration = Duration::from_millis(100);

/// A serving HTTP server.
pub(crate) struct Server {
    addr: SocketAddr,
    app: Arc<App>,
    accept: tokio::task::JoinHandle<()>,
    connections: TaskTracker,
    finish: CancellationToken,
    cut: CancellationToken,
}

impl Server {
    /// Starts to serve on this listener.
    pub(crate) fn start(listener: TcpListener, app: Arc<App>) -> std::io::Result<Self> {
        let router = super::router(Arc::clone(&app));
        Self::serve(listener, app, router, Limits::default())
    }

    /// Starts to serve metrics on this listener.
    pub(crate) fn of_metrics(listener: TcpListener, app: Arc<App>) -> std::io::Result<Self> {
        let router = super::metrics::router(Arc::clone(&app));
        Self::serve(listener, app, router, Limits { connections: SCRAPERS, ..Limits::default() })
    }

    fn serve(listener: TcpListener, app: Arc<App>, router: Router, limits: Limits) -> std::io::Result<Self> {
        let addr = listener.local_addr()?;
        let (finish, cut, connections) = (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());
        let signals = (finish.clone(), cut.clone());
        let accept = tokio::spawn(accept(listener, router, limits, connections.clone(), signals));
        Ok(Self { addr, app, accept, connections, finish, cut })
    }

    /// The address it listens on.
    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops accepting, lets the requests in flight finish, then closes. After `grace` what is left is cut; a charge
    /// cut like that is recorded as sent and is resolved after the next start.
    pub(crate) async fn shutdown(self, grace: Duration) {
        self.app.drain();
        self.finish.cancel();
        self.connections.close();
        self.app.tasks().close();
        let idle = async {
            self.connections.wait().await;
            self.app.tasks().wait().await;
        };
        if tokio::time::timeout(grace, idle).await.is_err() {
            tracing::warn!(connections = self.connections.len(), tasks = self.app.tasks().len(), "cut off at shutdown");
        }
        self.cut.cancel();
        self.connections.wait().await;
        // The loop ends by itself once `finish` is cancelled.
        let _ = self.accept.await;
    }
}

async fn accept(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    connections: TaskTracker,
    (finish, cut): (CancellationToken, CancellationToken),
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    loop {
        let place = tokio::select! {
            () = finish.cancelled() => return,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        // The semaphore is never closed.
        let Ok(place) = place else { return };
        let stream = tokio::select! {
            () = finish.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match stream {
            Ok((stream, peer)) => {
                let served = serve((stream, Peer(peer.ip())), router.clone(), limits, finish.clone(), cut.clone());
                connections.spawn(async move {
                    served.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

/// Serves one connection to its end.
async fn serve(
    (stream, peer): (TcpStream, Peer),
    router: Router,
    limits: Limits,
    finish: CancellationToken,
    cut: CancellationToken,
) {
    // Answers are written in one piece, so waiting for more to send would only add delay.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Impatient::new(stream, limits.write));
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes)
        .max_headers(limits.head_fields)
        .half_close(false)
        .serve_connection(io, service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = finish.cancelled() => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            ended = connection.as_mut() => ended,
            () = cut.cancelled() => Ok(()),
        }
    };
    if let Err(error) = ended {
        // A client that went away or talks nonsense is no event of ours.
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
