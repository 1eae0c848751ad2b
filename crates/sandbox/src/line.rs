//! What a handler may do with the connection that its request came on, beyond answering: write raw bytes and end it, and
//! notice that its peer has left. The socket itself stays with the server.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::faults::End;

/// The longest that a silent connection is kept open.
const LONGEST_HANG: Duration = Duration::from_mins(10);
/// The longest that a peer may take to accept what is written.
const LONGEST_WRITE: Duration = Duration::from_mins(2);
/// How much a peer may still send on a connection that is silent.
const MOST_SWALLOWED: usize = 1024 * 1024;
/// The pause between two looks at a peer that has sent more than was asked for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What to do with a connection instead of answering over HTTP.
#[derive(Debug)]
pub(crate) struct Play {
    /// What is written first, as it is.
    pub(crate) bytes: Vec<u8>,
    /// The wait before each byte; nothing: all at once.
    pub(crate) pace: Option<Duration>,
    /// How the connection ends.
    pub(crate) end: End,
}

/// A handler's hold on its connection.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    plays: mpsc::Sender<Play>,
    /// A second handle of the socket, to look at alone.
    window: Arc<TcpStream>,
}

impl Line {
    /// A hold, and where the server hears what it is used for.
    pub(crate) fn new(window: TcpStream) -> (Self, mpsc::Receiver<Play>) {
        let (plays, receiver) = mpsc::channel(1);
        (Self { plays, window: Arc::new(window) }, receiver)
    }

    /// Waits until the peer has closed the connection, or at least its own direction of it.
    pub(crate) async fn gone(&self) {
        loop {
            match self.window.peek(&mut [0]).await {
                Ok(0) | Err(_) => return,
                Ok(_) => tokio::time::sleep(BETWEEN_LOOKS).await,
            }
        }
    }

    /// Hands the connection over to `play`. Never returns: the server drops the handler with the connection.
    pub(crate) async fn play(self, play: Play) -> Response {
        // One request at a time is under way on a connection, so there is always room for its play.
        let _ = self.plays.send(play).await;
        std::future::pending().await
    }
}

impl Play {
    /// Does it.
    pub(crate) async fn perform(self, mut stream: TcpStream) {
        let written = tokio::time::timeout(LONGEST_WRITE, self.write(&mut stream)).await;
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
        match self.end {
            // Dropping the stream sends the FIN.
            End::Close => drop(stream.shutdown().await),
            // With no time to linger, dropping the stream sends a RST.
            End::Reset => drop(stream.set_zero_linger()),
            End::Hang => drop(tokio::time::timeout(LONGEST_HANG, silence(&mut stream)).await),
        }
    }

    async fn write(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        let Some(pace) = self.pace else { return stream.write_all(&self.bytes).await };
        for byte in &self.bytes {
            tokio::time::sleep(pace).await;
            stream.write_all(std::slice::from_ref(byte)).await?;
        }
        Ok(())
    }
}

/// Waits until the peer gives up.
async fn silence(stream: &mut TcpStream) {
    let (mut buffer, mut seen) = ([0_u8; 1024], 0);
    while seen <= MOST_SWALLOWED {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => seen += read,
        }
    }
}
