//! A line between gateway and sandbox that can lose what goes over it: real sockets, real resets.
//! Queries always pass; only requests that can move money are hit, and only as often as was said.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
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
}

/// The line.
pub struct Line {
    addr: SocketAddr,
    faults: Arc<Mutex<Vec<Fault>>>,
    money: Arc<Mutex<usize>>,
    cut: CancellationToken,
}

impl Line {
    /// A line to that address that loses nothing.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let (faults, money, cut) = (Arc::default(), Arc::default(), CancellationToken::new());
        let (f, m, c) = (Arc::clone(&faults), Arc::clone(&money), cut.clone());
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! { () = c.cancelled() => return, a = listener.accept() => a };
                let Ok((stream, _)) = accepted else { return };
                let (f, m) = (Arc::clone(&f), Arc::clone(&m));
                tokio::spawn(async move { serve(stream, target, &f, &m).await });
            }
        });
        Self { addr, faults, money, cut }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The next money requests are hit, in this order; then all is well again.
    pub fn hit(&self, faults: &[Fault]) {
        self.faults.lock().expect("a lock").splice(.., faults.iter().copied().rev());
    }

    /// How many requests that can move money were seen.
    pub fn money_requests(&self) -> usize {
        *self.money.lock().expect("a lock")
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
        let (f, m, c) = (Arc::clone(&self.faults), Arc::clone(&self.money), self.cut.clone());
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! { () = c.cancelled() => return, a = listener.accept() => a };
                let Ok((stream, _)) = accepted else { return };
                let (f, m) = (Arc::clone(&f), Arc::clone(&m));
                tokio::spawn(async move { serve(stream, target, &f, &m).await });
            }
        });
    }
}

/// A request that can move money has a connection of its own, so the first bytes tell what it is.
fn moves_money(head: &[u8]) -> bool {
    let line = String::from_utf8_lossy(head);
    let line = line.lines().next().unwrap_or_default();
    let path = line.strip_prefix("POST ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
    ["/charges", "/payouts", "/cancel"].iter().any(|end| path.ends_with(end))
}

async fn serve(mut client: TcpStream, target: SocketAddr, faults: &Mutex<Vec<Fault>>, money: &Mutex<usize>) {
    let mut first = vec![0; 16 * 1_024];
    let Ok(count) = client.read(&mut first).await else { return };
    first.truncate(count);
    let fault = if moves_money(&first) {
        *money.lock().expect("a lock") += 1;
        faults.lock().expect("a lock").pop()
    } else {
        None
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
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        }
    }
}

/// A real RST, not an orderly end.
fn reset(client: TcpStream) {
    let _ = client.set_zero_linger();
    drop(client);
}
