//! Reading a body within its bounds: so many bytes, so much time.
//! What the bytes mean is the extractors' business.

use super::problem::Refused;
use api::{Code, Problem};
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// The largest body of the API.
pub(super) const API_MAX: usize = 1_024 * 1_024;

/// The largest body of a callback.
pub(super) const CALLBACK_MAX: usize = 64 * 1_024;

/// How long a body may take to arrive whole.
const PATIENCE: Duration = Duration::from_secs(20);

/// A body that notes whether it was taken to its end.
pub(super) struct Watched {
    body: Body,
    is_taken: Taken,
}

/// Whether a request's body was taken to its end. A connection with something left in it cannot be used again.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken(Arc<AtomicBool>);

impl Taken {
    /// Whether it was.
    pub(super) fn is_whole(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Watches whether the body is taken to its end; an empty one is at it.
pub(super) fn watch(body: Body) -> (Body, Taken) {
    let is_taken = Taken::default();
    if body.is_end_stream() {
        is_taken.note();
        return (body, is_taken);
    }
    (Body::new(Watched { body, is_taken: is_taken.clone() }), is_taken)
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.is_taken.note();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Reads the whole body, or says why not.
pub(super) async fn read(body: Body, max: usize) -> Result<Bytes, Refused> {
    read_within(body, max, PATIENCE).await
}

async fn read_within(body: Body, max: usize, patience: Duration) -> Result<Bytes, Refused> {
    let too_large = || Refused::from(Problem::new(Code::BodyTooLarge, format!("a body here has at most {max} bytes")));
    // What is announced as too large is not read at all.
    if body.size_hint().lower() > u64::try_from(max).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    match tokio::time::timeout(patience, Limited::new(body, max).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Problem::new(Code::BadRequest, "the body ended early or its framing is wrong").into()),
        Err(_) => Err(Problem::new(Code::RequestTimeout, "the body did not arrive in time").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// Sends its pieces and then nothing more, without ever ending.
    struct Endless(VecDeque<Result<&'static [u8], std::io::Error>>);

    impl HttpBody for Endless {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
            match self.0.pop_front() {
                Some(piece) => Poll::Ready(Some(piece.map(|bytes| Frame::data(Bytes::from_static(bytes))))),
                None => Poll::Pending,
            }
        }
    }

    async fn code(body: Body) -> Code {
        read_within(body, 8, Duration::from_millis(20)).await.unwrap_err().problem.code
    }

    #[tokio::test]
    async fn a_body_within_its_bounds_is_read_whole() {
        assert_eq!(read(Body::from("12345678"), 8).await.unwrap(), "12345678");
        assert_eq!(read(Body::empty(), 8).await.unwrap(), "");
    }

    #[tokio::test]
    async fn what_is_left_in_a_body_is_noticed() {
        let (empty, taken) = watch(Body::empty());
        assert!(taken.is_whole() && empty.is_end_stream());
        let (body, taken) = watch(Body::from("12345678"));
        assert!(!taken.is_whole());
        read(body, 8).await.unwrap();
        assert!(taken.is_whole());
        let (body, taken) = watch(Body::from("123456789"));
        assert!(read(body, 8).await.is_err() && !taken.is_whole());
    }

    #[tokio::test]
    async fn too_much_too_slow_and_broken_are_told_apart() {
        assert_eq!(code(Body::from("123456789")).await, Code::BodyTooLarge);
        let endless = |pieces: Vec<_>| Body::new(Endless(pieces.into()));
        assert_eq!(code(endless(vec![Ok(b"12345"), Ok(b"67890")])).await, Code::BodyTooLarge);
        assert_eq!(code(endless(vec![Ok(b"1")])).await, Code::RequestTimeout);
        assert_eq!(
            code(endless(vec![Ok(b"1"), Err(std::io::ErrorKind::UnexpectedEof.into())])).await,
            Code::BadRequest
        );
    }
}
