//! A fault: a cut point, a kind, and their few numbers.
//! Which of them go together is said here and nowhere else.

use serde::{Deserialize, Serialize};

use super::cut::Cut;
use super::kind::Kind;
use super::rule::BadRule;

/// The longest delay of a reply, in milliseconds.
const MOST_DELAY_MS: u32 = 600_000;
/// The longest virtual wait, in seconds: a year.
const MOST_SECONDS: u32 = 31_536_000;
/// The most copies of a callback.
const MOST_COPIES: u8 = 10;

/// What goes wrong, and where. A number that is not said has a usual value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Where it cuts in.
    pub cut: Cut,
    /// What it does there.
    pub kind: Kind,
    /// The HTTP status of `server_error` (503) and `html` (502).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The seconds in `Retry-After` of `too_many_requests` (30) and `server_error` (no such header).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// Real milliseconds: the whole wait of `delay` (1000), the wait before each byte of `drip` (20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u32>,
    /// Virtual seconds: until `delay` replies (instead of `delay_ms`), `late` calls back, `returned` returns or
    /// `apply_after_timeout` takes effect (60).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// How often each callback of `duplicate` comes (2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copies: Option<u8>,
}

impl Fault {
    /// A fault with the usual numbers.
    #[must_use]
    pub const fn new(cut: Cut, kind: Kind) -> Self {
        Self { cut, kind, status: None, retry_after_seconds: None, delay_ms: None, seconds: None, copies: None }
    }

    /// Whether nothing at all goes wrong.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.kind == Kind::Pass && !matches!(self.cut, Cut::CallbackBeforeReply | Cut::CallbackNever)
    }

    /// Its virtual wait.
    #[must_use]
    pub fn wait_seconds(&self) -> u32 {
        self.seconds.unwrap_or(60)
    }

    /// Whether cut point, kind and numbers go together.
    pub fn check(&self) -> Result<(), BadRule> {
        let bad = |field, why: String| Err(BadRule { field, why });
        let (cut, kind) = (self.cut, self.kind);
        let fits = match cut {
            Cut::AfterReplyBeforeCallback => kind.is_aftermath() || kind == Kind::Pass,
            Cut::MidReply => {
                matches!(kind, Kind::Pass | Kind::Hang | Kind::Reset | Kind::Close | Kind::Truncated | Kind::Drip)
            }
            Cut::ApplyAfterTimeout => !kind.is_aftermath() && kind != Kind::Pass,
            _ => !kind.is_aftermath(),
        };
        if !fits {
            return bad("kind", format!("{kind} cannot happen at {cut}"));
        }
        if self.status.is_some_and(|s| !(400..=599).contains(&s)) {
            return bad("status", "must be 400 to 599".to_owned());
        }
        if self.delay_ms.is_some_and(|ms| ms > MOST_DELAY_MS) {
            return bad("delay_ms", format!("must be at most {MOST_DELAY_MS}"));
        }
        if self.seconds.into_iter().chain(self.retry_after_seconds).any(|s| s > MOST_SECONDS) {
            return bad("seconds", format!("must be at most {MOST_SECONDS}"));
        }
        if self.copies.is_some_and(|n| !(2..=MOST_COPIES).contains(&n)) {
            return bad("copies", format!("must be 2 to {MOST_COPIES}"));
        }
        Ok(())
    }
}
