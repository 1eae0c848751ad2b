//! What a fault does where it cuts in.
//! Names only; what each means for a connection is in `act.rs`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The reply comes as it should.
    Pass,
    /// The connection stays open and silent until the client gives up.
    Hang,
    /// The connection is reset (RST).
    Reset,
    /// The connection is closed in order (FIN).
    Close,
    /// The head and half of the body, then the connection is closed.
    Truncated,
    /// HTTP 200 with a body that is not JSON.
    Garbage,
    /// HTTP 429 with `Retry-After`.
    TooManyRequests,
    /// HTTP 503, or another status from 500 on.
    ServerError,
    /// A page of HTML under HTTP 502, or another status.
    Html,
    /// HTTP 404 with the body `{}`.
    EmptyNotFound,
    /// The reply comes byte by byte.
    Drip,
    /// The reply comes late.
    Delay,
    /// The payment's callbacks come late.
    Late,
    /// The payment's callbacks come more than once.
    Duplicate,
    /// A false callback with a wrong signature says that all is done.
    Forged,
    /// The payment fails later, after it was accepted.
    Fails,
    /// The payment is returned after it was transferred.
    Returned,
    /// The payment stays pending.
    Stuck,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::Pass,
        Self::Hang,
        Self::Reset,
        Self::Close,
        Self::Truncated,
        Self::Garbage,
        Self::TooManyRequests,
        Self::ServerError,
        Self::Html,
        Self::EmptyNotFound,
        Self::Drip,
        Self::Delay,
        Self::Late,
        Self::Duplicate,
        Self::Forged,
        Self::Fails,
        Self::Returned,
        Self::Stuck,
    ];

    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Hang => "hang",
            Self::Reset => "reset",
            Self::Close => "close",
            Self::Truncated => "truncated",
            Self::Garbage => "garbage",
            Self::TooManyRequests => "too_many_requests",
            Self::ServerError => "server_error",
            Self::Html => "html",
            Self::EmptyNotFound => "empty_not_found",
            Self::Drip => "drip",
            Self::Delay => "delay",
            Self::Late => "late",
            Self::Duplicate => "duplicate",
            Self::Forged => "forged",
            Self::Fails => "fails",
            Self::Returned => "returned",
            Self::Stuck => "stuck",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }

    /// Whether it concerns what follows the reply rather than the reply.
    #[must_use]
    pub fn is_aftermath(self) -> bool {
        matches!(self, Self::Late | Self::Duplicate | Self::Forged | Self::Fails | Self::Returned | Self::Stuck)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
