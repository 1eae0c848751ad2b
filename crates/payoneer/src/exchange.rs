//! [`Exchange`]: what came back for one request that can move money, kept as evidence; and [`Fault`], what may come instead.
//! It never holds credentials, and it draws no conclusion.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::envelope::Reply;

/// The longest part of a body that is kept, in bytes.
pub const EXCERPT_BYTES: usize = 4096;

/// Why no connection came about. In every case not one byte of the request left this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// The host's name could not be resolved.
    NameResolution,
    /// The host refused the connection.
    ConnectRefused,
    /// The connection, TLS included, was not there in time.
    ConnectTimeout,
    /// The connection failed for another reason, such as no route.
    ConnectFailed,
    /// The TLS handshake failed: not TLS, a wrong certificate, or closed in the middle of it.
    TlsHandshake,
}

impl Cause {
    /// Its name in `snake_case`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NameResolution => "name_resolution",
            Self::ConnectRefused => "connect_refused",
            Self::ConnectTimeout => "connect_timeout",
            Self::ConnectFailed => "connect_failed",
            Self::TlsHandshake => "tls_handshake",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NameResolution => "the host's name could not be resolved",
            Self::ConnectRefused => "the connection was refused",
            Self::ConnectTimeout => "the connection was not there in time",
            Self::ConnectFailed => "the connection failed",
            Self::TlsHandshake => "the TLS handshake failed",
        })
    }
}

/// Why there is no whole reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// There was no connection, so nothing was sent.
    NotConnected(Cause),
    /// Something happened to the connection before a whole reply head was there, or the head is not HTTP. How much of the
    /// request arrived is not known.
    Interrupted,
    /// The deadline passed.
    Deadline,
    /// The reply's body broke off.
    Truncated,
    /// The reply's head or body is larger than is read.
    TooLarge,
}

impl Fault {
    /// Its name in `snake_case`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotConnected(cause) => cause.name(),
            Self::Interrupted => "interrupted",
            Self::Deadline => "deadline",
            Self::Truncated => "truncated",
            Self::TooLarge => "too_large",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConnected(cause) => cause.fmt(f),
            Self::Interrupted => f.pad("the connection was lost, or the reply is not HTTP"),
            Self::Deadline => f.pad("the deadline passed"),
            Self::Truncated => f.pad("the reply broke off"),
            Self::TooLarge => f.pad("the reply is too large"),
        }
    }
}

/// The record of one request that can move money.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Exchange {
    /// The HTTP status, if a reply's head came.
    pub http_status: Option<u16>,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
    /// The header `Date`, as sent; it tells how far the clocks are apart.
    pub date: Option<String>,
    /// The header `Retry-After`, in seconds; a date is counted from the reply's own `Date`.
    pub retry_after_seconds: Option<u64>,
    /// The beginning of the body, at most [`EXCERPT_BYTES`]; credentials in it are masked, foreign bytes replaced.
    pub body_excerpt: String,
    /// How many bytes of the body came.
    pub body_bytes: u64,
    /// What went wrong on the way, if anything did.
    pub fault: Option<Fault>,
}

impl Exchange {
    /// The record of a whole reply; for tests and simulations, which have no connection.
    pub fn of_reply(reply: &Reply) -> Self {
        Self {
            http_status: Some(reply.http_status),
            content_type: reply.content_type.clone(),
            date: None,
            retry_after_seconds: reply.retry_after_seconds,
            body_excerpt: excerpt(&reply.body),
            body_bytes: u64::try_from(reply.body.len()).unwrap_or(u64::MAX),
            fault: None,
        }
    }

    /// The record of a request that got no reply; for tests and simulations.
    pub fn of_fault(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }
}

/// The beginning of a body as text, at most [`EXCERPT_BYTES`].
pub(crate) fn excerpt(body: &[u8]) -> String {
    let head = &body[..body.len().min(EXCERPT_BYTES)];
    cut_excerpt(&String::from_utf8_lossy(head)).to_owned()
}

/// The beginning of a text, at most [`EXCERPT_BYTES`], cut between characters.
pub(crate) fn cut_excerpt(text: &str) -> &str {
    &text[..text.floor_char_boundary(EXCERPT_BYTES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_bounded_text_whatever_the_bytes() {
        assert_eq!(excerpt(b"a\xffb"), "a\u{fffd}b");
        assert!(excerpt(&[0xff; 10_000]).len() <= EXCERPT_BYTES);
        assert_eq!(excerpt(&vec![b'x'; 10_000]).len(), EXCERPT_BYTES);
    }

    #[test]
    fn a_record_survives_storage() {
        let record = Exchange {
            fault: Some(Fault::NotConnected(Cause::TlsHandshake)),
            ..Exchange::of_reply(&Reply::json(200, "{}"))
        };
        let stored = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Exchange>(&stored).unwrap(), record);
    }
}
