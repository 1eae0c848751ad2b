//! The line between gateway and Payoneer. It counts the charges that go over it, can lose the answer to the next one
//! after it took effect, and can make questions wait: real sockets, real resets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// A line that listens.
pub(crate) struct Line {
    url: String,
    state: Arc<Shared>,
    accepting: AbortHandle,
}

struct Shared {
    target: SocketAddr,
    charges: AtomicUsize,
    lose_reply: AtomicBool,
    holding: watch::Sender<bool>,
}

impl Line {
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let holding = watch::Sender::new(false);
        let (charges, lose_reply) = (AtomicUsize::new(0), AtomicBool::new(false));
        let state = Arc::new(Shared { target, charges, lose_reply, holding });
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            // Ends with this task, so that a cut line is cut for all.
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                connections.spawn(async move { serve(client, &shared).await });
            }
        });
        Self { url, state, accepting: accepting.abort_handle() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How many requests for a charge were sent to Payoneer.
    pub(crate) fn charges(&self) -> usize {
        self.state.charges.load(Ordering::SeqCst)
    }

    /// The next charge takes effect, and nobody hears of it; from then on all other requests wait.
    pub(crate) fn lose_next_reply_and_hold(&self) {
        self.state.lose_reply.store(true, Ordering::SeqCst);
        self.state.holding.send_replace(true);
    }

    /// From now on nobody answers at this address.
    pub(crate) async fn cut(&self) {
        self.accepting.abort();
        while !self.accepting.is_finished() {
            tokio::task::yield_now().await;
        }
    }

    /// What waits goes on.
    pub(crate) fn release(&self) {
        self.state.holding.send_replace(false);
    }
}

/// Charges have a connection of their own, so its first bytes tell what it is for.
fn is_charge(first: &[u8]) -> bool {
    let text = String::from_utf8_lossy(first);
    let mut words = text.split(' ');
    words.next() == Some("POST") && words.next().is_some_and(|path| path.ends_with("/charges"))
}

async fn serve(mut client: TcpStream, shared: &Shared) {
    let mut first = vec![0; 16 * 1024];
    let Ok(count) = client.read(&mut first).await else { return };
    first.truncate(count);
    let charge = is_charge(&first);
    if !charge {
        pass(shared).await;
    }
    let Ok(mut server) = TcpStream::connect(shared.target).await else { return };
    if server.write_all(&first).await.is_err() {
        return;
    }
    if charge {
        shared.charges.fetch_add(1, Ordering::SeqCst);
        if shared.lose_reply.swap(false, Ordering::SeqCst) {
            lose_reply(client, server).await;
        } else {
            // Either side may end it, and neither has to do with how.
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        }
        return;
    }
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (client.split(), server.split());
    tokio::select! {
        () = pump(&mut from_client, &mut to_server, Some(shared)) => {}
        () = pump(&mut from_server, &mut to_client, None) => {}
    }
}

/// Waits while requests are held.
async fn pass(shared: &Shared) {
    // Fails only when the line is gone.
    let _ = shared.holding.subscribe().wait_for(|holding| !holding).await;
}

async fn pump(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin), gate: Option<&Shared>) {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let Ok(count @ 1..) = from.read(&mut bytes).await else { return };
        if let Some(shared) = gate {
            pass(shared).await;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

/// Passes the request on, waits until it was answered and hence took effect, and resets the client's connection.
async fn lose_reply(mut client: TcpStream, mut server: TcpStream) {
    let mut answer = [0; 1];
    {
        let (mut from_client, (mut from_server, mut to_server)) = (&mut client, server.split());
        tokio::select! {
            answered = from_server.read(&mut answer) => assert_eq!(answered.ok(), Some(1), "Payoneer answers"),
            () = pump(&mut from_client, &mut to_server, None) => panic!("the gateway gave up first"),
        }
    }
    client.set_zero_linger().expect("a reset");
}
