//! A receiver of webhooks over a raw socket, which answers as told, however badly, and remembers every request.
//! No assertion lives here.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a receiver does with a request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Answers with this status and these further header lines, each with its line end.
    Answer(u16, &'static str),
    /// Says nothing, for ever.
    Hang,
    /// Writes these bytes, then nothing, for ever.
    SayThenHang(&'static str),
    /// Writes these bytes, then the same block of a body again and again.
    Endless(&'static str),
    /// Writes one byte of an answer now and then, never the whole.
    Drip,
    /// Closes.
    Close,
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn event(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A running receiver; it ends with the value.
pub struct Receiver {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    open: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// One that does the same with every request.
    pub async fn always(act: Act) -> Self {
        Self::each(move |_| act.clone()).await
    }

    /// One that does with the n-th request (from 0) what `act` says.
    pub async fn each(act: impl Fn(usize) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (got, open, most) = (Arc::<Mutex<Vec<Got>>>::default(), Arc::<AtomicUsize>::default(), Arc::default());
        let act = Arc::new(act);
        let shared = (Arc::clone(&got), Arc::clone(&open), Arc::clone(&most));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (act, shared) = (Arc::clone(&act), shared.clone());
                tokio::spawn(async move { serve(stream, act.as_ref(), &shared).await });
            }
        });
        Self { address, got, open, most, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().expect("a lock").clone()
    }

    /// The most requests that were open at once.
    pub fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    pub fn open_now(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

type Shared = (Arc<Mutex<Vec<Got>>>, Arc<AtomicUsize>, Arc<AtomicUsize>);

struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn serve(mut stream: TcpStream, act: &(impl Fn(usize) -> Act + Sync), (got, open, most): &Shared) {
    let Some(request) = read(&mut stream).await else { return };
    most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    let _open = Open(Arc::clone(open));
    let number = {
        let mut got = got.lock().expect("a lock");
        got.push(request);
        got.len() - 1
    };
    perform(&mut stream, act(number)).await;
}

async fn perform(stream: &mut TcpStream, act: Act) {
    match act {
        Act::Answer(status, lines) => {
            let text = format!("HTTP/1.1 {status} Said\r\n{lines}content-length: 2\r\nconnection: close\r\n\r\nok");
            let _ = stream.write_all(text.as_bytes()).await;
        }
        Act::Hang => until_gone(stream).await,
        Act::SayThenHang(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            until_gone(stream).await;
        }
        Act::Endless(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            while stream.write_all(&[b'x'; 8_192]).await.is_ok() {}
        }
        Act::Drip => {
            for byte in b"HTTP/1.1 200 OK\r\nx-drip: ".iter().chain(std::iter::repeat(&b'd')) {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
        Act::Close => {}
    }
}

async fn until_gone(stream: &mut TcpStream) {
    let mut rest = [0; 1_024];
    while matches!(stream.read(&mut rest).await, Ok(read) if read > 0) {}
}

/// Reads one request with a body of known length.
async fn read(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    let head = loop {
        let mut chunk = [0; 4_096];
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        let mut chunk = [0; 4_096];
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        body.extend_from_slice(&chunk[..read]);
    }
    Some(Got { path, headers, body })
}
