//! A line between gateway and sandbox that can lose what goes over it: real sockets, real resets.
//! Queries always pass; only requests that can move money are hit, and only as often as was said.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// What happens to the next request that can move money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is passed on, takes effect, and its answer is lost.
    LoseReply,
    /// It is passed on, takes effect, and the answer never comes.
    Hang,
    /// It is read and thrown away, and the connection is closed.
    LoseRequest,
    /// It is thrown away and answered with an error page.
    ErrorPage,
    /// It is passed on after this time, whether or not anybody still waits.
    Delay(Duration),
    /// It takes effect, and its answer ends in the middle.
    Truncate,
    /// Nothing.
    Pass,
    /// It is thrown away and answered with 429 and these further header lines.
    TooMany(&'static str),
}

/// Trouble that lasts until it is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    pub fault: Fault,
    /// Whether queries are hit, too.
    pub queries: bool,
}

/// What all connections share.
#[derive(Clone)]
struct Shared {
    faults: Arc<Mutex<Vec<Fault>>>,
    money: Arc<Mutex<usize>>,
    trouble: watch::Receiver<Option<Trouble>>,
}

/// The line.
pub struct Line {
    addr: SocketAddr,
    shared: Shared,
    trouble: watch::Sender<Option<Trouble>>,
    cut: CancellationToken,
}

impl Line {
    /// A line to that address that loses nothing.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let (trouble, seen) = watch::channel(None);
        let shared = Shared { faults: Arc::default(), money: Arc::default(), trouble: seen };
        let cut = CancellationToken::new();
        listen(listener, target, &shared, &cut);
        Self { addr, shared, trouble, cut }
    }

    /// From now on requests are hit like this, on kept connections too; `None`: all is well again.
    pub fn trouble(&self, trouble: Option<Trouble>) {
        self.trouble.send_replace(trouble);
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The next money requests are hit, in this order; then all is well again.
    pub fn hit(&self, faults: &[Fault]) {
        self.shared.faults.lock().expect("a lock").splice(.., faults.iter().copied().rev());
    }

    /// How many requests that can move money were seen.
    pub fn money_requests(&self) -> usize {
        *self.shared.money.lock().expect("a lock")
    }

    /// From now on nobody answers at this address.
    pub async fn cut(&self) {
        self.cut.cancel();
        // Until the listener is gone, a connection may still be taken.
        while TcpStream::connect(self.addr).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    /// Somebody answers at this address again.
    pub async fn mend(&mut self, target: SocketAddr) {
        let listener = TcpListener::bind(self.addr).await.expect("the same port");
        self.cut = CancellationToken::new();
        listen(listener, target, &self.shared, &self.cut);
    }
}

fn listen(listener: TcpListener, target: SocketAddr, shared: &Shared, cut: &CancellationToken) {
    let (shared, cut) = (shared.clone(), cut.clone());
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! { () = cut.cancelled() => return, a = listener.accept() => a };
            let Ok((stream, _)) = accepted else { return };
            tokio::spawn(serve(stream, target, shared.clone()));
        }
    });
}

/// A request that can move money has a connection of its own, so the first bytes tell what it is.
fn moves_money(head: &[u8]) -> bool {
    let line = String::from_utf8_lossy(head);
    let line = line.lines().next().unwrap_or_default();
    let path = line.strip_prefix("POST ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    ["/charges", "/payouts", "/cancel"].iter().any(|end| path.ends_with(end))
}

async fn serve(mut client: TcpStream, target: SocketAddr, mut shared: Shared) {
    let mut first = vec![0; 16 * 1_024];
    let Ok(count) = client.read(&mut first).await else { return };
    first.truncate(count);
    let trouble = *shared.trouble.borrow_and_update();
    let fault = if moves_money(&first) {
        *shared.money.lock().expect("a lock") += 1;
        shared.faults.lock().expect("a lock").pop().or(trouble.map(|trouble| trouble.fault))
    } else {
        trouble.filter(|trouble| trouble.queries).map(|trouble| trouble.fault)
    };
    match fault {
        Some(Fault::LoseRequest) => return reset(client),
        Some(Fault::ErrorPage) => {
            let page = "<html><body>Bad gateway</body></html>";
            let head = "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nConnection: close\r\n";
            let _ = client.write_all(format!("{head}Content-Length: {}\r\n\r\n{page}", page.len()).as_bytes()).await;
            return;
        }
        Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
        Some(Fault::TooMany(lines)) => {
            let head = format!("HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n{lines}\r\n");
            let _ = client.write_all(format!("{head}Content-Length: 0\r\n\r\n").as_bytes()).await;
            return;
        }
        _ => {}
    }
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    if server.write_all(&first).await.is_err() {
        return;
    }
    match fault {
        Some(Fault::LoseReply) => {
            let _ = server.read(&mut first).await;
            reset(client);
        }
        Some(Fault::Truncate) => {
            let count = server.read(&mut first).await.unwrap_or_default();
            let _ = client.write_all(&first[..count / 2]).await;
        }
        Some(Fault::Hang) => {
            let _ = server.read(&mut first).await;
            let mut rest = Vec::new();
            // Ends when the client gives up.
            let _ = client.read_to_end(&mut rest).await;
        }
        _ => {
            tokio::select! {
                // A kept connection must not outlive the change.
                _ = shared.trouble.changed() => {}
                _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
            }
        }
    }
}

/// A real RST, not an orderly end.
fn reset(client: TcpStream) {
    let _ = client.set_zero_linger();
    drop(client);
}
