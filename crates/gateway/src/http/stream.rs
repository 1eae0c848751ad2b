//! A stream with manners: it gives up on a reader who does not read, and says goodbye before it closes.
//! Without the first a client that takes no answers would hold its connection for ever; without the second a client
//! that is still sending a body we refused would see a reset instead of the refusal.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// How long what is still coming is thrown away after the last word, so that the last word is heard.
const GOODBYE: Duration = Duration::from_secs(2);
/// How much of it, in bytes.
const GOODBYE_BYTES: usize = 4 * 1_024 * 1_024;

/// A stream on which a write that makes no progress for a while is an error.
pub(super) struct Impatient<S> {
    stream: S,
    patience: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    goodbye: Option<Goodbye>,
}

/// Our side is closed; theirs is listened to for a moment.
struct Goodbye {
    end: Pin<Box<Sleep>>,
    left: usize,
}

impl<S> Impatient<S> {
    /// Gives every write that much time to make progress.
    pub(super) const fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, stalled: None, goodbye: None }
    }

    /// Passes on what the stream says, unless it has said "not yet" for too long.
    fn judge<T>(&mut self, said: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if said.is_ready() {
            self.stalled = None;
            return said;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        match stalled.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Impatient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Impatient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.judge(said, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.judge(said, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let said = Pin::new(&mut self.stream).poll_flush(cx);
        self.judge(said, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.goodbye.is_none() {
            let said = Pin::new(&mut self.stream).poll_shutdown(cx);
            std::task::ready!(self.judge(said, cx))?;
            self.goodbye = Some(Goodbye { end: Box::pin(tokio::time::sleep(GOODBYE)), left: GOODBYE_BYTES });
        }
        let this = &mut *self;
        let Some(goodbye) = &mut this.goodbye else { return Poll::Ready(Ok(())) };
        while goodbye.left > 0 && goodbye.end.as_mut().poll(cx).is_pending() {
            let mut thrown_away = [0; 8 * 1_024];
            let mut buf = ReadBuf::new(&mut thrown_away);
            match std::task::ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => goodbye.left = goodbye.left.saturating_sub(buf.filled().len()),
                // They have closed too.
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_reader_who_never_reads_is_given_up() {
        let (ours, theirs) = tokio::io::duplex(16);
        let mut ours = Impatient::new(ours, Duration::from_millis(20));
        let error = ours.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(theirs);
    }

    #[tokio::test]
    async fn a_slow_reader_is_served_to_the_end() {
        let (ours, mut theirs) = tokio::io::duplex(16);
        let mut ours = Impatient::new(ours, Duration::from_mins(1));
        let read = tokio::spawn(async move {
            let mut all = Vec::new();
            theirs.read_to_end(&mut all).await.map(|_| all.len())
        });
        ours.write_all(&[7; 4_096]).await.unwrap();
        ours.shutdown().await.unwrap();
        drop(ours);
        assert_eq!(read.await.unwrap().unwrap(), 4_096);
    }
}
