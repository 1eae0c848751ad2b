//! Where real time and real randomness come in: the only file of this crate that asks the operating system.
//! Everything else is told.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::world::Time;

/// The machine's time.
#[must_use]
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A seed that nobody chose, small enough to be a whole number in any reader of JSON.
pub(crate) fn seed() -> Result<u64, getrandom::Error> {
    getrandom::u64().map(|seed| seed >> 11)
}

/// Hexadecimal text of so many times 64 random bits, for cookies and secrets; nothing when the system gives no randomness.
#[must_use]
pub(crate) fn unguessable(words: usize) -> Option<String> {
    let text: Result<String, _> = (0..words).map(|_| getrandom::u64().map(|word| format!("{word:016x}"))).collect();
    text.inspect_err(|error| tracing::error!(%error, "the operating system gives no random numbers")).ok()
}
