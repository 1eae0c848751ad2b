//! What a fault means for a connection: which reply, how much of it, at what pace, and how the connection ends.
//! Pure: the server carries it out.

use super::cut::Cut;
use super::fault::Fault;
use super::kind::Kind;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In order, with a FIN.
    Close,
    /// With a RST.
    Reset,
    /// Not, until the client gives up.
    Hang,
}

/// How much of the reply goes out, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carry {
    /// All, at once.
    Whole,
    /// All, after so many real milliseconds.
    AfterMillis(u32),
    /// All, after so many virtual seconds.
    AfterSeconds(u32),
    /// All, one byte each so many real milliseconds.
    Drip(u32),
    /// The head and half of the body, and then this.
    Half(End),
    /// Not a byte.
    Nothing(End),
}

/// A reply that a fault makes up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `Retry-After` in seconds.
    pub retry_after_seconds: Option<u32>,
    /// The body.
    pub body: String,
}

/// What to do with a call's connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The reply instead of the true one.
    pub made: Option<Made>,
    /// How it goes out.
    pub carry: Carry,
    /// Whether due callbacks are sent first.
    pub callbacks_first: bool,
}

const JSON: &str = "application/json; charset=utf-8";

impl Fault {
    /// What it means for the connection.
    #[must_use]
    pub fn act(&self) -> Act {
        let carry = match self.kind {
            Kind::Hang => self.broken(End::Hang),
            Kind::Reset => self.broken(End::Reset),
            Kind::Close => self.broken(End::Close),
            Kind::Truncated => Carry::Half(End::Close),
            Kind::Drip => Carry::Drip(self.delay_ms.unwrap_or(20)),
            Kind::Delay => match self.seconds {
                Some(seconds) => Carry::AfterSeconds(seconds),
                None => Carry::AfterMillis(self.delay_ms.unwrap_or(1_000)),
            },
            _ => Carry::Whole,
        };
        Act { made: self.made(), carry, callbacks_first: self.cut == Cut::CallbackBeforeReply }
    }

    fn broken(&self, end: End) -> Carry {
        if self.cut == Cut::MidReply { Carry::Half(end) } else { Carry::Nothing(end) }
    }

    fn made(&self) -> Option<Made> {
        let made = |status: u16, content_type, body: String| {
            Some(Made { status, content_type, retry_after_seconds: self.retry_after_seconds, body })
        };
        let json =
            |status: u16, words: &str| made(status, JSON, format!(r#"{{"code":{status},"description":"{words}"}}"#));
        match self.kind {
            Kind::Garbage => made(200, JSON, "\u{fffd}\u{0}{\"code\":0,,,<not json".to_owned()),
            Kind::TooManyRequests => json(429, "Too Many Requests")
                .map(|m| Made { retry_after_seconds: Some(self.retry_after_seconds.unwrap_or(30)), ..m }),
            Kind::ServerError => json(self.status.unwrap_or(503), "Service Unavailable"),
            Kind::Html => {
                let status = self.status.unwrap_or(502);
                let page = format!(
                    "<html><head><title>{status}</title></head><body><h1>{status} Bad Gateway</h1></body></html>\n"
                );
                made(status, "text/html; charset=utf-8", page)
            }
            Kind::EmptyNotFound => made(404, JSON, "{}".to_owned()),
            // Nothing true can be said of a call that was not carried out.
            _ if !self.cut.applies() => json(503, "Service Unavailable"),
            _ => None,
        }
    }
}
