//! Reading request bodies whole, bounded in size and time.
//! What they mean is said elsewhere.

use std::time::Duration;

use axum::body::{Body, Bytes};
use bytes::BytesMut;
use http_body_util::BodyExt;

/// How long a body may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How much of a body that is too large is still read, so that the caller gets to see the answer.
const MOST_SWALLOWED: usize = 16 * 1024 * 1024;

/// How reading a body ended.
pub(super) enum Read {
    /// All of it.
    Whole(Bytes),
    /// It is larger than it may be.
    TooLarge,
    /// It broke off, or took too long.
    Broken,
}

/// Reads `body` whole when it has at most `most` bytes.
pub(super) async fn read(mut body: Body, most: usize) -> Read {
    let reading = async {
        let (mut kept, mut seen) = (BytesMut::new(), 0_usize);
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Read::Broken };
            let Ok(chunk) = frame.into_data() else { continue };
            seen = seen.saturating_add(chunk.len());
            if seen <= most {
                kept.extend_from_slice(&chunk);
            } else if seen > most.saturating_add(MOST_SWALLOWED) {
                break;
            }
        }
        if seen <= most { Read::Whole(kept.freeze()) } else { Read::TooLarge }
    };
    tokio::time::timeout(TIMEOUT, reading).await.unwrap_or(Read::Broken)
}
