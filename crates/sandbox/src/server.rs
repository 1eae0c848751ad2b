//! Accepting connections over HTTP/1.1: a time-out for request heads, a bounded number, and an orderly end.
//! Knows nothing of what is served.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::line::Line;

/// How many connections are open at once; further ones wait in the system's queue.
const CONNECTIONS: usize = 512;
/// How long a connection may take for a request's head, idle time before it included.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests that are under way may take at the end.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves `router` until `stop`, then lets what is under way end.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = async {
                // The semaphore is never closed.
                let slot = Arc::clone(&slots).acquire_owned().await.ok();
                (listener.accept().await, slot)
            } => accepted,
        };
        match accepted {
            (Ok((stream, _)), slot) => {
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    carry(stream, router, stop).await;
                    drop(slot);
                });
            }
            (Err(error), _) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    connections.close();
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, connections.wait()).await;
}

/// A socket and a second handle of it.
fn twice(stream: TcpStream) -> std::io::Result<(TcpStream, TcpStream)> {
    let stream = stream.into_std()?;
    let window = TcpStream::from_std(stream.try_clone()?)?;
    Ok((TcpStream::from_std(stream)?, window))
}

async fn carry(stream: TcpStream, router: Router, stop: CancellationToken) {
    let _ = stream.set_nodelay(true);
    let (stream, window) = match twice(stream) {
        Ok(both) => both,
        Err(error) => return tracing::warn!(%error, "a connection could not be served"),
    };
    let (line, mut plays) = Line::new(window);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(line.clone());
        router.call(request)
    });
    let mut connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        // What becomes of a call whose client has closed the connection is for its handler to say.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut stopping = false;
    let play = loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                }
                return;
            }
            // The service holds the line as long as the connection lives.
            Some(play) = plays.recv() => break play,
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    // Taking the socket out of HTTP's hands also drops the handler, which waits for nothing else.
    let stream = connection.into_parts().io.into_inner();
    tokio::select! {
        () = stop.cancelled() => {}
        () = play.perform(stream) => {}
    }
}
