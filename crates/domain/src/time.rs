//! Instants and spans as whole microseconds, because that is what both databases store exactly.
//! No clock is read here: "now" is always an argument.

use core::fmt;
use core::ops::{Add, Sub};

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

/// A length of time in microseconds; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

impl Time {
    /// The instant that many microseconds after 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339, such as `2026-01-31T09:30:00Z`.
    pub fn parse(text: &str) -> Option<Self> {
        let timestamp: jiff::Timestamp = text.parse().ok()?;
        Some(Self(timestamp.as_microsecond()))
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded towards the past.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of that many microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A span of that many milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis * 1_000)
    }

    /// A span of that many seconds.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds * 1_000_000)
    }

    /// The span in microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The span in whole seconds, rounded towards zero.
    pub const fn seconds(self) -> i64 {
        self.0 / 1_000_000
    }

    /// For timers, which know no negative spans: negative becomes zero.
    pub const fn to_std(self) -> core::time::Duration {
        core::time::Duration::from_micros(if self.0 > 0 { self.0.unsigned_abs() } else { 0 })
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Time {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC with milliseconds, `2026-01-31T09:30:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => write!(f, "{timestamp:.3}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_rfc_3339_in_utc() {
        assert_eq!(Time::from_micros(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Time::from_micros(1_700_000_000_123_456).to_string(), "2023-11-14T22:13:20.123Z");
        assert_eq!(Time::from_micros(i64::MAX).to_string(), format!("{}us", i64::MAX));
    }

    #[test]
    fn reads_rfc_3339_with_any_offset() {
        assert_eq!(Time::parse("2023-11-14T22:13:20.123Z"), Some(Time::from_micros(1_700_000_000_123_000)));
        assert_eq!(Time::parse("2023-11-14T23:13:20+01:00"), Some(Time::from_micros(1_700_000_000_000_000)));
        for bad in ["", "2023-11-14", "yesterday", "1700000000", "2023-11-14T22:13:20"] {
            assert_eq!(Time::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(Time::from_micros(i64::MAX) + Span::from_secs(1), Time::from_micros(i64::MAX));
        assert_eq!(Time::from_micros(5) - Time::from_micros(9), Span::from_micros(-4));
        assert_eq!(Span::from_micros(-4).to_std(), core::time::Duration::ZERO);
    }
}
