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

/// A seed that nobody chose.
pub(crate) fn seed() -> Result<u64, getrandom::Error> {
    getrandom::u64()
}
