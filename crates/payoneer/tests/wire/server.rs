//! A raw TCP server that misbehaves as told, and remembers every request to the byte.
//! It is no HTTP server: tests write what it says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does on a connection.
#[derive(Clone)]
pub(crate) enum Act {
    /// Reads a request, writes these bytes, closes.
    Say(Vec<u8>),
    /// Answers request after request with these bytes, until the peer closes.
    Keep(Vec<u8>),
    /// Writes these bytes without reading any, and never says more.
    SpeakFirst(Vec<u8>),
    /// Closes at once.
    Close,
    /// Resets at once.
    Reset,
    /// Reads a request, then resets.
    ReadThenReset,
    /// Reads a request, then closes.
    ReadThenClose,
    /// Reads only this many bytes, then resets.
    ReadPartThenReset(usize),
    /// Reads, and never says anything.
    Silence,
    /// Reads a request, writes these bytes, and never says more.
    SayThenSilence(Vec<u8>),
    /// Reads a request, writes the first bytes, then the second for ever.
    Endless(Vec<u8>, Vec<u8>),
}

/// One running server; it ends with the value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// A server that does the same on every connection.
    pub(crate) async fn always(act: Act) -> Self {
        Self::each(move |_| act.clone()).await
    }

    /// A server that does on the n-th connection (from 0) what `act` says.
    pub(crate) async fn each(act: impl Fn(usize) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (counted, kept) = (Arc::clone(&connections), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let act = act(counted.fetch_add(1, Ordering::SeqCst));
                // A peer that goes away in the middle is what these tests are about.
                tokio::spawn(serve(stream, act, Arc::clone(&kept)));
            }
        });
        Self { address, connections, requests, task }
    }

    pub(crate) fn http(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(crate) fn https(&self) -> String {
        format!("https://{}/", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The requests read so far, whole.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, act: Act, requests: Arc<Mutex<Vec<String>>>) -> Option<()> {
    match act {
        Act::Close => {}
        Act::Reset => stream.set_zero_linger().ok()?,
        Act::ReadPartThenReset(bytes) => {
            stream.read_exact(&mut vec![0; bytes]).await.ok()?;
            stream.set_zero_linger().ok()?;
        }
        Act::Say(reply) => {
            read_request(&mut stream, &requests).await?;
            stream.write_all(&reply).await.ok()?;
            stream.shutdown().await.ok()?;
        }
        Act::Keep(reply) => loop {
            read_request(&mut stream, &requests).await?;
            stream.write_all(&reply).await.ok()?;
        },
        Act::ReadThenReset => {
            read_request(&mut stream, &requests).await?;
            stream.set_zero_linger().ok()?;
        }
        Act::ReadThenClose => {
            read_request(&mut stream, &requests).await?;
        }
        Act::SpeakFirst(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            std::future::pending::<()>().await;
        }
        Act::Silence => {
            read_request(&mut stream, &requests).await;
            std::future::pending::<()>().await;
        }
        Act::SayThenSilence(reply) => {
            read_request(&mut stream, &requests).await?;
            stream.write_all(&reply).await.ok()?;
            std::future::pending::<()>().await;
        }
        Act::Endless(first, again) => {
            read_request(&mut stream, &requests).await?;
            stream.write_all(&first).await.ok()?;
            loop {
                stream.write_all(&again).await.ok()?;
            }
        }
    }
    Some(())
}

/// Reads one request, head and body by its `content-length`, and keeps it.
async fn read_request(stream: &mut TcpStream, requests: &Mutex<Vec<String>>) -> Option<()> {
    let mut request = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.ok()?;
        if read == 0 {
            return None;
        }
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length:").and_then(|value| value.trim().parse::<usize>().ok())
            });
            if body.len() >= length.unwrap_or(0) {
                requests.lock().unwrap().push(text.into_owned());
                return Some(());
            }
        }
    }
}

/// A reply with this status, type and body, and its right length.
pub(crate) fn reply(status: u16, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// A JSON reply.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    reply(status, "application/json; charset=utf-8", body)
}

/// Payoneer's envelope.
pub(crate) fn envelope(code: i64, description: &str, more: &str) -> String {
    format!(r#"{{"audit_id":2166201939,"code":{code},"description":"{description}"{more}}}"#)
}

pub(crate) const SUCCESS: &str = r#"{"audit_id":2166201939,"code":0,"description":"Success"}"#;
