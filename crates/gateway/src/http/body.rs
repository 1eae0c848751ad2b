//! Reading a body within its bounds: so many bytes, so much time.
//! What the bytes mean is the extractors' business.

use super::problem::Refused;
use api::{Code, Problem};
use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::time::Duration;

/// The largest body of the API.
pub(super) const API_MAX: usize = 1_024 * 1_024;

/// The largest body of a callback.
pub(super) const CALLBACK_MAX: usize = 64 * 1_024;

/// How long a body may take to arrive whole.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads the whole body, or says why not.
pub(super) async fn read(body: Body, max: usize) -> Result<Bytes, Refused> {
    read_within(body, max, PATIENCE).await
}

async fn read_within(body: Body, max: usize, patience: Duration) -> Result<Bytes, Refused> {
    let too_large = || Refused::from(Problem::new(Code::BodyTooLarge, format!("a body here has at most {max} bytes")));
    // What is announced as too large is not read at all.
    if axum::body::HttpBody::size_hint(&body).lower() > u64::try_from(max).unwrap_or(u64::MAX) {
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
    use axum::body::HttpBody;
    use hyper::body::Frame;
    use std::collections::VecDeque;
    use std::pin::Pin;
    use std::task::{Context, Poll};

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
